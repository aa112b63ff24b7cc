"""Our tests hold to their rules, and each rule is able to complain."""

from itertools import chain

import pytest

from tests.tidy import rules_of_tests as rules
from tests.tidy.tree import files

TESTS = {p: text for p, text in files().items() if p.startswith("tests/") and p.endswith(".py")}
# Only the rules themselves may name what they forbid.
HELD = {path: text for path, text in TESTS.items() if not path.startswith("tests/tidy/")}


def test_nothing_is_patched():
    assert [said for path, text in HELD.items() for said in rules.patches(path, text)] == []


def test_nothing_is_slept_through():
    assert [said for path, text in HELD.items() for said in rules.sleeps(path, text)] == []


def test_every_test_judges():
    judges = rules.judging_names(TESTS.values())
    said = [rules.unasserted_tests(path, text, judges) for path, text in TESTS.items()]
    assert list(chain(*said)) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules.patches, "from unittest.mock import Mock"),
        (rules.patches, "from unittest import mock"),
        (rules.patches, "def test_a(monkeypatch): ..."),
        (rules.patches, "def test_a(mocker): ..."),
        (rules.sleeps, "import time\ntime.sleep(1)"),
        (rules.sleeps, "from time import sleep"),
        (rules.unasserted_tests, "def test_a():\n    run()"),
        (rules.unasserted_tests, "def test_a():\n    assert True"),
        (rules.unasserted_tests, "class TestA:\n    def test_a(self):\n        run()"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_rule_complains_about_a_bad_test(rule, text):
    assert rule("tests/test_a.py", text)


def test_the_one_place_that_waits_for_processes_may_sleep_once():
    once = "import time\ndef until():\n    time.sleep(0.02)"
    assert rules.sleeps("tests/crash/scene.py", once) == []
    assert rules.sleeps("tests/crash/scene.py", once + "\ntime.sleep(1)")
    assert rules.sleeps("tests/flow/test_a.py", "desk.sleep(5)") == []


@pytest.mark.parametrize(
    "body", ["assert run() == 1", "with pytest.raises(ValueError):\n        run()", "play('a')"]
)
def test_a_test_that_judges_is_left_alone(body):
    text = f"def test_a():\n    {body}"
    assert rules.unasserted_tests("tests/test_a.py", text, {"play"}) == []


def test_a_name_judges_when_it_asserts_or_calls_another_that_does():
    asserts = "def check(x):\n    assert x"
    calls = "def play(x):\n    check(x)\ndef walk(x):\n    print(x)"
    assert rules.judging_names([asserts, calls]) == {"check", "play"}


def test_a_name_that_only_sometimes_judges_is_no_judge():
    here = "def check(x):\n    assert x"
    elsewhere = "def check(x):\n    print(x)"
    assert rules.judging_names([here, elsewhere]) == set()
