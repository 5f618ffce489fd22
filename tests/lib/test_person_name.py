"""Names are never cut; titles have one seniority."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import person_name, text


@pytest.mark.parametrize(
    ("full", "part", "stands"),
    [
        ("Gabriel García Márquez", "García Márquez", True),
        ("Gabriel garcía  márquez", "García Márquez", True),
        ("Gabriel García", "García Márquez", False),
        ("Adalbert", "Ada", False),
        ("Ada Lovelace", "ada", True),
        ("王小明", "小明", True),
        ("王小明", "李", False),
        ("김민준", "김", True),
        ("Madonna", "", False),
        ("C++ (Ada)", "C++", True),
    ],
)
def test_a_part_stands_in_a_name_as_its_script_parts_words(
    full: str, part: str, stands: bool
) -> None:
    assert person_name.holds(full, part) == stands


@pytest.mark.parametrize(
    ("full", "part", "by", "expected"),
    [
        ("Ada Lovelace", "Lovelace", "King", "Ada King"),
        ("Ada Adams", "Ada", "Eve", "Eve Adams"),
        ("Gabriel García Márquez", "Gabriel", "Gabo", "Gabo García Márquez"),
        ("Gabriel García Márquez", "García Márquez", "", "Gabriel"),
        ("王小明", "小明", "大明", "王大明"),
        ("Ada", "Ada", r"\1", r"\1"),
    ],
)
def test_a_part_is_replaced_where_it_stands(full: str, part: str, by: str, expected: str) -> None:
    assert person_name.replaced(full, part, by) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Ada", "Lovelace", "Ada Lovelace"),
        ("Suharto", "", "Suharto"),
        ("小明", "王", "王小明"),
        ("民俊", "김", "김民俊"),
        ("さくら", "山田", "山田さくら"),
        ("アダ", "ラブレス", "アダ ラブレス"),
        ("Ming", "王", "Ming 王"),
    ],
)
def test_given_and_family_name_stand_in_their_own_order(
    first: str, last: str, expected: str
) -> None:
    assert person_name.joined(first, last) == expected


@pytest.mark.parametrize(
    ("first", "last", "full", "expected"),
    [
        ("Ada", "Lovelace", "Ada King", "Ada King"),
        ("Ada", "Lovelace", "", "Ada Lovelace"),
        ("", "Lovelace", "NULL", "Lovelace"),
        ("小明", "王", "", "王小明"),
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
