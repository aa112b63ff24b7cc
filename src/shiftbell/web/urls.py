"""Which address shows what."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from shiftbell.web import answers, health, join, mail_links, pages, webhook

urlpatterns: list[URLPattern] = [
    path("health", health.show),
    path(webhook.PATH.removeprefix("/"), webhook.receive),
    # People type these from a poster: with or without a slash, a code or its half.
    re_path(r"^join(?:/(?P<code>[^/]{1,40}))?/?$", join.show),
    re_path(r"^join/(?P<code>[^/]{1,40})/sheet/?$", join.show_sheet),
    re_path(r"^privacy/?$", join.show_privacy),
    # Whatever was cut off or added on the way still gets a page that says what to do.
    re_path(r"^m/(?P<token>[^/]{0,200})/?$", mail_links.show),
]

handler400 = pages.unreadable
handler404 = answers.not_found
handler500 = answers.failed
