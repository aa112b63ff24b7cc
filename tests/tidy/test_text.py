"""Documents, data and settings hold to their rules, and each rule is able to complain."""

from itertools import chain

import pytest

from shiftbell.cli import COMMANDS
from tests.tidy import rules_of_text as rules
from tests.tidy.tree import files

SOMEBODY = "867-5309"  # not said in one piece: this file is read by the rule too
DOCUMENTS = {path: text for path, text in files().items() if path.endswith(".md")}
TARGETS = rules.makefile_targets(files()["Makefile"])


@pytest.mark.parametrize(
    "rule",
    [rules.foreign_numbers, rules.machine_paths, rules.registries, rules.unfinished],
    ids=lambda rule: rule.__name__,
)
def test_every_file_holds_to_the_rule(rule):
    said = [rule(path, text) for path, text in files().items() if not path.endswith(".lock")]
    assert list(chain(*said)) == []


@pytest.mark.parametrize("path", sorted(DOCUMENTS))
def test_documents_lead_somewhere(path):
    assert rules.broken_links(path, DOCUMENTS[path], files()) == []
    assert rules.unknown_targets(path, DOCUMENTS[path], TARGETS) == []
    assert rules.unknown_commands(path, DOCUMENTS[path], COMMANDS) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules.foreign_numbers, f"call 312-{SOMEBODY} now"),
        (rules.foreign_numbers, f"(312) {SOMEBODY}"),
        (rules.foreign_numbers, f"312.{SOMEBODY.replace('-', '.')}"),
        (rules.foreign_numbers, f"+1312{SOMEBODY.replace('-', '')}"),
        (rules.foreign_numbers, f'"312{SOMEBODY.replace("-", "")}"'),
        (rules.foreign_numbers, "+44" + "2071838750"),
        (rules.foreign_numbers, "(111) 555-0142".replace("111", "999")),
        (rules.machine_paths, 'open("/ho' + 'me/ana/roster.csv")'),
        (rules.machine_paths, "cd /t" + "mp/shiftbell"),
        (rules.registries, "see py" + "pi.org"),
        (rules.registries, "--ind" + "ex-url x"),
        (rules.unfinished, "# TO" + "DO later"),
        (rules.loose_locks, "flask==3.1.3"),
        (rules.loose_locks, f"--find-links x\nflask==3.1.3 --hash=sha256:{'a' * 64}"),
        (rules.loose_locks, f"flask @ x --hash=sha256:{'a' * 64}"),
        (rules.unexplained_dependencies, 'dependencies = [\n    "flask",\n]'),
        (rules.unexplained_dependencies, 'dependencies = [\n# Why.\n"flask",\n"rich",\n]'),
        (rules.unexplained_dependencies, 'dev = [\n    "ruff",\n]'),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_rule_complains_about_a_bad_text(rule, text):
    assert rule("a.md", text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules.foreign_numbers, "+13125550142, (312) 555-0142, 1-900-555-0142, 3125550142"),
        (rules.foreign_numbers, "id 3062991514017, 2026-11-22 12:00:05, 1.2.3.4, 315360000"),
        (rules.machine_paths, "/etc/shiftbell, /health, https://example.org/home/ana, ~/jobs/x"),
        (rules.registries, "the package index"),
        (rules.unfinished, "Todos los días"),
        (rules.loose_locks, f"a-b==1.0 ; x == 'y' \\\n    --hash=sha256:{'a' * 64}\n"),
        (rules.unexplained_dependencies, 'dependencies = [\n# Why.\n"flask",\n]\nx = [\n"y"\n]'),
        (rules.unexplained_dependencies, 'dev = [\n# Why.\n"pytest",\n"pytest-xdist",\n]'),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_rule_leaves_a_good_text_alone(rule, text):
    assert rule("a.md", text) == []


@pytest.mark.parametrize("link", ["b.md", "../b.md", "docs/c.md#nothing-here", "#not-here"])
def test_a_link_that_leads_nowhere_is_found(link):
    tree = {"docs/a.md": f"[x]({link})", "docs/c.md": "# Else", "docs/docs/c.md": "# Else"}
    assert rules.broken_links("docs/a.md", tree["docs/a.md"], tree)


@pytest.mark.parametrize(
    "link", ["../b.md", "c.md#why-not", "#here", "../docs/", "https://example.org/x"]
)
def test_a_link_that_leads_somewhere_is_left_alone(link):
    tree = {"docs/a.md": f"# Here\n[x]({link})", "b.md": "", "docs/c.md": "# Why not?"}
    assert rules.broken_links("docs/a.md", tree["docs/a.md"], tree) == []


def test_a_command_that_does_not_exist_is_found():
    assert rules.unknown_targets("a.md", "Type:\n\n    make tea", {"demo"})
    assert rules.unknown_targets("a.md", "Type `make demo` to make tea.", {"demo"}) == []
    assert rules.unknown_commands("a.md", "Type:\n\n    shiftbell brew", {"why"})
    assert rules.unknown_commands("a.md", "Type `shiftbell why 1`; shiftbell brews.", {"why"}) == []


def test_the_makefile_offers_its_described_targets():
    assert rules.makefile_targets("demo: dev ## show it\nquiet: dev\n") == {"demo"}
    assert {"demo", "test", "check", "help"} <= TARGETS
