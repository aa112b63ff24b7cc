"""What all pages for people share: headers that keep them harmless, colours that can be read."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client

from shiftbell.rules.data import read_data
from shiftbell.web import pages

STYLE = (Path(pages.__file__).with_name("templates") / "page.css").read_text(encoding="utf-8")
READ_ON = [
    ("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("ink", "card"), ("soft", "card"),
    ("on-accent", "accent"), ("ink", "theirs"), ("warn", "warn-paper"),
]  # fmt: skip


def colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.S)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark if scheme == "dark" else light))


def luminance(colour: str) -> float:
    parts = (int(colour[at:end], 16) / 255 for at, end in pairwise((1, 3, 5, 7)))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READ_ON)
def test_all_text_has_the_contrast_of_wcag_aa(scheme: str, text: str, ground: str):
    shown = colours(scheme)
    lighter, darker = sorted((luminance(shown[text]), luminance(shown[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/privacy", "/join/9999"])
def test_the_policy_lets_nothing_in_but_the_pages_own_style(path: str):
    answer = Client().get(path)
    style = re.search(r"<style>(.*?)</style>", answer.content.decode(), re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    for closed in ("default-src", "base-uri", "form-action", "frame-ancestors"):
        assert f"{closed} 'none'" in policy
    assert "unsafe" not in policy
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"] == f"max-age={pages.CACHE_SECONDS}"


def test_every_page_has_the_same_words_in_both_languages():
    def shape(said: object) -> object:
        if isinstance(said, dict):
            return {name: shape(each) for name, each in said.items()}
        if isinstance(said, list):
            return [shape(each) for each in said]
        return sorted(re.findall(r"\{\w+\}", str(said)))

    written = read_data("pages.toml")
    assert shape(written["en"]) == shape(written["es"])


def test_a_qr_code_is_black_on_white_with_the_margin_that_cameras_need():
    code = pages.qr_code("SMSTO:+16505550100:JOIN 4821")
    size = int(re.findall(r'viewBox="0 0 (\d+) \1"', code)[0])
    assert (size - 8 - 17) % 4 == 0
    assert f'fill="#fff" d="M0 0h{size}v{size}' in code
    assert "xmlns" not in code
    assert pages.qr_code("x", alone=True).startswith("<?xml")
