"""Saved groups of leads: lists that people put together, and segments that a rule fills.

Owns: segments, the versions of their rules, who is in them, and who entered and left, when and why.
Must not know: what is done with a group (routing, sending); rules name it by its key.
"""
