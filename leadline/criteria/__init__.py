"""The rule language: one grammar for scores, temperature, stages, segments and routing.

It knows how a rule is written (`parse`, `schema`, `canonical`), what it says in words
(`sentence`), what it asks for (`mentions`), and whether it holds for one lead at one instant and
until when (`evaluate`). A lead is seen only through a frozen `snapshot`.

It owns no rows. It must not know the clock, the database, Django, or which packages supply the
facts in a snapshot; the one exception is `lists`, which turns a rule into a filter over cards.
"""
