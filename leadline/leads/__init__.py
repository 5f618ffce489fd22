"""Which person this is.

Owns: leads, companies, bindings (identifier to lead, opened and closed), trait values with their
provenance (append-only), merges. Events hang on bindings, so a merge moves bindings and rewrites
no history, and undoing it moves them back.
Must not know: what happened (timeline) or what it is worth (scoring).
"""
