"""Takes what arrives and knows no lead.

Owns: the inbox, submissions, forms, pages, imports, what was seen before, what was parked or
dropped. The inbox is append-only: what is acknowledged is on stable storage.
Must not know: who a submission comes from; `leads` finds that out.
"""
