"""What a colleague types or pastes about a person: the fields of the form of a new lead."""

import msgspec


class Person(msgspec.Struct):
    """Who somebody is and where; what was not said or not understood is empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    title: str = ""
    company: str = ""
    website: str = ""
    postal_code: str = ""
    city: str = ""


FIELDS = Person.__struct_fields__
