"""May we keep it, may we use it.

Owns: consents and suppressions, both by identifier (kind and canonical value) and never by lead,
so that a merge rewrites nothing; the exact texts people saw.
Must not know: leads, events, or how a message is sent.
"""
