"""What each screen is for, in at most 80 words: the panel behind the question mark.

By the name of the route, so that the shell finds the text of the page that it stands around; a
route without a text has no panel. A test counts the words and misses no entry of the rail and the
settings.
"""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

MOST_WORDS = 80

_LEAD = _(
    "Everything about one person. On the left who they are, and who answers for them; values are "
    "changed where they stand. In the middle a place to log a call, mail or note and to plan a "
    "task, the next steps, and what happened, newest first. On the right why: the score is always "
    "the sum of its lines, each with its rule and its events, and the temperature says its reason. "
    "The first real answer stops the clock."
)

_HISTORY = _(
    "What was done to many leads at once, by whom and to which. Up to a hundred leads it happens "
    "immediately, above that in the background, and you may leave the page. For a day it can be "
    "undone: every value that nobody has changed since goes back, the others are listed and stay. "
    "Leads that somebody may see but not change are left out. An exported file can be fetched "
    "once, by who asked for it."
)

_DRAFT = _(
    "A draft counts for nobody until you publish it. Change points, limits, fading and order here; "
    "a click on a sentence changes when a rule holds. It is saved while you type. Beside it stands "
    "what it would change: how the scores would lie, who would cross the line, and what became of "
    "leads with such scores. Publish now or at a time of your choice; you can go back to any "
    "version, and every score returns."
)

_SCORE_THEN = _(
    "What the score of this lead was on a day, and why: the same lines as on the lead's page, by "
    "the version of the rules that counted then. Nothing that came later, and no change of the "
    "rules, alters the answer. Write the day as you like, or open a step of the picture. Points "
    "that colleagues gave or took by hand stand with their reason, also when they were taken back "
    "since."
)

_MODELS = _(
    "One score model makes the scores; the others are alternatives that score nobody. Begin a new "
    "one from the rules of a template, change it as a draft and publish it. Before you choose it "
    "you see what it would change: how the scores would lie and who would cross the line. Then "
    "everybody is scored anew, the hottest first. What scores were in the past stays as it was, "
    "and you can choose the model before again."
)

_VERSIONS = _(
    "Every version of the rules, the newest first, with what it changed, who made it and from when "
    "it counted. None of them ever changes: going back publishes the old rules anew, so that what "
    "a score was on a day of the past, and why, stays told as it was."
)

_LISTS = _(
    "A segment is filled by a rule and always up to date; a list holds leads that people have put "
    "together, such as the guests of a fair. Leads come on a list and off it from the bar under "
    "the leads. Each number opens its leads, as far as you may see them. Views and rules go on "
    "when one gets another name. What something uses cannot be deleted."
)

_SEGMENT = _(
    "A segment holds the leads for whom its rule holds, now and always: whoever begins to fit "
    "enters at once, whoever no longer does leaves, also by time alone. Nobody is put in by hand. "
    "Look who would be in it before you save. Other rules, views and routing may ask for it by its "
    "name. Below the rule stands who came and went, and why; each number opens its leads."
)

