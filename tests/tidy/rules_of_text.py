"""What any file of the project may say: documents, data, settings and code alike.

Rules take a path and a text, and return complaints, like those of rules_of_code. Patterns that
would match themselves are written with a bracket in the middle.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import phonenumbers

NUMBER = re.compile(
    r"(?<![\w.+-])(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}(?!\w)"
    r"|(?<![\w.])\+(?:1\d{10}|[2-9]\d{9,14})(?!\w)"
    r"|(?<![\w.+/-])1?[2-9]\d\d[2-9]\d{6}(?![\w-])"
)
"""What a reader takes for a telephone number: punctuated, E.164, or ten bare digits."""

MACHINE = re.compile(r"(?<![\w.~>}])/(?:[h]ome|[U]sers|[r]oot|[w]ork|[t]mp|mnt)/\w")
"""Folders that exist on somebody's machine only."""

REGISTRY = re.compile(r"\b[p]ypi\.|python[h]osted|registry\.[n]pmjs|--(?:extra-)?[i]ndex-url")
"""Where packages come from is the machine's choice, not the project's."""

UNFINISHED = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")


def foreign_numbers(path: str, text: str) -> list[str]:
    """Telephone numbers are fictional: a real area code and 555-01xx, so that nobody is texted."""
    return [
        f"{path}:{line}: {number} could be somebody's; write one like 312-555-0142"
        for line, number in matches(NUMBER, text)
        if not is_fictional(number)
    ]


def is_fictional(number: str) -> bool:
    """Tell whether a number as written belongs to nobody."""
    digits = re.sub(r"\D", "", number)
    national = digits[-10:]
    if len(digits) not in {10, 11} or not re.fullmatch(r"\d{3}55501\d\d", national):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse("+1" + national))


def machine_paths(path: str, text: str) -> list[str]:
    """No file knows the machine it was written on."""
    return [f"{path}:{n}: {found} is one machine's folder" for n, found in matches(MACHINE, text)]


def registries(path: str, text: str) -> list[str]:
    """No file says where packages come from."""
    return [f"{path}:{n}: {found} names a registry" for n, found in matches(REGISTRY, text)]


def unfinished(path: str, text: str) -> list[str]:
    """What is not done is an issue, not a comment."""
    return [f"{path}:{n}: {found} left behind" for n, found in matches(UNFINISHED, text)]


def matches(pattern: re.Pattern[str], text: str) -> list[tuple[int, str]]:
    """Return every match with its line, counted from 1."""
    return [(text.count("\n", 0, m.start()) + 1, m.group()) for m in pattern.finditer(text)]


def loose_locks(path: str, text: str) -> list[str]:
    """A lock holds names, versions and hashes: no address, no option, nothing unhashed."""
    entries = re.sub(r"\\\n\s*", "", text).splitlines()
    shape = re.compile(r"[a-z0-9-]+==\S+(?: ; [^@]+?)?(?:\s*--hash=sha256:[0-9a-f]{64})+")
    return [f"{path}: {entry[:80]!r} is not name==version with hashes" for entry in entries
            if not shape.fullmatch(entry)]  # fmt: skip


def unknown_targets(path: str, text: str, targets: Iterable[str]) -> list[str]:
    """Every `make` command that a document names can be typed."""
    said = matches(re.compile(r"(?:(?<=`make )|(?<=^make )|(?<=^    make ))[a-z]+", re.M), text)
    return [f"{path}:{n}: make {name} does not exist" for n, name in said if name not in targets]


def unknown_commands(path: str, text: str, commands: Iterable[str]) -> list[str]:
    """Every `shiftbell` command that a document names can be typed."""
    said = matches(re.compile(r"(?:(?<=`shiftbell )|(?<=^    shiftbell ))[a-z][a-z-]*", re.M), text)
    return [
        f"{path}:{n}: shiftbell {name} does not exist" for n, name in said if name not in commands
    ]


def makefile_targets(makefile: str) -> set[str]:
    """Return the targets that the Makefile offers: those with a description."""
    return set(re.findall(r"^([a-z]+):.* ## ", makefile, re.M))


def broken_links(path: str, text: str, files: dict[str, str]) -> list[str]:
    """Every link inside the project leads to a file or folder, and its # to a heading there."""
    complaints = []
    for line, target in matches(re.compile(r"(?<=\]\()[^)\s]+(?=\))"), without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = normal(PurePosixPath(path).parent / name) if name else path
        is_folder = any(file.startswith(f"{place}/") for file in files)
        if place not in files and not is_folder:
            complaints.append(f"{path}:{line}: {target} leads nowhere")
        elif anchor and anchor not in anchors(files.get(place, "")):
            complaints.append(f"{path}:{line}: {target} names no heading there")
    return complaints


def normal(path: PurePosixPath) -> str:
    """Return a path without `..`."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def without_code(text: str) -> str:
    """Return a document with its fenced blocks blanked, its lines still counted."""
    return re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text, flags=re.M | re.S)


def anchors(text: str) -> set[str]:
    """Return what GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ +(.+?) *$", without_code(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def unexplained_dependencies(path: str, text: str) -> list[str]:
    """Every dependency stands under a comment with its reason; developers' tools may share one."""
    complaints, of, explained = [], "", False
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if opened := re.fullmatch(r"(dependencies|dev|build) = \[", bare):
            of, explained = opened[1], False
        elif bare.startswith("#"):
            explained = True
        elif bare == "]":
            of = ""
        elif of and not explained:
            complaints.append(f"{path}:{number}: {bare} has no reason above it")
        else:
            explained = explained and of == "dev"
    return complaints
