"""What a Python file of ours may look like. Each rule takes a path and a text, and complains.

A complaint is `path:line: what is wrong`; no complaint is an empty list. Style that ruff knows is
left to ruff; these are the rules it has no name for.
"""

import ast
import re
import sys
from collections.abc import Iterator

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400

Function = ast.FunctionDef | ast.AsyncFunctionDef

VAGUE = {"util", "utils", "helper", "helpers", "handle", "handler", "handlers", "service", "misc"}
"""Words that say nothing, anywhere in the name of a module, a class or a function."""

VAGUE_FIRST = {"process"}
"""Words that say nothing as a verb, but are a thing elsewhere."""

VAGUE_LAST = {"manager", "processor", "service"}
"""Words that name no thing; a manager is a person here."""


FOREIGN = {"handle_request"}
"""Names that a library calls us by."""

ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}


def long_lines(path: str, text: str) -> list[str]:
    """Lines end before column 101, so that two files fit side by side."""
    return [
        f"{path}:{number}: {len(line)} columns, {COLUMNS_MAX} are allowed"
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > COLUMNS_MAX
    ]


def long_files(path: str, text: str) -> list[str]:
    """A file is read in one sitting."""
    lines = len(text.splitlines())
    return [f"{path}:1: {lines} lines, {FILE_LINES_MAX} are allowed"] * (lines > FILE_LINES_MAX)


def long_functions(path: str, text: str) -> list[str]:
    """A function fits on a screen."""
    return [
        f"{path}:{node.lineno}: {node.name} has {length} lines, {FUNCTION_LINES_MAX} are allowed"
        for node in functions(text)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def unintroduced_modules(path: str, text: str) -> list[str]:
    """Every module that holds code begins by telling the reader what it decides."""
    tree = ast.parse(text)
    return [f"{path}:1: no docstring"] * bool(tree.body and not ast.get_docstring(tree))


def vague_names(path: str, text: str) -> list[str]:
    """Names say what a thing is or does."""
    stem = path.rsplit("/", 1)[-1].removesuffix(".py")
    named = [(1, stem)] + [
        (node.lineno, node.name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, Function | ast.ClassDef)
    ]
    return [
        f"{path}:{line}: {name} says nothing"
        for line, name in named
        if is_vague(name) and name not in FOREIGN
    ]


def is_vague(name: str) -> bool:
    """Tell whether a snake_case or CamelCase name leans on a word that says nothing."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")
    is_class = name[:1].isupper()
    return (
        bool(VAGUE & set(words))
        or (words[0] in VAGUE_FIRST and not is_class)
        or (words[-1] in VAGUE_LAST and is_class)
    )


def testing_branches(path: str, text: str) -> list[str]:
    """The product does not know that it is tested: pretending happens at the HTTP edge."""
    return [
        f"{path}:{node.lineno}: asks whether it is being tested"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.If | ast.IfExp | ast.While)
        and re.search(r"\b(is_|under_)?test(ing|s)?(_mode)?\b|pytest", ast.unparse(node.test), re.I)
    ]


def environment_readers(path: str, text: str) -> list[str]:
    """Only config/ reads the environment; Django's own start may tell it where settings are."""
    if path.startswith("src/shiftbell/config/"):
        return []
    nodes = list(ast.walk(ast.parse(text)))
    allowed = {
        id(node.func.value)
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and starts_django(node)
    }
    return [
        f"{path}:{node.lineno}: reads the environment; config/ does that"
        for node in nodes
        if (isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT)
        or (isinstance(node, ast.ImportFrom) and names_environment(node))
        if id(node) not in allowed
    ]


def starts_django(call: ast.Call) -> bool:
    """Tell whether a call names Django's settings, which is the one thing Django asks for so."""
    return ast.unparse(call).startswith("os.environ.setdefault('DJANGO_SETTINGS_MODULE',")


def names_environment(node: ast.ImportFrom) -> bool:
    """Tell whether an import takes the environment out of `os`."""
    return any(f"{node.module}.{name.name}" in ENVIRONMENT for name in node.names)


def clocks_in_rules(path: str, text: str) -> list[str]:
    """Rules are handed the time; import-linter keeps the other impurities away."""
    if "/rules/" not in path:
        return []
    return [
        f"{path}:{node.lineno}: asks a clock; `now` is an argument"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
    ]


def coloured_functions(path: str, text: str) -> list[str]:
    """One colour of function: synchronous."""
    return [
        f"{path}:{node.lineno}: {node.name} is asynchronous"
        for node in functions(text)
        if isinstance(node, ast.AsyncFunctionDef)
    ]


def foreign_imports(text: str) -> set[str]:
    """Return the top-level packages that a module imports, but Python's and ours."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                found |= {name.name.split(".")[0] for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.split(".")[0])
    return found - sys.stdlib_module_names - {"_typeshed", "shiftbell", "tests", "tools"}


def functions(text: str) -> Iterator[Function]:
    """Yield every function of a module, methods and inner ones too."""
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, Function))
