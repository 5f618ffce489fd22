"""A rule in words.

Texts are marked with `_` here and translated by the function that the caller passes, so that this
package needs no translation machinery of its own.
"""

from collections.abc import Callable, Mapping

from leadline.criteria.nodes import (
    MICRO,
    Act,
    AllOf,
    AnyOf,
    Consent,
    Did,
    DidNot,
    Fact,
    InSegment,
    Node,
    Not,
    Operand,
    Property,
    Ratio,
    Score,
    Since,
    Test,
    Trait,
)
from leadline.criteria.span import Span
from leadline.lib.clock import HOUR, MINUTE
from leadline.privacy import words

Translate = Callable[[str], str]


def plain(text: str) -> str:
    """Leaves a text as it is written here, in English."""
    return text


_ = plain  # marks a text for translation


AND, OR = _("and"), _("or")

ACTS: Mapping[str, str] = {
    "Page Viewed": _("visited a page"),
    "Visit Started": _("started a visit"),
    "Form Submitted": _("submitted a form"),
    "Demo Requested": _("asked for a demo"),
    "Quote Requested": _("asked for a quote"),
    "Contact Requested": _("asked to be contacted"),
    "Callback Requested": _("asked to be called back"),
    "Meeting Booked": _("booked a meeting"),
    "Content Downloaded": _("downloaded content"),
    "Whitepaper Downloaded": _("downloaded a whitepaper"),
    "Ebook Downloaded": _("downloaded an e-book"),
    "Webinar Registered": _("registered for a webinar"),
    "Webinar Attended": _("attended a webinar"),
    "Newsletter Subscribed": _("subscribed to the newsletter"),
    "Trial Started": _("started a trial"),
    "Signed Up": _("signed up"),
    "Signed In": _("signed in"),
    "Email Delivered": _("received an e-mail"),
    "Email Opened": _("opened an e-mail"),
    "Email Link Clicked": _("clicked a link in an e-mail"),
    "Email Replied": _("replied to an e-mail"),
    "Email Marked as Spam": _("marked an e-mail as spam"),
    "Unsubscribed": _("unsubscribed from e-mails"),
    "Order Completed": _("completed an order"),
    "Checkout Started": _("started a checkout"),
}
"""Known events as what a person did; each also reads well after "has not"."""

TESTS: Mapping[str, str] = {
    "is": _("{subject} is {value}"),
    "is_not": _("{subject} is not {value}"),
    "in": _("{subject} is one of {value}"),
    "not_in": _("{subject} is none of {value}"),
    "contains": _("{subject} contains {value}"),
    "starts": _("{subject} starts with {value}"),
    "ends": _("{subject} ends with {value}"),
    "matches": _("{subject} matches {value}"),
    "gte": _("{subject} is at least {value}"),
    "gt": _("{subject} is more than {value}"),
    "lte": _("{subject} is at most {value}"),
    "lt": _("{subject} is less than {value}"),
    "between": _("{subject} is between {low} and {high}"),
}

SUBJECTS: Mapping[str, str] = {
    "total": _("score"),
    "fit": _("fit"),
    "engagement": _("engagement"),
    "stage": _("stage"),
    "temperature": _("temperature"),
    "owner": _("owner"),
    "team": _("team"),
    "source": _("source"),
    "path": _("path"),
    "purpose": _("purpose"),
    "deal.is_open": _("a deal is open"),
    "deal.is_won": _("a deal is won"),
}


def sentence(node: Node, translate: Translate = plain, *, is_about_lead: bool = False) -> str:
    """What `node` asks for, as a clause without a full stop, about a lead as its subject.

    `is_about_lead`: it holds for somebody, so it says no more of a sensitive trait than that.

    >>> "visited a page whose path starts with /pricing at least 2 times within 7 days"
    """
    return _Speaker(translate, is_about_lead).say(node)


def points(micro_points: int) -> str:
    """Micro-points as people write points: 15, 7.5, -10."""
    sign = "-" if micro_points < 0 else ""
    units, fraction = divmod(abs(micro_points), MICRO)
    return f"{sign}{units}" + f".{fraction:06d}".rstrip("0").rstrip(".")


