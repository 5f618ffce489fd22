"""Versions of score models as no verb leaves them: written over after they were published."""

from typing import Any

from leadline.scoring.models import ScoreModelVersion


def write_over(version: ScoreModelVersion, document: dict[str, Any]) -> None:
    """Let a published version say this. The database allows it of a draft alone."""
    rows = ScoreModelVersion.objects.filter(pk=version.pk)
    rows.update(state="draft", effective_at=None)
    rows.update(document=document, state=version.state, effective_at=version.effective_at)
