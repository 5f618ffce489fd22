"""A playbook put together: read a folder, apply it in one transaction, export it, compare it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from django.db import transaction

from leadline.capture import playbook as capture
from leadline.cards import playbook as cards
from leadline.criteria.errors import CriterionError
from leadline.criteria.vocabulary import FACTS, Kind, Vocabulary
from leadline.delivery import playbook as delivery
from leadline.flow import rescoring
from leadline.lifecycle import playbook as lifecycle
from leadline.playbooks import differences, folder, translation
from leadline.playbooks.folder import PlaybookError
from leadline.playbooks.models import AppliedPlaybook
from leadline.privacy import playbook as privacy
from leadline.routing import playbook as routing
from leadline.scoring import playbook as scoring
from leadline.scoring import publishing
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.segments import playbook as segments
from leadline.segments.lists import NotAList
from leadline.workspace import fields as field_rows
from leadline.workspace import playbook as workspace
from leadline.workspace import settings
from leadline.workspace.models import Workspace

T = TypeVar("T")

LIFECYCLE_FACTS: Mapping[str, Kind] = {**FACTS, "shows_interest": "boolean"}
"""Besides what the language knows: whether a lead has acted (false for a target)."""

_AT = re.compile(r"^(.*) - at `\$(.*)`$", re.DOTALL)


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`playbook.yaml`: what the folder is called and which score model counts."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]
    title: str
    version: int
    score_model: str
    summary: str = ""


class Playbook(msgspec.Struct, frozen=True):
    """All parts, read and checked against each other."""

    fields: workspace.Fields
    consents: privacy.Consents
    forms: capture.Forms
    pages: capture.Pages
    scoring: scoring.Models
    lifecycle: lifecycle.Lifecycle
    calendars: routing.Calendars
    segments: segments.Segments
    sla: routing.Policies
    routing: routing.Routing
    acknowledgement: delivery.Acknowledgement
    views: cards.Views


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied, and what it changed, in sentences (none on a second run)."""

    name: str
    digest: str
    changes: tuple[str, ...]


def apply(source: str | Path, *, now: datetime) -> Applied:
    """Bring the workspace to what the folder (or the shipped playbook of that name) says.

    One transaction; a second run changes nothing. What the folder does not name is left alone,
    except rules, policies and everybody's views, whose lists are replaced as a whole. Raises
    PlaybookError with file and path, and then nothing has changed.
    """
    place = folder.find(source)
    title, wanted = read(place, language=_language(place))
    digest = sha256(msgspec.json.encode(wanted, order="sorted")).hexdigest()
    with transaction.atomic():
        changes = tuple(_differences(export(), wanted))
        if changes:
            counted = _in_force(now)
            _apply_parts(wanted, now=now)
            counts = _in_force(now)
            if counted is not None and counts is not None and counted.pk != counts.pk:
                rescoring.later(counts, now=now)
            settings.rules_changed()
            AppliedPlaybook.objects.create(name=title.name, digest=digest, applied_at=now)
    return Applied(title.name, digest, changes)


def read(place: Path, *, language: str = "en") -> tuple[Title, Playbook]:
    """The playbook in a folder, every part checked; raises PlaybookError with file and path.

    What people read in a shipped one is translated into the language.
    """
    part = partial(_part, place=place, language=language)
    title = part("playbook.yaml", reader=lambda doc: msgspec.convert(doc, Title))
    fields = part("fields.yaml", reader=workspace.read)
    consents = part("consents.yaml", reader=privacy.read)
    known = vocabulary(fields)
    forms = part(
        "forms.yaml",
        reader=lambda doc: capture.read_forms(
            doc, traits=known.traits, texts={each.key: each.text for each in consents.texts}
        ),
    )
    calendars = part("calendars.yaml", reader=routing.read_calendars)
    stages = part("lifecycle.yaml", reader=lambda doc: lifecycle.read(doc, vocabulary=known))
    known = vocabulary(fields, stages)
    groups = part(
        "segments.yaml",
        reader=lambda doc: segments.read(doc, vocabulary=known),
        otherwise=segments.Segments(),
    )
    known = segments.with_names(known, groups)
    return title, Playbook(
        fields=fields,
        consents=consents,
        forms=forms,
        pages=part("pages.yaml", reader=lambda doc: capture.read_pages(doc, forms=forms)),
        scoring=_score_models(place, default=title.score_model, known=known, language=language),
        lifecycle=stages,
        segments=groups,
        calendars=calendars,
        routing=part(
            "routing.yaml", reader=lambda doc: routing.read_routing(doc, vocabulary=known)
        ),
        sla=part(
            "sla.yaml",
            reader=lambda doc: routing.read_policies(doc, vocabulary=known, calendars=calendars),
        ),
        acknowledgement=part("acknowledgement.yaml", reader=delivery.read),
        views=part("views.yaml", reader=lambda doc: cards.read(doc, vocabulary=known)),
    )


def vocabulary(
    fields: workspace.Fields | None = None, stages: lifecycle.Lifecycle | None = None
) -> Vocabulary:
    """The names that rules may use: declared traits, these ones and those in the workspace."""
    declared = workspace.export().fields + (fields.fields if fields else ())
    return Vocabulary(
        traits={each.name: workspace.KINDS[each.type] for each in declared},
        uncounted=frozenset(
            each.name for each in declared if not field_rows.is_counted(each.name, each.type)
        ),
        facts=LIFECYCLE_FACTS,
        stages=frozenset(stage.key for stage in stages.stages) if stages else None,
    )


