"""The rule language as JSON Schema, with the names that this workspace knows."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router

from leadline.api import callers, reading
from leadline.criteria import schema, uses
from leadline.criteria.vocabulary import Vocabulary
from leadline.flow import rulebook
from leadline.scoring import schema as scoring

router = Router(tags=["Rules"])
Document = dict[str, Any]  # JSON
Use = Literal["score", "temperature", "stage", "segment", "routing", "list"]
_USES = {
    "score": uses.SCORE, "temperature": uses.TEMPERATURE, "stage": uses.STAGE,
    "segment": uses.SEGMENT, "routing": uses.ROUTING, "list": uses.LIST,
}  # fmt: skip


@router.get(
    "/schema/criterion", response={200: Document, **reading.PROBLEMS},
    summary="The schema of a criterion",
)  # fmt: skip
def get_criterion(
    request: HttpRequest,
    use: Annotated[Use, Query(description="Where it stands: what it may ask for")] = "segment",
) -> Document:
    """JSON Schema (draft 2020-12) over the fields that you may see."""
    return schema.schema(_words(request, "use"), allowed=_USES[use])


@router.get(
    "/schema/score-model", response={200: Document, **reading.PROBLEMS},
    summary="The schema of a score model",
)  # fmt: skip
def get_score_model(request: HttpRequest) -> Document:
    """JSON Schema (draft 2020-12) over the fields that you may see."""
    return scoring.score_model(_words(request))


def _words(request: HttpRequest, *known: str) -> Vocabulary:
    caller = callers.of(request, scope="leads:read", action="see_leads", known=known)
    hidden, words = callers.hidden_from(caller), rulebook.vocabulary()
    traits = {name: kind for name, kind in words.traits.items() if name not in hidden}
    return replace(words, traits=traits)
