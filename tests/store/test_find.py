"""What a word for a person or a shift means."""

from __future__ import annotations

import pytest

from shiftbell.errors import BadInput, NotFound
from shiftbell.store import find
from tests.crew import person, shift

pytestmark = pytest.mark.django_db


def test_a_person_goes_by_our_id_and_by_their_own() -> None:
    ana = person("Ana", external_id="1001")
    assert find.employee(str(ana)) == find.employee("1001") == ana


def test_an_id_that_means_two_people_is_refused_naming_both() -> None:
    ana = person("Ana", external_id="1001")
    ben = person("Ben", external_id=str(ana))
    with pytest.raises(BadInput) as caught:
        find.employee(str(ana))
    assert caught.value.hint == f"Write 1001 or {ben}."
    assert (find.employee("1001"), find.employee(str(ben))) == (ana, ben)


def test_an_id_that_means_two_shifts_is_refused_naming_both() -> None:
    first = shift(external_id="S-1")
    second = shift(external_id=str(first))
    with pytest.raises(BadInput, match=f"id of S-1 and the own id of {second}"):
        find.shift(str(first))


def test_an_id_of_ours_that_the_row_bears_as_its_own_too_means_one() -> None:
    ana = person("Ana")
    ana.external_id = str(ana)
    ana.save()
    assert find.employee(str(ana)) == ana


@pytest.mark.parametrize("nobody", ["", "e0", "s1", "zebra", "e" + "9" * 18])
def test_what_nobody_goes_by_is_said_so(nobody: str) -> None:
    with pytest.raises(NotFound):
        find.employee(nobody)
