"""Forms: what is complete, what is the same post again, what looks like a machine."""

import pytest

from leadline.capture import forms
from leadline.lib import clock
from tests.capture import examples

AT = 1_773_135_000_000_000  # 2026-03-10T09:30:00Z
KEY = "signs-forms-in-tests-" + "k" * 20


def demo(**changes: object) -> forms.Form:
    fields = {
        "slug": "demo",
        "name": "Demo",
        "purpose": "demo",
        "fields": examples.FIELDS,
        "consents": examples.CONSENTS,
        "texts": {},
    }
    return forms.from_row(**{**fields, **changes})  # type: ignore[arg-type]  # as rows hold them


def posted(**values: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in values.items()}


def test_complete_answers_come_out_clean_and_canonical() -> None:
    values, errors = forms.validate(
        demo(), posted(email=" Ada@Example.COM ", first_name="Ada\x00\u202e", message="  ")
    )
    assert errors == {}
    assert values == {"email": "ada@example.com", "first_name": "Ada"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("email", "", "fill this in"),
        ("email", "ada", "check the address"),
        ("email", "a@b.com, c@d.com", "check the address"),
        ("first_name", "x" * 256, "at most 255"),
        ("message", "x" * 2_001, "at most 2000"),
        ("phone", "none", "too few digits"),
        ("company_size", "a million", "one of the options"),
    ],
)
def test_an_incomplete_answer_names_its_field(name: str, value: str, words: str) -> None:
    given = {**posted(email="ada@example.com"), name: [value]}
    values, errors = forms.validate(demo(), given)
    assert list(errors) == [name]
    assert words in errors[name]
    assert name not in values


def test_a_phone_number_in_any_spelling_turns_nobody_away() -> None:
    given = posted(email="ada@example.com", phone="ring 030 / 90 18 20 after six")
    assert forms.validate(demo(), given)[1] == {}


def test_the_first_of_several_values_counts() -> None:
    values, _ = forms.validate(demo(), {"email": ["a@example.com", "b@example.com"]})
    assert values["email"] == "a@example.com"


def test_fields_that_the_form_does_not_know_become_nothing() -> None:
    given = posted(email="a@example.com", role="admin", owner_id="1", score="100")
    assert forms.validate(demo(), given)[0] == {"email": "a@example.com"}


@pytest.mark.parametrize("tick", ["on", "1", "true", "YES"])
def test_a_known_yes_is_consent(tick: str) -> None:
    box = demo().consents[0]
    assert forms.is_ticked({box.name: [tick]}, box)


@pytest.mark.parametrize("tick", ["", "off", "null", "0", "maybe", "✓✓"])
def test_anything_else_is_no_consent(tick: str) -> None:
    box = demo().consents[0]
    assert not forms.is_ticked({box.name: [tick]}, box)


def test_a_required_box_must_be_ticked() -> None:
    form = demo(consents=[{**examples.CONSENTS[0], "required": True}])
    given = posted(email="a@example.com")
    assert "consent.marketing.email" in forms.validate(form, given)[1]


def judged(form: forms.Form, given: forms.Posted, *, at_us: int = AT) -> forms.Arrival:
    return forms.judge(form, given, now_us=at_us, keys=[KEY])


def rendered(form: forms.Form, *, at_us: int = AT - 10 * clock.SECOND) -> str:
    return forms.new_token(form, now_us=at_us, key=KEY)


def test_the_same_rendering_sent_twice_is_one_submission() -> None:
    form = demo()
    given = posted(email="a@example.com", **{forms.RENDERING_FIELD: rendered(form)})
    later = AT + 5 * clock.MINUTE
    assert judged(form, given) == judged(form, given, at_us=later)


def test_a_correction_after_going_back_is_not_lost() -> None:
    form = demo()
    token = {forms.RENDERING_FIELD: rendered(form)}
    first = judged(form, posted(email="adda@example.com", **token))
    second = judged(form, posted(email="ada@example.com", **token))
    assert first.message_id != second.message_id


def test_two_renderings_are_two_submissions() -> None:
    form = demo()
    ids = {
        judged(form, posted(email="a@b.com", **{forms.RENDERING_FIELD: rendered(form)})).message_id
        for _ in range(2)
    }
    assert len(ids) == 2


def test_without_a_token_the_same_post_within_a_minute_is_one() -> None:
    form, given = demo(), posted(email="a@example.com")
    first = judged(form, given)
    assert first == judged(form, given, at_us=AT + 20 * clock.SECOND)
    assert first != judged(form, given, at_us=AT + clock.MINUTE)
    assert first.state == "accepted"


@pytest.mark.parametrize("token", ["", "garbage", "a.b", "x" * 5_000])
def test_a_token_that_is_not_ours_counts_as_none(token: str) -> None:
    form = demo()
    plain = judged(form, posted(email="a@example.com"))
    assert judged(form, posted(email="a@example.com", **{forms.RENDERING_FIELD: token})) == plain


def test_a_token_of_another_form_or_of_yesterday_counts_as_none() -> None:
    form, other = demo(), demo(slug="other")
    plain = judged(form, posted(email="a@b.com"))
    foreign = posted(email="a@b.com", **{forms.RENDERING_FIELD: rendered(other)})
    stale = rendered(form, at_us=AT - 25 * clock.HOUR)
    assert judged(form, foreign) == plain
    assert judged(form, posted(email="a@b.com", **{forms.RENDERING_FIELD: stale})) == plain


def test_a_filled_trap_is_suspected_and_not_dropped() -> None:
    arrival = judged(demo(), posted(email="a@b.com", **{forms.HONEYPOT_FIELD: "http://spam"}))
    assert (arrival.state, arrival.reason) == ("suspected_spam", "honeypot")


def test_an_answer_faster_than_people_read_is_suspected() -> None:
    form = demo()
    token = rendered(form, at_us=AT - 200_000)
    arrival = judged(form, posted(email="a@b.com", **{forms.RENDERING_FIELD: token}))
    assert (arrival.state, arrival.reason) == ("suspected_spam", "too_fast")
