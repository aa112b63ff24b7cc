"""The application as a WSGI server sees it, with threads kept to spare for the webhook.

A page may hang on a slow query and a curious person may open fifty of them; RingCentral still has
its answer in milliseconds, since pages may hold only some of the server's threads. One more than
that is told to come back, at once: a queue of waiting pages helps nobody.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from shiftbell.web import webhook

THREADS = 64
PAGES_MAX = 48  # the rest is the webhook's alone

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_FULL = b'{"error": "Too many pages are open. Try again in a moment."}'


def with_threads_to_spare(inner: Application, pages_max: int = PAGES_MAX) -> Application:
    """Return `inner`, answering 503 for any page beyond `pages_max` at a time."""
    seats = threading.BoundedSemaphore(pages_max)

    def outer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == webhook.PATH:
            return _whole(inner(environ, start_response))
        if not seats.acquire(blocking=False):
            headers = [("Content-Type", "application/json"), ("Retry-After", "1")]
            start_response("503 Service Unavailable", headers)
            return [_FULL]
        try:
            return _whole(inner(environ, start_response))
        finally:
            seats.release()

    return outer


def _whole(response: Iterable[bytes]) -> list[bytes]:
    """Return the body as a list, which a server sends in one piece with its length."""
    try:
        return list(response)
    finally:
        if close := getattr(response, "close", None):
            close()


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shiftbell.django_settings")
application = with_threads_to_spare(get_wsgi_application())
