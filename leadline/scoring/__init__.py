"""How well a lead fits and how engaged it is, each point with its rule and its events.

Owns: score models and their versions, the current score of each lead, every score change.
A score is a pure function of (model version, traits, events, instant); its lines always add up.
Must not know: stages, owners, or what is done about a score.
"""
