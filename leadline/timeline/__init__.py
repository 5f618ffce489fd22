"""What happened, append-only.

Owns: events (each on exactly one binding), touches (where a visit came from), the count of events
per binding and day.
Must not know: which lead a binding belongs to when it writes; readers join through bindings.
"""
