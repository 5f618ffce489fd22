"""What the whole house shares: plain values and the few doors to the outside world.

Knows: time, ids, e-mail addresses, phone numbers, names, text, money, durations, web addresses,
channels, JSON, CSV, signed tokens, set-based SQL and the one HTTP client. One noun per file.

Owns no rows.

Must not know: Django, any other package of Leadline, leads, or who is asking. Functions are
pure unless their docstring says otherwise; `clock.now`, `ids`, `rows` and `http_client` are the
only ones that look outside. Everything that identifies a person is canonicalised here, once,
before every comparison, so that two spellings of one address can never be two people.
"""
