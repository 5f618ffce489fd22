"""The REST interface under `/api/v1` and the Segment door under `/v1`: translate, one call.

Knows: requests, keys, scopes, problem documents, the shape of each answer. Owns no rows.
Must not know: the screens; how anything it answers with came about.
"""
