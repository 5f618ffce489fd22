"""Deals of leads that were merged belong to the lead that is left, however many merges ago."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def follow(apps, schema_editor):
    deals = apps.get_model("deals", "Deal").objects
    leads = apps.get_model("leads", "Lead").objects
    deals.exclude(lead=None).filter(written_for=None).update(written_for=F("lead"))
    into = leads.filter(pk=OuterRef("lead_id")).values("merged_into")
    # One merge in a row at a time; nothing is merged in a circle.
    while deals.exclude(lead__merged_into=None).update(lead=Subquery(into)):
        pass


def back(apps, schema_editor):
    deals = apps.get_model("deals", "Deal").objects
    deals.exclude(written_for=None).update(lead=F("written_for"))


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0005_deals_remember_their_first_lead"),
        ("leads", "0006_a_trash_for_leads"),
    ]

    operations = [migrations.RunPython(follow, back)]
