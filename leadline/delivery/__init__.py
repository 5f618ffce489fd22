"""The one gate that every outgoing message passes.

Owns: the outbox, the devices that take pushes, whether the sender has been
tested, the acknowledgement text.
A message is handed to the mail server at most once; what cannot be known is said to be unknown.
Must not know: why a message is sent.
"""
