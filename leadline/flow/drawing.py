"""The card of a lead, from what is stored about it and nothing else."""

from leadline.cards.projection import Drawn
from leadline.flow.snapshots import Loaded
from leadline.lib import person_name
from leadline.lifecycle.standings import Stored


def draw(loaded: Loaded, *, total: int, standing: Stored, at_us: int) -> Drawn:
    """The card; `total` in micro-points, `at_us` when it was drawn.

    A pure function of the rows it is drawn from, so that `doctor` can draw it again and compare.
    """
    traits = loaded.traits
    stage, stage_since_us, _, temperature, reason, *_ = standing
    email = loaded.emails[0] if loaded.emails else ""
    phone = loaded.phones[0] if loaded.phones else _text(traits.get("phone"))
    return Drawn(
        lead_id=loaded.id,
        name=name_of(loaded)[:200],
        email=email,
        phone=phone[:32],
        title=_text(traits.get("title"))[:200],
        company_name=loaded.company_name[:200],
        total=total,
        temperature=temperature,
        stage=stage,
        stage_since=stage_since_us,
        owner_id=loaded.owner_id,
        team_id=loaded.team_id,
        channel=loaded.first_touch[0],
        source=loaded.first_touch[1],
        response_due_at=loaded.response_due_us,
        why=_why(reason, points=total // 1_000_000)[:300],
        created_at=loaded.created_us,
        updated_at=at_us,
        others=(*loaded.emails[1:], *loaded.phones[1:]),
    )


def name_of(loaded: Loaded) -> str:
    """What the lead is called: its name, else its address or phone."""
    traits = loaded.traits
    reachable = [*loaded.emails, *loaded.phones]
    return person_name.display(
        _text(traits.get("first_name")),
        _text(traits.get("last_name")),
        "" if loaded.is_name_claimed else _text(traits.get("name")),
        reachable[0] if reachable else "",
    )


def _why(reason: str, *, points: int) -> str:
    return f"{reason} (score {points})" if reason else f"score {points}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
