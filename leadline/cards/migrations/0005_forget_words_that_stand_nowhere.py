"""Words of names that were erased while a longer word with the same letters was there had stayed."""

from django.db import migrations

MOST_ROWS = 2_000


def forget(apps, schema_editor):
    """Needs no way back: what stands nowhere was never meant to be known."""
    spellings = apps.get_model("cards", "Spelling").objects
    standing = set()
    for name in ("SearchText", "CompanyCard"):
        texts = apps.get_model("cards", name).objects.values_list("text", flat=True)
        for said in texts.iterator(chunk_size=MOST_ROWS):
            standing.update(said.replace("-", " ").split())
    known = set(spellings.values_list("word", flat=True).distinct())
    gone = sorted(known - standing)
    for start in range(0, len(gone), MOST_ROWS):
        spellings.filter(word__in=gone[start : start + MOST_ROWS]).delete()


class Migration(migrations.Migration):
    dependencies = [("cards", "0004_views_are_shared_and_have_columns")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
