"""Which address shows what."""

from __future__ import annotations

from django.urls import URLPattern, path

from shiftbell.web import answers, health, webhook

urlpatterns: list[URLPattern] = [
    path("health", health.show),
    path(webhook.PATH.removeprefix("/"), webhook.receive),
]

handler400 = answers.bad_request
handler404 = answers.not_found
handler500 = answers.failed
