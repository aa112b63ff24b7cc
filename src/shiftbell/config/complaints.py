"""What pydantic finds wrong with a value, in our words: what it must be, and one that is right.

`checks` brings words of its own, which are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shiftbell.config.knobs import Settings

# By pydantic's type of error; the braces are filled from its context.
_WORDS = {
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is not a whole number",
    "float_parsing": "is not a number",
    "finite_number": "is not a number",
    "bool_parsing": "must be 1 or 0",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_too_long": "must have at most {max_length} characters",
}
# For what has no default to show.
_EXAMPLES = {
    "WEBHOOK_PORT": "3001",
    "SMS_RATE_LIMIT_PER_MINUTE": "35",
    "MIN_REST_HOURS": "8",
    "BRAND_NAME": "Acme",
    "HELP_CONTACT": "+13125550142",
    "MAIL_FROM": "Acme Shifts <shifts@example.com>",
    "MAIL_POSTAL_ADDRESS": "Acme, 1 Main St, Springfield",
}


def complaint(detail: Mapping[str, Any]) -> str:
    """Return one of pydantic's details as a sentence that begins with the variable's name."""
    name = str(detail["loc"][0])
    if detail["type"] == "value_error":
        return f"{name.upper()} {detail['ctx']['error']}."
    words = (
        _WORDS.get(detail["type"], "cannot be read")
        .format(**detail.get("ctx", {}))
        .replace("'", "")
    )
    return f"{name.upper()} {words}; write it like {name.upper()}={_example(name)}."


def _example(name: str) -> str:
    default = Settings.model_fields[name].default
    if isinstance(default, bool):
        return str(int(default))
    return _EXAMPLES.get(name.upper()) or (
        f"{default:g}" if isinstance(default, float) else str(default)
    )
