"""Addresses of the screens."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from leadline.web import (
    acts,
    build,
    demo,
    lead,
    leads,
    new_lead,
    notices,
    palette,
    preferences,
    profile,
    set_up,
    today,
    undo,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/today"), name="home"),
    path("set-up", set_up.page, name="set_up"),
    # allauth's pages under our words; the first name below wins over theirs.
    path("sign-in/", include("allauth.urls")),
    path("sign-in/two-factor/", include("allauth.mfa.urls")),
    path("sign-in/", account.login, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("today", today.page, name="today"),
    path("search", palette.page, name="search"),
    path("palette", palette.found, name="palette"),
    path("notices", notices.bell, name="notices"),
    path("notices/read", notices.read, name="notices_read"),
    path("undo", undo.undo, name="undo"),
    path("demo", demo.page, name="demo"),
    path("leads", leads.page, name="leads"),
    path("leads/count", leads.count, name="leads_count"),
    path("leads/views", leads.save_view, name="save_view"),
    path("leads/views/<int:view_id>/remove", leads.remove_view, name="remove_view"),
    path("leads/new", new_lead.page, name="new_lead"),
    path("leads/new/look", new_lead.look, name="new_lead_look"),
    path("leads/new/twins", new_lead.twins, name="new_lead_twins"),
    path("leads/<uuid:lead_id>", lead.page, name="lead"),
    path("leads/<uuid:lead_id>/timeline", lead.timeline, name="lead_timeline"),
    path("leads/<uuid:lead_id>/peek", lead.peek, name="peek"),
    path("leads/<uuid:lead_id>/act/<slug:verb>", acts.form, name="act_form"),
    path("leads/<uuid:lead_id>/log", acts.log, name="log"),
    path("leads/<uuid:lead_id>/snooze", acts.snooze, name="snooze"),
    path("leads/<uuid:lead_id>/owner", acts.pass_on, name="pass_on"),
    path("leads/<uuid:lead_id>/stage", acts.move, name="move"),
    path("capture", build.capture, name="capture"),
    path("scoring", build.scoring, name="scoring"),
    path("settings", preferences.page, name="settings"),
    path("settings/outbox", preferences.outbox, name="outbox"),
    path("settings/outbox/<uuid:message_id>", preferences.message, name="message"),
    path("settings/parked", preferences.parked, name="parked"),
    path("settings/parked/<int:number>/retry", preferences.retry, name="retry_parked"),
    path("settings/keys", preferences.keys, name="keys"),
    path("settings/sending", preferences.sending, name="sending"),
    path("settings/profile", profile.page, name="profile"),
    path("settings/appearance", profile.appearance, name="appearance"),
]
