"""There is one owner, and an address signs in one person."""

import pytest
from django.db import IntegrityError, transaction

from leadline.workspace.models import Role, User


@pytest.mark.django_db
def test_there_is_never_a_second_owner() -> None:
    User.objects.create_user("ada@example.com", role=Role.OWNER)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ben@example.com", role=Role.OWNER)
    assert User.objects.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db
def test_an_address_in_other_case_is_the_same_person() -> None:
    User.objects.create_user("ada@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("Ada@Example.com")
