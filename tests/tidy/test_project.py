"""The files that must agree with each other do: locks, settings, changelog, decisions."""

import re
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from shiftbell import config
from tests.tidy import rules_of_text as rules
from tests.tidy.rules_of_code import foreign_imports
from tests.tidy.tree import files

PROJECT = tomllib.loads(files()["pyproject.toml"])
LOCKS = ["requirements.lock", "requirements-dev.lock", "tools/pip.lock"]


def pins(lock: str) -> set[tuple[str, Version]]:
    """Return what a lock pins; a package may stand there once for each kind of Python."""
    found = re.findall(r"^([a-z0-9-]+)==(\S+)", files()[lock], re.M)
    return {(name, Version(version)) for name, version in found}


@pytest.mark.parametrize("path", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(path):
    assert rules.loose_locks(path, files()[path]) == []


def test_every_dependency_has_its_reason():
    assert rules.unexplained_dependencies("pyproject.toml", files()["pyproject.toml"]) == []


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements.lock", PROJECT["dependency-groups"]["build"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_a_lock_satisfies_the_project(lock, wanted):
    pinned = pins(lock)
    for requirement in map(Requirement, wanted):
        versions = [version for name, version in pinned if name == requirement.name]
        assert versions, f"{requirement} is not in {lock}; run make lock"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement} in {lock}"


@pytest.mark.parametrize(
    ("under", "groups"), [("src/", []), ("tests/", ["dev"]), ("bench/", ["dev"]), ("tools/", [])]
)
def test_what_is_imported_is_asked_for(under, groups):
    wanted = [PROJECT["project"]["dependencies"]]
    wanted += [PROJECT["dependency-groups"][group] for group in groups]
    asked = {canonicalize_name(Requirement(line).name) for lines in wanted for line in lines}
    homes = packages_distributions()
    unnamed = [
        f"{path} imports {package}, which pyproject.toml does not name"
        for path, text in files().items()
        if path.startswith(under) and path.endswith(".py")
        for package in foreign_imports(text)
        if not asked & {canonicalize_name(home) for home in homes.get(package, [])}
    ]
    assert unnamed == []


def test_an_import_is_seen_wherever_it_stands():
    text = "import os, rich.table\nfrom . import a\ndef f():\n    from flask.json import dumps"
    assert foreign_imports(text) == {"rich", "flask"}


def test_developers_run_what_operators_run():
    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_the_example_settings_are_made_from_the_configuration():
    assert files()[".env.example"] == config.env_example()


def test_the_changelog_has_room_for_what_is_coming():
    assert re.search(r"^## Unreleased$", files()["CHANGELOG.md"], re.M)


def test_the_decisions_are_numbered_and_listed():
    names = sorted(path for path in files() if re.match(r"docs/decisions/\d", path))
    index = files()["docs/decisions/README.md"]
    assert [int(re.findall(r"\d{4}", name)[0]) for name in names] == list(range(1, len(names) + 1))
    assert [name for name in names if name.rsplit("/", 1)[1] not in index] == []


@pytest.mark.parametrize(
    "path",
    ["README.md", "ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"],
)
def test_what_a_newcomer_looks_for_is_there(path):
    assert files()[path].strip()


@pytest.mark.parametrize("package", ["flow", "rules", "store"])
def test_a_package_introduces_each_of_its_files(package):
    folder = f"src/shiftbell/{package}/"
    map_of_it = files()[f"{folder}__init__.py"]
    names = [path.removeprefix(folder).removesuffix(".py") for path in files() if folder in path]
    modules = [name for name in names if "/" not in name and name != "__init__"]
    assert [name for name in modules if not re.search(rf"\b{name}\b", map_of_it)] == []


def test_what_comments_call_the_law_is_explained():
    named = set()
    for path, text in files().items():
        if path.startswith("src/") and path.endswith(".py"):
            named |= set(re.findall(r"\b[FKQR]\d\d?\b", text))
    assert {"K1", "K3", "R6"} <= named <= law()


def test_each_statement_of_the_law_has_tests_that_begin_with_it():
    tests = "\n".join(text for path, text in files().items() if path.startswith("tests/"))
    tested = {name.upper() for name in re.findall(r"^def test_([fkqr]\d+)_", tests, re.M)}
    assert len(law()) > 20
    assert tested == law()


def law():
    """Return the ids of the statements in docs/reference/law.md."""
    return set(re.findall(r"^\| ([FKQR]\d+) \|", files()["docs/reference/law.md"], re.M))


def test_the_guide_explains_every_problem_of_an_import():
    told = re.compile(r"(?:refuse|remark)\(\s*\"([a-z_]+)\"|\bcode=\"([a-z_]+)\"")
    codes = {
        first or second
        for path in ("rules/columns", "rules/people_file", "rules/rota", "flow/import_people",
                     "flow/post_shift")
        for first, second in told.findall(files()[f"src/shiftbell/{path}.py"])
    }  # fmt: skip
    assert {"bad_number", "number_in_use", "shift_differs"} <= codes
    assert [code for code in codes if f"`{code}`" not in files()["docs/guide/import.md"]] == []