class _Speaker:
    """One translation of the language; a method per kind of node."""

    def __init__(self, translate: Translate, is_about_lead: bool) -> None:
        self.translate = translate
        self.is_about_lead = is_about_lead

    def say(self, node: Node) -> str:
        method: Callable[[Node], str] = getattr(self, f"say_{type(node).__name__}")
        return method(node)

    def fill(self, template: str, **parts: object) -> str:
        return self.translate(template).format(**parts)

    def say_AllOf(self, node: AllOf) -> str:
        return f" {self.translate(AND)} ".join(self.nested(each) for each in node.children)

    def say_AnyOf(self, node: AnyOf) -> str:
        return f" {self.translate(OR)} ".join(self.nested(each) for each in node.children)

    def nested(self, node: Node) -> str:
        is_several = isinstance(node, (AllOf, AnyOf)) and len(node.children) > 1
        return f"({self.say(node)})" if is_several else self.say(node)

    def say_Not(self, node: Not) -> str:
        return self.fill(_("not: {criterion}"), criterion=self.nested(node.child))

    def say_Did(self, node: Did) -> str:
        said = self.acts(node.acts)
        if node.at_least > 1:
            said = self.fill(_("{act} at least {count} times"), act=said, count=node.at_least)
        return self.during(said, node.within)

    def say_DidNot(self, node: DidNot) -> str:
        return self.during(self.fill(_("has not {act}"), act=self.acts(node.acts)), node.within)

    def say_Ratio(self, node: Ratio) -> str:
        said = self.fill(
            _("{act} in at least {share} % of the times of: {base}"),
            act=self.acts(node.of),
            share=points(node.at_least_micro * 100),
            base=self.acts(node.to),
        )
        return self.during(said, node.within)

    def say_Trait(self, node: Trait) -> str:
        labels = dict(node.value_labels)

        def show(operand: Operand) -> str:
            if isinstance(operand, tuple):
                return ", ".join(show(each) for each in operand)
            known = labels.get(operand) if isinstance(operand, str) else None
            return known or self.value(operand)

        subject = self.declared(node.label) or self.label(node.name)
        if node.is_sensitive and self.is_about_lead:
            return self.fill(_("{subject} is as the rule asks"), subject=subject)
        return self.tests(subject, node.tests, show=show)

    def say_Score(self, node: Score) -> str:
        return self.tests(self.label(node.part), node.tests, show=_points)

    def say_Fact(self, node: Fact) -> str:
        flags = [test.operand for test in node.tests if test.operator in ("is", "is_not")]
        if len(node.tests) == 1 and flags and isinstance(flags[0], bool):
            holds = flags[0] is (node.tests[0].operator == "is")
            said = self.label(node.name)
            return said if holds else self.fill(_("not: {criterion}"), criterion=said)
        return self.tests(self.label(node.name), node.tests)

    def say_InSegment(self, node: InSegment) -> str:
        return self.fill(_("is in the segment “{name}”"), name=node.label or node.name)

    def say_Consent(self, node: Consent) -> str:
        return self.fill(
            _("agreed to {purpose} by {channel}"),
            purpose=self.translate(words.purpose(node.purpose)),
            channel=self.translate(words.channel(node.channel)),
        )

    def say_Since(self, node: Since) -> str:
        return self.fill(
            _("{moment} was at least {span} ago"),
            moment=self.label(node.what),
            span=self.span(node.at_least),
        )

    def acts(self, acts: tuple[Act, ...]) -> str:
        return f" {self.translate(OR)} ".join(self.act(each) for each in acts)

    def act(self, act: Act) -> str:
        known = ACTS.get(act.event)
        said = self.translate(known) if known else self.fill(_("triggered “{e}”"), e=act.event)
        if not act.where:
            return said
        conditions = f" {self.translate(AND)} ".join(self.property(p) for p in act.where)
        return self.fill(_("{act} whose {conditions}"), act=said, conditions=conditions)

    def property(self, each: Property) -> str:
        return self.tests(self.label(each.name), each.tests)

    def tests(
        self, subject: str, tests: tuple[Test, ...], *, show: Callable[[Operand], str] | None = None
    ) -> str:
        said = [self.test(subject, test, show or self.value) for test in tests]
        return f" {self.translate(AND)} ".join(said)

    def test(self, subject: str, test: Test, show: Callable[[Operand], str]) -> str:
        if test.operator == "exists":
            known = _("{subject} is known") if test.operand else _("{subject} is not known")
            return self.fill(known, subject=subject)
        if test.operator == "between" and isinstance(test.operand, tuple):
            low, high = test.operand
            return self.fill(TESTS["between"], subject=subject, low=show(low), high=show(high))
        return self.fill(TESTS[test.operator], subject=subject, value=show(test.operand))

    def value(self, operand: Operand) -> str:
        if isinstance(operand, tuple):
            return ", ".join(self.value(each) for each in operand)
        if isinstance(operand, bool):
            return self.translate(_("true") if operand else _("false"))
        return str(operand)

    def label(self, name: str) -> str:
        known = SUBJECTS.get(name)
        return self.translate(known) if known else name.replace("_", " ").replace(".", " ")

    def declared(self, label: str) -> str:
        """The name of a field as it stands within a sentence."""
        lower = _within_a_sentence(label)
        # For translators: the name of a field within a sentence; {label} is "Job title" as it was
        # declared, {lower} is "job title". German writes "{label}".
        return self.fill(_("{lower}"), lower=lower, label=label)

    def during(self, said: str, within: Span | None) -> str:
        if within is None:
            return said
        return self.fill(_("{act} within {span}"), act=said, span=self.span(within))

    def span(self, span: Span) -> str:
        if not span.is_exact:
            one, several, count = _("1 day"), _("{count} days"), span.days
        elif span.micros % HOUR == 0:
            one, several, count = _("1 hour"), _("{count} hours"), span.micros // HOUR
        else:
            one, several, count = _("1 minute"), _("{count} minutes"), span.micros // MINUTE
        return self.translate(one) if count == 1 else self.fill(several, count=count)


def _within_a_sentence(label: str) -> str:
    """ "Job title" as "job title"; an abbreviation at its beginning stays ("CRM system")."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _points(operand: Operand) -> str:
    if isinstance(operand, tuple):
        return ", ".join(_points(each) for each in operand)
    return points(operand) if isinstance(operand, int) else str(operand)
