"""What a pasted signature says: a table of signatures as people send them, and no crash ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.leads import by_hand_signature as signature

# text, region, what must be understood; a field that is not named must be empty.
TABLE: list[tuple[str, str | None, dict[str, str]]] = [
    ("jane.doe@acme.com", None, {"email": "jane.doe@acme.com", "name": "Jane Doe"}),
    ("info@acme.com", None, {"email": "info@acme.com"}),
    ("Jane Doe", None, {"name": "Jane Doe"}),
    ("Lovelace, Ada", None, {"name": "Ada Lovelace"}),
    ("+49 (0)30 901820", None, {"phone": "+4930901820"}),
    ("030 901820", "DE", {"phone": "+4930901820"}),
    ("030 901820", None, {}),
    ("Jane Doe <Jane@Acme.com>", None, {"name": "Jane Doe", "email": "jane@acme.com"}),
    ('"Jane Doe" <jane@acme.com>,', None, {"name": "Jane Doe", "email": "jane@acme.com"}),
    ("Jane Doe, Acme GmbH", None, {"name": "Jane Doe", "company": "Acme GmbH"}),
    ("Jane Doe, Acme", None, {"name": "Jane Doe", "company": "Acme"}),
    ("Jane Doe, VP Sales at Acme", None,
     {"name": "Jane Doe", "title": "VP Sales", "company": "Acme"}),
    ("Max Mustermann, Einkauf bei Weber & Söhne", None,
     {"name": "Max Mustermann", "title": "Einkauf", "company": "Weber & Söhne"}),
    ("Jane Doe\nCTO, Initech", None, {"name": "Jane Doe", "title": "CTO", "company": "Initech"}),
    ("Name: Jane Doe\nCompany: Initech\nTitle: Boss of Everything\nPhone: +1 212 555 0123", None,
     {"name": "Jane Doe", "company": "Initech", "title": "Boss of Everything",
      "phone": "+12125550123"}),
    ("""Best regards,

Jane Doe
VP of Sales
Acme Corporation
+1 (415) 555-0123 | jane.doe@acme.com
www.acme.com
123 Market Street, San Francisco""", None,
     {"name": "Jane Doe", "title": "VP of Sales", "company": "Acme Corporation",
      "phone": "+14155550123", "email": "jane.doe@acme.com", "website": "acme.com"}),
    ("""Mit freundlichen Grüßen

Dr. Max Mustermann
Leiter Einkauf
Musterfirma GmbH & Co. KG
Musterstraße 12 | 80331 München
Tel.: +49 (0)89 1234567
Fax: +49 (0)89 1234569
max.mustermann@musterfirma.de
Amtsgericht München, HRB 123456
Geschäftsführer: Erika Musterfrau""", None,
     {"name": "Dr. Max Mustermann", "title": "Leiter Einkauf",
      "company": "Musterfirma GmbH & Co. KG", "phone": "+49891234567", "postal_code": "80331",
      "city": "München", "email": "max.mustermann@musterfirma.de"}),
    ("""Viele Grüße
i. A. Katja Öztürk
Vertriebsleiterin | Hansa Werft AG
Fax 040 99887766
M: 0171 1234567 · E: k.oeztuerk@hansa-werft.de""", "DE",
     {"name": "Katja Öztürk", "title": "Vertriebsleiterin", "company": "Hansa Werft AG",
      "phone": "+491711234567", "email": "k.oeztuerk@hansa-werft.de"}),
    ("""Cheers
Tom O'Brien-Smith
Senior Software Engineer
Cloud Peat
T: +353 1 234 5678
tom@cloudpeat.ie
https://cloudpeat.ie/blog?x=1""", None,
     {"name": "Tom O'Brien-Smith", "title": "Senior Software Engineer", "company": "Cloud Peat",
      "phone": "+35312345678", "email": "tom@cloudpeat.ie", "website": "cloudpeat.ie"}),
    ("""Ludwig van Beethoven
Geschäftsführer
Sonata
ludwig@gmail.com
1010 Wien""", None,
     {"name": "Ludwig van Beethoven", "title": "Geschäftsführer", "company": "Sonata",
      "email": "ludwig@gmail.com", "postal_code": "1010", "city": "Wien"}),
    ("فاطمة الزهراء\nfatima@atlas.example.com", None,
     {"name": "فاطمة الزهراء", "email": "fatima@atlas.example.com"}),
    ("李 雷 <lei@orchid.example.com>", None, {"name": "李 雷", "email": "lei@orchid.example.com"}),
    ("", None, {}),
    ("--\n***\n", None, {}),
    ("not@an@address", None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("written", "region", "expected"), TABLE)
def test_a_signature_is_understood(
    written: str, region: str | None, expected: dict[str, str]
) -> None:
    guess = signature.read(written, region=region)
    found = {name: getattr(guess, name) for name in guess.__struct_fields__ if getattr(guess, name)}
    assert found == expected


@given(st.text(), st.sampled_from([None, "DE", "US"]))
def test_no_text_breaks_it(written: str, region: str | None) -> None:
    guess = signature.read(written, region=region)
    assert all(len(getattr(guess, name)) <= 300 for name in guess.__struct_fields__)


@given(st.sampled_from(TABLE))
def test_reading_the_same_twice_says_the_same(case: tuple[str, str | None, object]) -> None:
    assert signature.read(case[0], region=case[1]) == signature.read(case[0], region=case[1])


@pytest.mark.parametrize("long", ["a" * 100_000, "a@" * 4_000, "+1 " * 4_000, "x\n" * 9_000])
def test_a_whole_book_is_cut_not_read(long: str) -> None:
    assert signature.read(long).email == ""
