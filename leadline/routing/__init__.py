"""Who takes a lead, and by when.

Owns: calendars, absences, SLA policies, routing rules, rotations, assignments, response clocks,
notifications, what each person has chosen to be told and which leads they follow.
Must not know: how a message leaves the house; `flow` hands notifications to `delivery`.
"""
