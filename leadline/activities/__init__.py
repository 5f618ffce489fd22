"""What people do with a lead: calls, mails, notes, tasks, and putting one off until later.

Owns: activities, tasks and their changes, snoozes, files (rows, and what lies in `media/files` of
the data folder).
Must not know: stages or scores; `flow` tells them about a first response.
"""
