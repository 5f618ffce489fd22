"""Names lose no word; titles have one seniority."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import person_name, text

NAMES = {
    "Ada Lovelace": ("Ada", "Lovelace"),
    "  Ada   Lovelace ": ("Ada", "Lovelace"),
    "Lovelace, Ada": ("Ada", "Lovelace"),
    "van Beethoven, Ludwig": ("Ludwig", "van Beethoven"),
    "Ludwig van Beethoven": ("Ludwig", "van Beethoven"),
    "Ada King Lovelace": ("Ada King", "Lovelace"),
    "Dr. Ada Lovelace": ("Ada", "Lovelace"),
    "Frau Dr. Ada Lovelace": ("Ada", "Lovelace"),
    "Martin Luther King Jr.": ("Martin Luther", "King Jr."),
    "Ada Lovelace, PhD": ("Ada", "Lovelace, PhD"),
    "Ada": ("Ada", ""),
    "Christopher Null": ("Christopher", "Null"),
    "O'Brien": ("O'Brien", ""),
    "李小龙": ("李小龙", ""),
    "NULL": ("", ""),
    "": ("", ""),
    "\u200b\u200b": ("", ""),
    "A": ("A", ""),
}


@pytest.mark.parametrize(("full", "expected"), NAMES.items())
def test_a_name_is_split(full: str, expected: tuple[str, str]) -> None:
    assert person_name.split(full) == expected


@given(st.lists(st.sampled_from(["Ada", "van", "der", "Jr", "Li", "O'Brien", "Zoë"]), min_size=1))
def test_a_split_loses_no_word(words: list[str]) -> None:
    first, last = person_name.split(" ".join(words))
    assert f"{first} {last}".split() == words


@pytest.mark.parametrize(
    ("first", "last", "full", "expected"),
    [
        ("Ada", "Lovelace", "Ada King", "Ada King"),
        ("Ada", "Lovelace", "", "Ada Lovelace"),
        ("", "Lovelace", "NULL", "Lovelace"),
        ("", "", "", "ada@example.com"),
        ("\u202e", "", "n/a", "ada@example.com"),
    ],
)
def test_a_person_is_called_something(first: str, last: str, full: str, expected: str) -> None:
    assert person_name.display(first, last, full, "ada@example.com") == expected


TITLES = {
    "c_level": "CEO|C.E.O|cto/co-founder|Chief Marketing Officer|Chief Revenue Officer|CISO"
    "|President|President & CEO|Founder|Owner|Managing Director|General Manager|Managing Partner"
    "|Geschäftsführer|Geschäftsführerin|Vorstand|Inhaberin|Mitgründer|PDG|Directeur Général"
    "|Fondatrice|Director General|Consejera Delegada|Diretor Geral|Presidente|C-Level|Partner",
    "vp": "VP|VP of Sales|SVP, Marketing|EVP|V.P. Finance|Vice President|Senior Vice President"
    "|vice-president, sales|Vice-présidente|Vizepräsident|Assistant Vice President"
    "|Executive Vice President and General Manager",
    "director": "Director|Sales Director EMEA|Executive Director|Head of Growth|Chief of Staff"
    "|Director of Student Affairs|Vertriebsleiterin|Leiter Marketing|Abteilungsleitung|Prokurist"
    "|Directrice commerciale|Diretor de Marketing|Jefa de ventas|Direktor",
    "manager": "Manager|Marketing Manager|Office Manager|Account Manager|Team Lead|Projektleiter"
    "|Teamleiterin|Responsable marketing|Gerente de ventas|Coordenadora|Partner Manager|Student"
    " Success Manager",
    "individual": "Engineer|Assistant to the CEO|Executive Assistant to the President|PA to CEO"
    "|Assistenz der Geschäftsführung|Assistante de direction|Asistente de dirección"
    "|Product Owner|HR Business Partner|Lead Generation Specialist|Internal Auditor"
    "|Founder's Associate|Ceramics|Recto|Advisor to the Board|Sekretärin des Vorstands",
    "student": "Student|PhD student|Student at MIT|Intern|Marketing Intern|Praktikantin"
    "|Werkstudent Marketing|Azubi|Étudiant|Stagiaire|Estudiante|Estagiária|Trainee",
    "retired": "Retired|Retired CEO|Professor emeritus|Rentner|Ingenieur i.R.|Retraité|Jubilada",
}


@pytest.mark.parametrize(
    ("title", "seniority"),
    [(title, level) for level, titles in TITLES.items() for title in titles.split("|")],
)
def test_a_title_has_its_seniority(title: str, seniority: str) -> None:
    assert person_name.title_seniority(title) == seniority
    assert person_name.title_seniority(f" {title.upper()} ") == seniority


@pytest.mark.parametrize("title", ["", " ", "n/a", "NULL", "-", "\u200b"])
def test_no_title_has_none(title: str) -> None:
    assert person_name.title_seniority(title) is None


@given(st.text())
def test_any_text_has_a_known_seniority(title: str) -> None:
    found = person_name.title_seniority(title)
    assert (found is None) == text.is_placeholder(" ".join(text.clean(title).split()))
    assert found is None or found in person_name.SENIORITIES
