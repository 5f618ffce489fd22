"""Saved groups of leads: so far lists whose members people choose.

Owns: segments, and which leads are on them, put there by whom and when.
Must not know: what is done with a group (routing, sending); rules name it by its name.
"""
