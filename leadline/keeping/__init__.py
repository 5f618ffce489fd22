"""Keeping what has been gathered: backups, restores, upgrades that can be taken back, moving.

Owns no rows: a backup is a folder with a manifest, beside the data and readable without us.
Knows how each database engine is copied while it is written to, and what must hold in a copy.
Must not know: what a lead means; whether a copy agrees with itself is `flow.doctor`'s to say.
"""
