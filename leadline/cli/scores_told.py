"""What a comparison of all scores says, for machines and for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from leadline.lib import clock
from leadline.scoring import queries

Found = Mapping[str, Any]  # JSON, as `analytics.scores_check` describes

REASONS = {
    "merged": "merged since",
    "unmerged": "were one with another then",
    "restored": "lay in the trash then",
    "due": "due and not looked at yet",
    "rescoring": "not yet scored by this version",
}


def result(found: Found) -> dict[str, object]:
    """The answer with instants in ISO 8601 and points."""
    return {
        "as_of": _instant(found["as_of_us"]),
        "lake_at": _instant(found["lake_us"]),
        "engine": found["engine"],
        "model": found["model"],
        "version": found["version"],
        "computed": found["compared"],
        "differing": found["differing"],
        "examples": [
            {"lead": each["lead"], **{name: _points(each[name]) for name in ("stored", "expected")}}
            for each in found["examples"]
        ],
        "left_out": found["left_out"],
        "seconds": found["seconds"],
    }


def lines(found: Found) -> Iterator[str]:
    """A sentence, who was left out, and up to twenty leads that differ."""
    said = result(found)
    yield (
        f"{said['computed']} scores compared as of {said['as_of']} ({said['model']}, version "
        f"{said['version']}, {said['engine']}), {said['differing']} differ."
    )
    for reason, count in found["left_out"].items():
        yield f"  left out: {count} {REASONS.get(reason, reason)}"
    for each in found["examples"]:
        stored, expected = _points(each["stored"]), _points(each["expected"])
        if stored is None or expected is None:
            yield f"  {each['lead']}: no score is stored, expected {expected}"
            continue
        wrong = [
            f"{name} {stored[name]} → {expected[name]}"
            for name in expected
            if stored[name] != expected[name]
        ]
        yield f"  {each['lead']}: {', '.join(wrong)}"


def _points(score: Mapping[str, int] | None) -> dict[str, int | float] | None:
    if score is None:
        return None
    return {name: queries.points(micro) for name, micro in score.items()}


def _instant(at_us: int | None) -> str | None:
    return None if at_us is None else clock.from_micros(at_us).isoformat()
