"""The preview shows what would happen and changes nothing."""

from pathlib import Path

import pytest

from leadline.capture import import_columns as columns
from leadline.capture import import_preview
from leadline.lib import csv_file

HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Job Title,Company Name,Lifecycle Stage,"
    "Create Date,Original Source,Country/Region"
)
SALESFORCE = (
    "Id FirstName LastName Title Company Email MobilePhone LeadSource Industry NumberOfEmployees"
    " PostalCode HasOptedOutOfEmail CreatedDate"
)


def test_hubspot_headings_are_known() -> None:
    mapping = columns.suggest(HUBSPOT.split(","))

    assert mapping == {
        "Record ID": "external_id:hubspot",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "email",
        "Phone Number": "phone",
        "Job Title": "title",
        "Company Name": "company.name",
        "Lifecycle Stage": "lifecycle_stage",
        "Create Date": "created_at",
        "Original Source": "lead_source",
        "Country/Region": "country",
    }


def test_salesforce_names_are_known() -> None:
    mapping = columns.suggest(SALESFORCE.split())

    assert mapping["NumberOfEmployees"] == "company.employee_count"
    assert mapping["MobilePhone"] == "phone"
    assert mapping["HasOptedOutOfEmail"] == "opt_out:email"
    assert mapping["PostalCode"] == "postal_code"
    assert mapping["Id"] == "id"


@pytest.mark.parametrize(
    "heading", ["E-MAIL", "e_mail", " Email ", "EMail", "Émail", "Email Address"]
)
def test_spelling_of_a_heading_does_not_matter(heading: str) -> None:
    assert columns.suggest([heading]) == {heading: "email"}


def test_the_second_column_of_a_kind_becomes_a_trait_of_its_own() -> None:
    assert columns.suggest(["Phone", "Mobile"]) == {"Phone": "phone", "Mobile": "mobile"}


def test_a_chosen_target_is_taken_from_the_column_it_was_suggested_for() -> None:
    mapping = columns.settle(["Email", "Private"], {"Private": "email"})

    assert mapping == {"Email": "-", "Private": "email"}


@pytest.mark.parametrize(
    ("chosen", "named"),
    [({"Emial": "email"}, "no column 'Emial'"), ({"Email": "E Mail!"}, "'E Mail!' is no target")],
)
def test_a_mapping_that_does_not_fit_is_refused_by_name(chosen: dict[str, str], named: str) -> None:
    with pytest.raises(columns.UnknownColumn, match=named):
        columns.settle(["Email"], chosen)


def test_rows_are_counted_by_what_they_would_do(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "email;name\na@x.example;A\nA@X.example;A\nb@x.example;B\n;C\nbroken;D\ne@x.example\n",
        "utf-8",
    )

    found = import_preview.preview(path, known=lambda some: {"b@x.example"} & set(some))

    assert (found.encoding, found.delimiter) == ("utf-8", ";")
    assert found.columns[0] == ("email", "email", "a@x.example")
    assert found.row_count == 6
    assert (found.new_count, found.known_count, found.duplicate_count) == (1, 1, 1)
    assert (found.without_email_count, found.unreadable_count) == (2, 1)
    assert any("Line 6: 'broken' is no e-mail address" in each for each in found.problems)
    assert found.is_importable


def test_a_header_that_occurs_twice_blocks(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("email,name,Email\na@x.example,A,b@x.example\n", "utf-8")

    found = import_preview.preview(path)

    assert not found.is_importable
    assert "Columns 1 and 3 have the same name" in found.problems[0]


def test_a_file_without_people_is_named(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("product,price\nA,1\n", "utf-8")

    found = import_preview.preview(path)

    assert not found.is_importable
    assert found.problems == ("No column names a person: map one to email, phone or external_id.",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 zip", b"%PDF-1.7", b"\x1f\x8b gzip"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "not.csv"
    path.write_bytes(content)

    with pytest.raises(csv_file.NotCsv):
        import_preview.preview(path)
