"""How someone comes to text JOIN: the words, the link, and what a camera finds in the code.

The facts it rests on. A link `sms:NUMBER?&body=TEXT` opens the text ready to send on iPhones, which
want the &, and on Android phones, which want the ? of RFC 5724. Cameras read `SMSTO:NUMBER:TEXT`
more widely than that link, and an https address most widely of all. A code is drawn, not counted:
someone's typing error should hit nothing rather than the next site's code.

Whether there is such an invitation, and what a JOIN does, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import phonenumbers

from shiftbell.rules import spoken
from shiftbell.rules.wording import Wording, WordingFacts, render

CROWDED = 4_500
"""So many codes of four digits are half of all there are; then they are drawn with five."""

_SATURDAY = 5


def draw_code(taken: Collection[str], draw: Callable[[int], int]) -> str:
    """Return a code of four digits, or five, that was never given out. `draw(n)` is below n."""
    short = sum(len(code) == 4 for code in taken)
    lowest = 1_000 if short < CROWDED else 10_000
    while (code := str(lowest + draw(9 * lowest))) in taken:
        pass
    return code


def join_text(code: str) -> str:
    """Return what to text, like "JOIN 4821"."""
    return f"JOIN {code}"


def sms_link(number: str, code: str) -> str:
    """Return the link of a page that opens the text ready to send; `number` in E.164."""
    return f"sms:{number}?&body={quote(join_text(code))}"


def scanned(number: str, code: str) -> str:
    """Return what a QR code holds so that a camera opens the text ready to send."""
    return f"SMSTO:{number}:{join_text(code)}"


def page_address(public_url: str, code: str) -> str:
    """Return the address of an invitation's page; empty where PUBLIC_URL is not set."""
    return f"{public_url.rstrip('/')}/join/{code}" if public_url else ""


def privacy_address(public_url: str) -> str:
    """Return the address of the privacy page; empty where PUBLIC_URL is not set."""
    return f"{public_url.rstrip('/')}/privacy" if public_url else ""


def readable(number: str, region: str) -> str:
    """Return an E.164 number as people in `region` write it: "(650) 555-0100"."""
    parsed = phonenumbers.parse(number)
    at_home = phonenumbers.country_code_for_region(region) == parsed.country_code
    shape = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, shape.NATIONAL if at_home else shape.INTERNATIONAL)


def next_saturday(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the start and end of an early shift on the Saturday to come, for samples."""
    day = now.astimezone(zone).date()
    day += timedelta(days=(_SATURDAY - day.weekday()) % 7 or 7)
    return datetime.combine(day, time(7), zone), datetime.combine(day, time(15), zone)


def sample_offer(
    brand: str, place: str, zone: ZoneInfo, *, now: datetime, language: str, us: bool
) -> str:
    """Return an offer as it would be texted: next Saturday's early shift at `place`."""
    start, end = next_saturday(now, zone)
    shift = spoken.shift_line(start, end, zone, place, language=language, us=us)
    return render(Wording.OPEN_SHIFT, language, WordingFacts(brand=brand, shift=shift))
