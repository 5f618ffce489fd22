"""A draft to be edited, its form, and what the analyst says of it."""

from typing import Any

from django.test import Client

from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.web import score_edits

ANSWER: dict[str, Any] = {
    "published": {
        "model": "M", "version": 1, "horizon_days": 90, "instants": [1, 2], "leads": 1_300,
        "outcomes": 85, "has_signal": True, "sentence": "Leads with more points win more often.",
        "bands": [
            {"from": 0, "to": 30, "leads": 900, "won": 20, "rate": 0.0222, "low": 0.0144,
             "high": 0.0341, "lift": 0.34},
            {"from": 30, "to": None, "leads": 400, "won": 65, "rate": 0.1625, "low": 0.1297,
             "high": 0.2017, "lift": 2.49},
        ],
        "roc_auc": 0.8, "pr_auc": 0.3, "brier": 0.05,
        "distribution": [{"from": 0, "leads": 900}, {"from": 30, "leads": 400}],
        "advice": {"line": None, "sentence": "not enough data: 14 of 30 conversions"},
    },
    "crossing": None,
    "lake_us": 1_790_000_000_000_000,
}  # fmt: skip
ANSWER["draft"] = ANSWER["published"] | {
    "distribution": [{"from": 0, "leads": 860}, {"from": 30, "leads": 440}],
}


def draft_of(client: Client) -> ScoreModelVersion:
    model = ScoreModel.objects.get(is_default=True)
    answer = client.post(f"/scoring/models/{model.pk}/draft")
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return ScoreModelVersion.objects.get(state="draft")


def form(draft: ScoreModelVersion, **changed: str) -> dict[str, str]:
    """What the page of the draft posts when these fields were changed."""
    return {"seen": str(draft.revision), "shape": score_edits.shape(draft.document), **changed}
