"""Where a lead stands and why.

Owns: lifecycle versions (stage definitions and temperature as criteria), each lead's standing,
every stage change.
Must not know: who owns the lead or what is sent to it.
"""
