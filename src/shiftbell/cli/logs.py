"""How log lines are written: one event and its ids, never a whole phone number or a secret.

Every line passes here, ours and those of the libraries that use `logging`. Numbers are masked in
whatever value they hide in, an exception's text and a key included, so that no caller has to think
of it; values under a name like `token` are left out, and so is any secret of the settings, or of a
link in an e-mail, wherever it turns up. One line stays one line: what a stranger sent cannot forge
another.
"""

from __future__ import annotations

import json
import logging
import logging.config
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import structlog
from pydantic import SecretStr

from shiftbell.config import Settings
from shiftbell.rules import mail_links
from shiftbell.rules.phones import mask_text

HIDDEN = "•••"
_SECRET_NAMES = ("token", "secret", "password", "jwt", "authorization", "assertion", "cookie")
# A short value, like a secret of three letters, would black out half of every line.
_SECRET_LENGTH_MIN = 6
# Lines of libraries below these levels tell nothing that our own do not. Django warns of every 4xx,
# and of some as errors with a trace: a stranger could fill a disk with them.
_LIBRARIES = {
    "httpx2": "WARNING",
    "httpcore2": "WARNING",
    "_granian": "ERROR",
    "django.request": "ERROR",
    "django.security": "CRITICAL",
}

Event = MutableMapping[str, Any]


def set_up(values: Settings) -> None:
    """Make `structlog` and `logging` write to stderr as the settings say."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        hide_private_things(secrets_of(values)),
        as_json if values.log_format == "json" else as_text,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(values.log_level),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last)
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(formatter)
    logging.basicConfig(handlers=[to_stderr], level=values.log_level, force=True)
    for library, level in _LIBRARIES.items():
        logging.getLogger(library).setLevel(level)


def secrets_of(values: Settings) -> tuple[str, ...]:
    """Return the secrets that the settings hold, the longest first."""
    held = (getattr(values, name) for name in type(values).model_fields)
    secrets = {one.get_secret_value() for one in held if isinstance(one, SecretStr)}
    secrets |= {values.smtp.password.get_secret_value()} if values.smtp else set()
    return tuple(sorted((s for s in secrets if len(s) >= _SECRET_LENGTH_MIN), key=len)[::-1])


def hide_private_things(secrets: Sequence[str]) -> Callable[[Any, str, Event], Event]:
    """Return a processor that masks numbers and drops `secrets` from every key and value."""

    def hide(_logger: Any, _method: str, event: Event) -> Event:
        return {
            _hidden_text(key, secrets): _hidden(value, secrets, key) for key, value in event.items()
        }

    return hide


def as_json(_logger: Any, _method: str, event: Event) -> str:
    """Write one event as a JSON object on a line."""
    return _json(event)


def as_text(_logger: Any, _method: str, event: Event) -> str:
    """Write one event as a line that a person reads: when, how bad, what, and its ids."""
    about = dict(event)
    head = [str(about.pop("timestamp", "")), str(about.pop("level", "")).upper().ljust(7)]
    trace = about.pop("exception", "")
    words = [
        *head,
        _one_line(about.pop("event", "")),
        *(f"{_one_line(key)}={_quoted(value)}" for key, value in about.items()),
    ]
    return " ".join(words) + (f"\n{_indented(trace)}" if trace else "")


def _hidden(value: Any, secrets: Sequence[str], name: str = "") -> Any:
    if any(secret in name.casefold() for secret in _SECRET_NAMES):
        return HIDDEN
    if isinstance(value, bool | None):
        return value
    if isinstance(value, int | float):
        shown = _hidden_text(str(value), secrets)
        return value if shown == str(value) else shown
    if isinstance(value, Mapping):
        return {
            _hidden_text(str(k), secrets): _hidden(v, secrets, str(k)) for k, v in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(one, secrets) for one in value]
    return _hidden_text(value if isinstance(value, str) else str(value), secrets)


def _hidden_text(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return mask_text(mail_links.hide(text))


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else _json(value)
    plain = text and text.isprintable() and not any(char in text for char in ' "=')
    return text if plain else _json(text)


def _json(value: Any) -> str:
    """Return JSON that is readable in any language but holds nothing that breaks a line."""
    written = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in written)


def _one_line(text: Any) -> str:
    return "".join(char if char.isprintable() else "�" for char in str(text))


def _indented(trace: str) -> str:
    return "\n".join(f"    {_one_line(line)}" for line in str(trace).splitlines())