TEXTS: Mapping[str, Text] = {
    "today": _(
        "What you should do now, in this order: people who wait for a first answer, by how much "
        "time is left; hot leads that nobody owns; your tasks that are due; your own leads by "
        "score. Each row says why it is here and what to do next. Press j and k to move, l to log "
        "a call, t for a task, z to put off. What is done folds away below. Only a real answer "
        "stops a clock."
    ),
    "leads": _(
        "Every lead that you may see. The chips above the list are one sentence; add to it to "
        "narrow the list, and save it as a view when you come back often. The address holds the "
        "whole list, so a link shows a colleague the same. Space opens a lead beside the list. "
        "The score is the sum of points by the rules under Scoring."
    ),
    "lead": _LEAD,
    "adjust_score": _LEAD,
    "score_then": _SCORE_THEN,
    "tasks": _(
        "Everything that you have planned and not done yet, by when it is due. Today shows the "
        "part that is due by tonight. The circle ticks a task off; its words open it, to put it "
        "off, change it or give it to a colleague who may see the lead. A task that lies ahead "
        "keeps its lead from falling back a stage."
    ),
    "history": _HISTORY,
    **dict.fromkeys(("segment", "new_segment", "edit_segment"), _SEGMENT),
    **dict.fromkeys(("static_lists", "static_list", "delete_static_list"), _LISTS),
    "companies": _(
        "The companies at which you may see somebody, by name, with how many leads and open deals "
        "you may see there. A company appears with the first lead who writes from its address, or "
        "when a connected program names it. Space opens one beside the list."
    ),
    "company": _(
        "One company: what is known of it, which you change where it stands, for everybody there; "
        "its people that you may see, each with their timeline folded below; its deals; and what "
        "was said about it lately."
    ),
    "search": _(
        "Finds leads by name, mail address, company, a word of a note, or a phone number in any "
        "spelling and by its last digits; and companies by name and address. Names that are spelt "
        "nearly so stand below. Without a word it shows what you opened lately."
    ),
    "capture": _(
        "Where people tell you who they are: forms and pages with a form, each with its address "
        "and how often it was sent. Link to a form from anywhere, or paste its HTML into "
        "your own site. What comes in is stored before anybody is thanked, and "
        "becomes a scored lead with an owner within a second."
    ),
    **dict.fromkeys(("score_draft", "score_rule", "score_effect", "score_leads"), _DRAFT),
    "score_versions": _VERSIONS,
    **dict.fromkeys(("score_new", "score_choose"), _MODELS),
    "scoring": _(
        "The rules that give points. Fit says who somebody is, engagement what they do; some "
        "points fade with time, some are capped. The sum is the score, and at a threshold a lead "
        "counts as qualified. Who asks for a demo, a quote or a call goes to sales at once, "
        "whatever the score. Each point of a lead names the rule that gave it."
    ),
    "demo": _(
        "This workspace is a demo: real deals of a public set, made-up people. Change what you "
        "like; nothing leaves it. Here you can look through a colleague's eyes, pause those who "
        "come in, and start an empty workspace of your own."
    ),
    "demo_own": _(
        "Makes an empty workspace in a folder of its own and brings you into it as its owner. "
        "The demo stays where it is. A playbook is a set of rules to begin with: stages, scoring, "
        "forms and response times. All of it can be changed later."
    ),
    "profile": _(
        "Your name and your time zone, in which all screens show times; your password and your "
        "second factor. Nobody else sees these."
    ),
    "sign_in_address": _(
        "The address that you sign in with, and that mails to you go to. Changing it asks for your "
        "password, and for your second factor if you have one. With a mail server the new address "
        "confirms itself by a link, and the old one is told; until then nothing changes. Your "
        "other sessions end, your API keys stay."
    ),
    "notice_settings": _(
        "What you are told, and how: in the bell, as a push on your devices, by mail at once, or "
        "in one mail a day. Out of the box only what cannot wait goes out at once: a hot lead of "
        "yours, a response time that is nearly over, a mention, a hand-over. Only you see this."
    ),
    "people": _(
        "Who works here, in which role and team. Invite by mail, or by a link that you pass on "
        "yourself; a link works once, for seven days. When somebody leaves, say who takes their "
        "leads, tasks and deals; it can be undone."
    ),
    "person": _(
        "One colleague: their role, which decides what they may see and do, their team, and "
        "whether new leads are dealt to them. Without a mail server you also change their "
        "sign-in address here, and make a link to a new password."
    ),
    "person_link": _(
        "For a colleague whom no mail reaches: a link behind which they set a new password. It is "
        "shown once and works once, for three days, until they sign in or somebody makes a newer "
        "one. Their present password works until then."
    ),
    "deactivate": _(
        "For when somebody leaves. Signing in, sessions and API keys end at once; say who takes "
        "their leads, tasks and deals. What they did stays in the timelines under their name. For "
        "a day it can be undone."
    ),
    "teams": _(
        "Teams separate who sees which leads, and rules deal new leads to a team in turn. Choose "
        "a team's people and who leads it. A team that ends is archived: say which team takes its "
        "people and leads; nothing is lost."
    ),
    "roles": _(
        "What each role may see and do. What a role may not do is not shown to it at all. "
        "Managers and reps see their own leads, their team's, and those of nobody; owners, "
        "admins, marketers and readers see all."
    ),
    "outbox": _(
        "Every message that leaves the house passes here, at most once: notifications, answers "
        "after hours, tests. Held means that something must be settled first; unknown means that "
        "the mail server broke off in the middle, and nothing is sent twice on a guess."
    ),
    "general": _(
        "What the workspace is called, in which zone it counts days and has its nights, which "
        "language it speaks to people whose own is not known, in which country a phone number "
        "without a code is meant to be, and in which month a fiscal year begins: “end of "
        "quarter” and “q2” in a date are its quarters, and reports will use it. How you read "
        "dates, times and numbers yourself is in your profile."
    ),
    "hours": _(
        "When somebody answers. Response times run in these hours only: five minutes for somebody "
        "who asks at night begin in the morning. Days off are closed all day. Clocks that run "
        "already keep their deadline."
    ),
    "currencies": _(
        "Deals keep the currency they are made in; sums need one. Open amounts count at the newest "
        "rate, closed ones at the rate of the day they closed, which stays whatever rates become. "
        "A sum that used rates says ≈ and opens what it is made of; an amount without a rate is "
        "named beside it and never counted."
    ),
    "sending": _(
        "From which address mail comes, whether it arrives, and what people read who ask after "
        "hours. Nobody outside is answered automatically until a test has gone out and a person "
        "has approved the words."
    ),
    "keys": _(
        "Browser keys stand in every page and may only claim something. Server keys send what is "
        "trusted, API keys read and change. Secrets are shown once, when they are made with "
        "`leadline apikey`; here you see who has which and when it was last used."
    ),
    "parked": _(
        "What arrived and was acknowledged, but could not be taken in after several tries. "
        "Nothing of it is lost: look at it, fix the cause, try again."
    ),
    "system": _(
        "How the installation is: the last backup, what waits, how much room is left, which "
        "version runs. What needs you stands on top, with what to do."
    ),
    "audit": _(
        "Who changed what, when and from where. Entries are only ever added, and each is sealed "
        "with the one before, so that a later change would show."
    ),
    "fields": _(
        "What you know about a lead or its company. A new field is at once in lists, "
        "filters, forms, imports and rules. A field that is used is archived only when nothing "
        "mentions it; its values stay."
    ),
    "trash": _(
        "Leads that were deleted, for 30 days. Until then they come back whole, with everything "
        "that happened to them; they are in no list, no score and no message."
    ),
    "new_lead": _(
        "Add a person by hand. Paste a name, an address, a phone number or a whole signature; "
        "check what was read, and save. Who may be the same person is shown beside it."
    ),
}


def of(request: HttpRequest) -> Text:
    """The text of the screen that answers this request; "" when it has none."""
    match = request.resolver_match
    return TEXTS.get(match.url_name or "", "") if match else ""
