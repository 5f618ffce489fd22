"""What people do with a lead: calls, mails, notes, and putting one off until later.

Owns: activities, snoozes.
Must not know: stages or scores; `flow` tells them about a first response.
"""
