"""Fill the side table of companies, which list filters read, from what each company holds."""

from itertools import islice

import msgspec
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_AT_ONCE = 2_000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    table = apps.get_model("leads", "CompanyTrait")
    holding = apps.get_model("leads", "Company").objects.exclude(traits={})
    found = holding.values_list("pk", "traits").iterator(chunk_size=_AT_ONCE)
    while batch := list(islice(found, _AT_ONCE)):
        table.objects.bulk_create(
            table(company_id=company_id, name=f"company.{name}", text=text, number=number)
            for company_id, traits in batch
            for name, (text, number) in ((name, _columns(value)) for name, value in traits.items())
        )


def _columns(value: object) -> tuple[str | None, float | None]:
    # As `leads.current_traits.columns` does at the time of this migration.
    if isinstance(value, bool):
        return ("true" if value else "false", None)
    if isinstance(value, int | float):
        return (None, float(value))
    if value is None:
        return (None, None)
    if isinstance(value, str):
        return (value[:255], None)
    return (msgspec.json.encode(value).decode()[:1_000], None)


class Migration(migrations.Migration):
    dependencies = [("leads", "0007_trusted_values_of_companies_in_a_side_table")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
