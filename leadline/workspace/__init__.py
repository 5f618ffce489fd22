"""Who is asking, and what they may do.

Owns: the workspace's settings, users, teams, API keys, write keys, declared fields, jobs, leases.
Must not know: leads or anything that happens to them.
"""
