"""The steps in order, and nothing else.

`intake` is what happens to what arrives, `reactions` what a change causes, `timers` what is due.
Owns: checkups (when to look at a lead again); bulk actions, with what each did to which lead.
"""
