"""Who is it: claims, trusted sources, visitors, shared computers, merges."""

from datetime import timedelta

import pytest

from leadline.cards.models import Card
from leadline.deals.models import Deal
from leadline.flow import intake
from leadline.leads.models import Binding, Company, Lead, Merge, MergeReview, TraitValue
from leadline.timeline.models import Event
from tests.world import World, form, said

pytestmark = pytest.mark.django_db


def lead_of(kind: str, value: str) -> Lead:
    return Lead.objects.get(
        bindings__kind=kind, bindings__value=value, bindings__closed_at__isnull=True
    )


def event_names(lead: Lead) -> list[str]:
    events = Event.objects.filter(binding__lead=lead).order_by("occurred_at", "id")
    return list(events.values_list("name", flat=True))


def test_a_visitor_brings_along_what_happened_before(world: World) -> None:
    visit = said("page", anonymous_id="v1", at=world.now, is_trusted=False)
    intake.run([visit], now=world.now)
    assert Lead.objects.count() == 0
    later = world.now + timedelta(minutes=1)
    intake.run([form("demo", email="a@acme.test", at=later, anonymous_id="v1")], now=later)
    assert event_names(lead_of("email", "a@acme.test")) == ["Page Viewed", "Form Submitted"]


def test_when_a_visitor_became_a_lead_is_kept_whatever_comes_later(world: World) -> None:
    intake.run([said("page", anonymous_id="v1", at=world.now, is_trusted=False)], now=world.now)
    known_at = world.now + timedelta(hours=1)
    for at in (known_at, known_at + timedelta(hours=1)):
        intake.run([form("demo", email="a@acme.test", at=at, anonymous_id="v1")], now=at)
    given = dict(Binding.objects.values_list("kind", "given_at"))
    assert given == {"anonymous": known_at, "email": None}


def test_fifty_posts_of_one_address_in_one_batch_are_one_lead(world: World) -> None:
    posts = [form("demo", email="a@acme.test", at=world.now) for _ in range(50)]
    intake.run(posts, now=world.now)
    assert Lead.objects.count() == 1
    assert len(event_names(Lead.objects.get())) == 50


def test_two_people_at_one_computer_stay_two(world: World) -> None:
    first = form("newsletter", email="a@acme.test", at=world.now, anonymous_id="v1")
    second = form("demo", email="b@acme.test", at=world.now, anonymous_id="v1")
    after = said("page", anonymous_id="v1", at=world.now, is_trusted=False)
    intake.run([first, second, after], now=world.now)
    assert event_names(lead_of("email", "a@acme.test")) == ["Form Submitted"]
    assert event_names(lead_of("email", "b@acme.test")) == ["Form Submitted", "Page Viewed"]
    assert Merge.objects.count() == 0
    assert Binding.objects.filter(kind="anonymous", closed_at__isnull=False).count() == 1


def test_a_claim_changes_nothing_that_is_known(world: World) -> None:
    known = said(
        "identify",
        "Identified",
        email="victim@acme.test",
        user_id="u1",
        traits={"first_name": "Vera", "title": "CEO"},
        at=world.now,
    )
    attack = form(
        "demo",
        email="victim@acme.test",
        at=world.now,
        anonymous_id="attacker",
        phone="+4930123456",
        traits={"first_name": "Mallory"},
    )
    intake.run([known, attack], now=world.now)
    victim = lead_of("email", "victim@acme.test")
    assert victim.traits["first_name"] == "Vera"
    assert victim.traits["title_seniority"] == "c_level"
    claim = TraitValue.objects.get(lead=victim, value="Mallory")
    assert (claim.took_effect, claim.is_verified) == (False, False)
    assert not Binding.objects.filter(kind="phone").exists()
    posted = Event.objects.get(name="Form Submitted")
    assert (posted.binding.lead_id, posted.is_verified) == (victim.id, False)


def test_a_claimed_user_id_goes_to_its_owner_when_a_trusted_source_speaks(world: World) -> None:
    claimed = said(
        "identify", "Identified", email="m@evil.test", user_id="u1", at=world.now, is_trusted=False
    )
    owner = said("identify", "Identified", email="vera@acme.test", user_id="u1", at=world.now)
    intake.run([claimed, owner], now=world.now)
    assert lead_of("user", "u1") == lead_of("email", "vera@acme.test")
    assert lead_of("user", "u1") != lead_of("email", "m@evil.test")


def test_a_trusted_identify_that_names_two_leads_merges_them(world: World) -> None:
    by_mail = form("newsletter", email="a@acme.test", at=world.now)
    by_phone = said("track", "Called", phone="+4930123456", at=world.now)
    both = said("identify", "Identified", email="a@acme.test", phone="+4930123456", at=world.now)
    intake.run([by_mail], now=world.now)
    intake.run([by_phone], now=world.now + timedelta(seconds=1))
    intake.run([both], now=world.now + timedelta(seconds=2))
    merge = Merge.objects.get()
    assert merge.kept == lead_of("email", "a@acme.test") == lead_of("phone", "+4930123456")
    assert event_names(merge.kept) == ["Form Submitted", "Called", "Identified"]
    assert Lead.objects.get(id=merge.absorbed_id).merged_into_id == merge.kept_id


