"""What a test of ours may look like: nothing patched, nothing slept through, nothing unasserted."""

import ast
from collections.abc import Iterable

from tests.tidy.rules_of_code import Function

PATCHES = {"monkeypatch", "mocker", "mock", "MagicMock", "Mock", "patch"}
"""What patching goes by. Clock, provider and dice are arguments, so there is nothing to patch."""

WAITS = {"tests/crash/scene.py": 1}
"""Where real processes are waited for, with a deadline, and at how many places in that file."""

JUDGES = {"raises", "warns", "fail"}
"""pytest's own ways of judging."""


def patches(path: str, text: str) -> list[str]:
    """Nothing is patched."""
    return [
        f"{path}:{line}: {name} patches what should be an argument"
        for line, name in names_used(ast.parse(text))
        if name in PATCHES
    ]


def sleeps(path: str, text: str) -> list[str]:
    """Nothing is slept through: a sleep is too short on a slow day and too long on all others."""
    found = [
        f"{path}:{node.lineno}: sleeps; advance a clock, or wait for an event"
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep")
        or (isinstance(node, ast.ImportFrom) and node.module == "time" and takes_sleep(node))
    ]
    return found[WAITS.get(path, 0) :]


def takes_sleep(node: ast.ImportFrom) -> bool:
    """Tell whether an import takes `sleep` out of its module."""
    return any(name.name == "sleep" for name in node.names)


def names_used(tree: ast.AST) -> Iterable[tuple[int, str]]:
    """Yield every name, attribute, argument and import of a module with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.alias(name=name):
                yield node.lineno, name.rsplit(".", 1)[-1]


def unasserted_tests(path: str, text: str, judges: Iterable[str] = ()) -> list[str]:
    """Every test judges: it asserts, expects an error, or calls something in tests/ that does."""
    known = JUDGES | set(judges)
    return [
        f"{path}:{node.lineno}: {node.name} asserts nothing"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, Function)
        and node.name.startswith("test_")
        and not judges_in(node, known)
    ]


def judges_in(node: ast.AST, known: Iterable[str]) -> bool:
    """Tell whether something under `node` judges: an assertion that can fail, or a known judge."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assert) and not isinstance(inner.test, ast.Constant):
            return True
        if isinstance(inner, ast.Call) and called(inner) in known:
            return True
    return False


def called(call: ast.Call) -> str:
    """Return the last part of the name that a call goes to."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def judging_names(texts: Iterable[str]) -> set[str]:
    """Name the functions, fixtures and classes of tests/ that judge, directly or through another.

    Tests themselves are not among them, and neither is a name that only sometimes judges: one
    definition of that name that does not is enough to disqualify it.
    """
    nodes = [
        node
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, Function | ast.ClassDef) and not node.name.lower().startswith("test")
    ]
    known: set[str] = set()
    while True:
        silent = {node.name for node in nodes if not judges_in(node, known | JUDGES)}
        found = {node.name for node in nodes} - silent
        if found == known:
            return known
        known = found
