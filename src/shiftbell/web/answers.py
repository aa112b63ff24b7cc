"""What every answer of ours looks like: small, JSON, never cached, and never a page of Django's.

Nobody but machines and operators with curl asks here so far, so even 404 and 500 are JSON.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse


def said(status: int, words: str, **headers: str) -> HttpResponse:
    """Return an answer that is one sentence; `headers` are named like Retry_After."""
    response = JsonResponse({"error": words}, status=status)
    response["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for an address that shows nothing."""
    return said(404, "There is nothing at this address. GET /health tells how Shiftbell is.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for a request that Django itself refuses."""
    return said(400, "This request cannot be read.")


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours; the log has the rest."""
    return said(500, "Something unexpected went wrong. The log tells more.")