def test_two_verified_user_ids_are_two_people_until_somebody_decides(world: World) -> None:
    one = said("identify", "Identified", user_id="u1", email="family@home.test", at=world.now)
    two = said("identify", "Identified", user_id="u2", at=world.now)
    both = said("identify", "Identified", user_id="u2", email="family@home.test", at=world.now)
    intake.run([one, two, both], now=world.now)
    assert lead_of("user", "u1") != lead_of("user", "u2")
    assert Merge.objects.count() == 0


def test_an_alias_of_two_users_is_put_up_for_review(world: World) -> None:
    one = said("identify", "Identified", user_id="u1", at=world.now)
    two = said("identify", "Identified", user_id="u2", at=world.now)
    link = said("alias", "Alias", user_id="u2", previous_id="u1", at=world.now)
    intake.run([one, two, link], now=world.now)
    assert Merge.objects.count() == 0
    review = MergeReview.objects.get()
    assert {review.first_id, review.second_id} == {
        lead_of("user", "u1").id,
        lead_of("user", "u2").id,
    }


def test_an_alias_of_a_visitor_gives_the_user_its_history(world: World) -> None:
    visit = said("page", anonymous_id="v9", at=world.now, is_trusted=False)
    link = said("alias", "Alias", user_id="u9", previous_id="v9", at=world.now)
    intake.run([visit, link], now=world.now)
    assert event_names(lead_of("user", "u9")) == ["Page Viewed", "Alias"]


def test_an_office_phone_does_not_make_colleagues_one_person(world: World) -> None:
    one = said("identify", "Identified", email="a@acme.test", phone="+4930123", at=world.now)
    two = said("identify", "Identified", email="b@acme.test", phone="+4930123", at=world.now)
    intake.run([one, two], now=world.now)
    assert lead_of("email", "a@acme.test") != lead_of("email", "b@acme.test")


def test_work_addresses_share_a_company_and_free_mail_has_none(world: World) -> None:
    intake.run(
        [
            form("demo", email="a@acme-tools.com", at=world.now),
            form("demo", email="b@mail.acme-tools.com", at=world.now),
            form("demo", email="c@gmail.com", at=world.now),
        ],
        now=world.now,
    )
    assert Company.objects.get().domain == "acme-tools.com"
    assert lead_of("email", "a@acme-tools.com").company == Company.objects.get()
    assert lead_of("email", "b@mail.acme-tools.com").company == Company.objects.get()
    assert lead_of("email", "c@gmail.com").company is None
    assert lead_of("email", "c@gmail.com").traits["email_kind"] == "free"


def test_a_late_older_value_does_not_replace_a_newer_one(world: World) -> None:
    newer = said("identify", "Identified", user_id="u1", traits={"title": "CEO"}, at=world.now)
    older = said(
        "identify",
        "Identified",
        user_id="u1",
        traits={"title": "Intern"},
        at=world.now - timedelta(days=1),
    )
    intake.run([newer], now=world.now)
    intake.run([older], now=world.now)
    assert lead_of("user", "u1").traits["title"] == "CEO"


def test_an_undeclared_trait_is_kept_and_never_counts(world: World) -> None:
    intake.run(
        [said("identify", user_id="u1", traits={"shoe_size": 44}, at=world.now)], now=world.now
    )
    lead = lead_of("user", "u1")
    assert lead.undeclared == {"shoe_size": 44}
    assert "shoe_size" not in lead.traits


def test_three_people_at_one_computer_in_one_batch_keep_what_each_of_them_saw(
    world: World,
) -> None:
    batch = []
    for person in ("a", "b", "c"):
        batch.append(form("demo", email=f"{person}@acme.test", at=world.now, anonymous_id="shared"))
        batch.append(
            said(
                "page",
                f"Page of {person}",
                anonymous_id="shared",
                at=world.now,
                is_trusted=False,
            )
        )
    intake.run(batch, now=world.now)
    for person in ("a", "b", "c"):
        names = event_names(lead_of("email", f"{person}@acme.test"))
        assert names == ["Form Submitted", f"Page of {person}"]


def test_a_merge_brings_the_owner_and_the_deal_along(world: World) -> None:
    alone = said("track", "Called", phone="+4930123456", at=world.now)
    owned = form("demo", email="a@acme.test", at=world.now + timedelta(seconds=1))
    intake.run([alone], now=world.now)
    intake.run([owned], now=world.now)
    absorbed = lead_of("email", "a@acme.test")
    Deal.objects.create(lead=absorbed, currency="EUR", opened_at=world.now, known_at=world.now)
    both = said("identify", email="a@acme.test", phone="+4930123456", at=world.now)
    intake.run([both], now=world.now + timedelta(seconds=2))
    card = Card.objects.get()
    assert card.pk == lead_of("phone", "+4930123456").id != absorbed.id
    assert (card.owner_id, card.stage) == (world.ben.id, "opportunity")
