"""What a template may do: fill facts in, and choose. Texts and e-mails are both written so.

Managers will write templates of their own later, so each is treated as a stranger's: it may print
facts, choose with `if` and use three filters, and nothing else; no loop, no call, no arithmetic,
hence no way to hang or to fill the memory. How long a template may be is its caller's to say, as
is what the facts are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shiftbell.errors import BadTemplate
from shiftbell.rules.spoken import ordinal

CHOICES_MAX = 9
"""The longest list that is said; nobody reads more on a phone."""


def filled(template: str, facts: Mapping[str, object], *, name: str, chars_max: int) -> str:
    """Return `template` with `facts` in place; `name` is what an error calls it.

    Raises BadTemplate for a template that is too long, does more than fill in, or needs a fact
    that is missing.
    """
    compiled = _compiled(template, name, chars_max)
    try:
        return compiled.render(facts)
    except UndefinedError as trouble:
        raise BadTemplate(
            f'The wording "{name}" needs a fact that is not there: {trouble.message}.',
            hint="Use only facts that this kind of text has.",
        ) from trouble
    except (TemplateError, TypeError, ValueError) as trouble:
        raise BadTemplate(f'The wording "{name}" cannot be filled in.', hint=_SHAPE) from trouble


_SHAPE = "Write facts as {{ shift }} and choices as {% if code %}...{% endif %}, nothing more."

# Whatever is not here cannot be written: no loops, calls, arithmetic, subscripts or attributes.
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.If,
    nodes.CondExpr,
    nodes.Not,
    nodes.And,
    nodes.Or,
)


def _after(fact: object, before: str) -> str:
    """Put `before` in front of a fact, and nothing where there is none."""
    return "" if fact is None or fact == "" else f"{before}{fact}"


def _numbered(choices: Iterable[tuple[int, str]]) -> str:
    """List choices a line each; the number is what the person replies."""
    return "\n".join(f"{code}) {line}" for code, line in list(choices)[:CHOICES_MAX])


def _present(fact: object) -> object:
    """Let a fact be printed, unless it is optional and absent: "Reply YES None" helps nobody."""
    if fact is None:
        raise UndefinedError("a number that is missing was to be printed")
    return fact


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, finalize=_present)
    # Only ours: some of the stock filters can fill the memory from a short template.
    environment.filters = {"after": _after, "numbered": _numbered, "ordinal": ordinal}
    environment.tests = {}
    environment.globals = {}
    return environment


@lru_cache(maxsize=256)
def _compiled(template: str, name: str, chars_max: int) -> Template:
    if len(template) > chars_max:
        raise BadTemplate(
            f'The wording "{name}" is too long.', hint=f"Keep it under {chars_max} characters."
        )
    try:
        tree = _environment().parse(template)
        strange = next(
            (node for node in tree.find_all(nodes.Node) if not isinstance(node, _ALLOWED)), None
        )
        if strange is not None:
            raise BadTemplate(f'The wording "{name}" does more than fill in facts.', hint=_SHAPE)
        return _environment().from_string(tree)
    except (TemplateSyntaxError, RecursionError) as trouble:
        raise BadTemplate(
            f'The wording "{name}" is not written correctly.', hint=_SHAPE
        ) from trouble
