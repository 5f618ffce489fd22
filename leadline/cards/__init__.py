"""One row per lead: what lists, Today and search read, and nothing else does.

Owns: cards (a projection that `flow` writes at the end of every pass, in the same transaction)
and saved views. `doctor` rebuilds the projection and compares.
Must not know: how any of its columns came about.
"""
