"""Does what is waiting: the inbox, timers, outgoing messages, jobs, imports.

Four lanes that never wait for each other (`loop`, `sending`, `jobs`, `bulk`), the supervisor of
`leadline serve` and the one `except Exception` of the house.
Owns no rows: jobs and leases are the workspace's, messages delivery's, the inbox capture's.
Must not know: what a submission means; it makes one call to `flow` and looks at the outcome.
"""