def export() -> dict[str, object]:
    """What the workspace says now, part by part, as plain values; an absent part is None."""
    return {
        "fields": msgspec.to_builtins(workspace.export()),
        "consents": msgspec.to_builtins(privacy.export()),
        "forms": msgspec.to_builtins(capture.export_forms()),
        "pages": msgspec.to_builtins(capture.export_pages()),
        "scoring": msgspec.to_builtins(scoring.export()),
        "lifecycle": msgspec.to_builtins(lifecycle.export()),
        "calendars": msgspec.to_builtins(routing.export_calendars()),
        "segments": msgspec.to_builtins(segments.export()),
        "routing": msgspec.to_builtins(routing.export_routing()),
        "sla": msgspec.to_builtins(routing.export_policies()),
        "acknowledgement": msgspec.to_builtins(delivery.export()),
        "views": msgspec.to_builtins(cards.export()),
    }


def export_to(place: Path, *, name: str, title: str) -> list[str]:
    """Write the workspace's playbook as a folder; returns the files written, in order."""
    parts = export()
    models = scoring.export()
    files: dict[str, object] = {
        "playbook.yaml": {"name": name, "title": title, "version": 1, "score_model": models.default}
    }
    files |= {f"{part}.yaml": body for part, body in parts.items() if part != "scoring" and body}
    files |= {f"scoring/{stem}.yaml": dict(body) for stem, body in models.models.items()}
    for file, body in files.items():
        folder.write(place, file, msgspec.convert(body, dict[str, object]))
    return list(files)


def diff(source: str | Path) -> list[str]:
    """What applying the folder would change, in sentences; empty when nothing."""
    place = folder.find(source)
    _, wanted = read(place, language=_language(place))
    return _differences(export(), wanted)


def _in_force(now: datetime) -> ScoreModelVersion | None:
    """The version by which scores are made, if there is one."""
    model = ScoreModel.objects.filter(is_default=True).first()
    return None if model is None else publishing.in_force(model, at=now)


def _apply_parts(wanted: Playbook, *, now: datetime) -> None:
    offset = Workspace.objects.values_list("day_offset_minutes", flat=True).first() or 0
    workspace.apply(wanted.fields, now=now)
    _checked("consents.yaml", lambda: privacy.apply(wanted.consents, now=now))
    capture.apply_forms(wanted.forms, now=now)
    capture.apply_pages(wanted.pages, now=now)
    scoring.apply(wanted.scoring, now=now, day_offset_minutes=offset)
    lifecycle.apply(wanted.lifecycle, now=now)
    _checked(
        "segments.yaml",
        lambda: segments.apply(wanted.segments, vocabulary=vocabulary(), now=now),
    )
    routing.apply_calendars(wanted.calendars, now=now)
    routing.apply_routing(wanted.routing, now=now)
    routing.apply_policies(wanted.sla, now=now)
    delivery.apply(wanted.acknowledgement, now=now)
    cards.apply(wanted.views, now=now)
    settings.rules_changed()


def _differences(before: Mapping[str, object], wanted: Playbook) -> list[str]:
    found: list[str] = []
    for part, after in msgspec.to_builtins(wanted).items():
        found += differences.sentences(before[part] or {}, after, where=part)
    return found


def _score_models(place: Path, *, default: str, known: Vocabulary, language: str) -> scoring.Models:
    documents = {
        path.stem: _read(f"scoring/{path.name}", place=place, language=language)
        for path in sorted((place / "scoring").glob("*.yaml"))
    }
    return _checked("scoring", lambda: scoring.read(documents, default=default, vocabulary=known))


def _language(place: Path) -> str:
    """A shipped playbook speaks the workspace's language; anybody else's speaks for itself."""
    if place.parent != folder.SHIPPED:
        return "en"
    return Workspace.objects.values_list("language", flat=True).first() or "en"


def _read(file: str, *, place: Path, language: str) -> object | None:
    return translation.told(folder.read(place, file), file, language=language)


def _part(
    file: str,
    *,
    place: Path,
    language: str,
    reader: Callable[[object], T],
    otherwise: T | None = None,
) -> T:
    document = _read(file, place=place, language=language)
    if document is None and otherwise is not None:
        return otherwise
    if document is None:
        raise PlaybookError(file, "", "the file is missing or empty")
    return _checked(file, lambda: reader(document))


def _checked(file: str, reader: Callable[[], T]) -> T:
    """Whatever a part finds wrong becomes one error that names file and path."""
    try:
        return reader()
    except CriterionError as error:
        raise PlaybookError(
            file, error.path, f"found {error.found}; allowed: {error.allowed}"
        ) from None
    except (privacy.TextIsFinal, NotAList) as error:
        raise PlaybookError(file, "", str(error)) from None
    except msgspec.ValidationError as error:
        match = _AT.match(str(error))
        reason, at = (match[1], match[2]) if match else (str(error), "")
        raise PlaybookError(file, _pointer(at), reason) from None


def _pointer(at: str) -> str:
    return re.sub(r"\[(\d+|\.\.\.)\]", r"/\1", at).replace(".", "/").replace("///", "/...")
