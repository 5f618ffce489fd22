"""Which segments would tell of a lead what their reader may not know of it."""

from collections.abc import Collection

from leadline.criteria import documents
from leadline.segments import dynamic, rules


def telling(hidden: Collection[str]) -> frozenset[str]:
    """The keys of the segments whose rules ask for one of these traits, at any remove.

    To be in one is to have the value. No query without a hidden trait, else one.
    """
    if not hidden:
        return frozenset()
    written = dynamic.documents()
    found = {
        key
        for key, document in written.items()
        if any(each.get("trait") in hidden for each in documents.objects(document))
    }
    before = 0
    while len(found) > before:
        before = len(found)
        found |= {key for key, document in written.items() if rules.named_in(document) & found}
    return frozenset(found)
