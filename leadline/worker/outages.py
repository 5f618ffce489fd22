"""Whether an error tells of the database's ground, and nothing of what was being worked on."""

# PostgreSQL's classes and states: connection lost, read only, disk full, too many connections, the
# administrator stops it, input/output. Not all of class 53 and 54: a row can ask for too much.
_STATES = ("08", "25006", "53100", "53300", "57P", "58")
# SQLite: busy, locked, read only, input/output, full, cannot be opened.
_CODES = frozenset({5, 6, 8, 10, 13, 14})


def is_one(error: BaseException) -> bool:
    """Would any other row have failed as well? Looks at what the engine said, not at words."""
    cause = error.__cause__ or error
    state, code = getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorcode", None)
    # The low byte; the others say more of the same.
    is_of_sqlite = isinstance(code, int) and code & 0xFF in _CODES
    return is_of_sqlite or (isinstance(state, str) and state.startswith(_STATES))
