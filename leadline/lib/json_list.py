"""A list of texts as it stands in a column as JSON, and how to find a member of it there."""

import msgspec


def marks(member: str) -> tuple[str, str]:
    """Two texts of which a stored list contains one if and only if it has this member.

    The quotes keep `erp` apart from `erp_2`, and what stands before them keeps `k` apart from the
    end of `s"k`, where JSON writes a backslash.
    """
    text = msgspec.json.encode(member).decode()
    return f"[{text}", f",{text}"
