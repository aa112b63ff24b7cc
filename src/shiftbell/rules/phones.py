"""Which number a person meant, and how a number is shown where others may read it.

Spreadsheets hold numbers as people typed them and as Excel mangled them; RingCentral wants E.164.
`phonenumbers` knows the world's numbering plans; this module adds what it leaves to us:

* A *possible* number passes, even one that no carrier has given out yet: the library's knowledge
  of new area codes is always some months old, and a refused number is an employee not asked.
* A number that can never be texted (toll-free, premium, short) is refused with the next step.
* An extension is dropped with a note. Texts go to a line, never to an extension behind it; a
  person who wrote one may have given a desk phone, so the import says so.

What a log may show is decided here too: the country code and the last four digits. Error texts
name no digits at all, since they end up in logs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult

from shiftbell.errors import BadNumber

_HIDDEN = "•••••"
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\ufe58\ufe63]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FORMULA = re.compile(r'^=?"(.*)"$')
_LABEL = re.compile(r"^(tel|telephone|phone|cell|mobile|mob|ph|c|m|p)\b[:.\s]*", re.IGNORECASE)
_LABEL_AFTER = re.compile(r"[\s(]+(cell|mobile|mob|home|work|c|m|h|w)\.?\)?$", re.IGNORECASE)
_EXTENSION = re.compile(r"[\s,;]*(?:extension|extn|ext|x|#)[.:=\s]*(\d{1,7})$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^\d([.,]\d+)?e\+?\d{1,2}$", re.IGNORECASE)
_DECIMAL = re.compile(r"^(\+?\d{7,15})[.,]0+$")
_BETWEEN_NUMBERS = re.compile(r"[/;,&]|\bor\b|\band\b", re.IGNORECASE)

# North America's toll-free and premium area codes, for numbers phonenumbers finds possible but
# not valid, whose type it therefore does not know.
_NANP_TOLL_FREE = {"800", "833", "844", "855", "866", "877", "888"}
_NANP_PREMIUM = {"900"}

_NEVER_TEXTED = {
    PhoneNumberType.TOLL_FREE: "This is a toll-free number, which receives no texts.",
    PhoneNumberType.PREMIUM_RATE: "This is a premium-rate number.",
    PhoneNumberType.SHARED_COST: "This is a shared-cost number, which receives no texts.",
    PhoneNumberType.UAN: "This is a company number, which receives no texts.",
    PhoneNumberType.VOICEMAIL: "This is a voicemail number, which receives no texts.",
    PhoneNumberType.PAGER: "This is a pager.",
}
_IMPOSSIBLE = {
    ValidationResult.TOO_SHORT: "This is too short for a phone number.",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "This number has no area code.",
    ValidationResult.TOO_LONG: "This has too many digits for a phone number.",
    ValidationResult.INVALID_LENGTH: "This has the wrong number of digits.",
    ValidationResult.INVALID_COUNTRY_CODE: "No country has this country code.",
}
_ASK_FOR_MOBILE = "Ask the person for their mobile number."
_CHECK_DIGITS = "Write the area code and all digits, such as (312) 555-0142."


@dataclass(frozen=True)
class PhoneRead:
    """A usable number in E.164, and a `note` where something was left out of what was written."""

    number: str
    note: str = ""


def parse(raw: str, region: str) -> str:
    """Return `raw` as E.164, read as someone in `region` ("US") would dial it.

    An extension is dropped; `read` also says so. Raises BadNumber.
    """
    return read(raw, region).number


def read(raw: str, region: str) -> PhoneRead:
    """Return the number in E.164 with a note when an extension was dropped; raise BadNumber."""
    text, extension = _cut_extension(_tidied(raw))
    _refuse_what_is_no_number(text)
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as trouble:
        raise BadNumber(
            "This is not a phone number.", hint=_CHECK_DIGITS, field="phone"
        ) from trouble
    _refuse_what_cannot_be_texted(number)
    extension = extension or number.extension or ""
    note = f"Extension {extension} was left out: a text reaches the line itself."
    return PhoneRead(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        note if extension else "",
    )


def mask(number: str) -> str:
    """Return `number` fit for a log: country code and last four digits, "+1•••••0142".

    The country code shows only after a plus. Anything too short to hide at least four digits
    is hidden whole; what is already masked stays as it is.
    """
    text = unicodedata.normalize("NFKC", number).strip()
    if _MASKED.fullmatch(text):
        return text
    digits = "".join(char for char in text if char.isdecimal())
    code = _country_code(digits) if text.startswith("+") else ""
    if len(digits) < len(code) + 8:
        return _HIDDEN
    return f"{'+' if code else ''}{code}{_HIDDEN}{digits[-4:]}"


def mask_text(text: str) -> str:
    """Mask every run in `text` that looks like a phone number; dates, times and ids stay."""
    return _IN_TEXT.sub(lambda found: mask(found.group()), text)


_MASKED = re.compile(rf"(\+\d{{1,3}})?{_HIDDEN}(\d{{4}})?", re.ASCII)
_BETWEEN = r"[\s.()\-\u2010-\u2015\u2212/]{0,3}"
# Three shapes, the strictest first so that it does not swallow what follows a number: North
# American with or without +1; anything dialled internationally; a local number without area code.
_IN_TEXT = re.compile(
    rf"(?<![\d.])\+?(?:1{_BETWEEN})?\(?[2-9]\d{{2}}{_BETWEEN}\d{{3}}{_BETWEEN}\d{{4}}(?!\d)"
    rf"|(?:\+|(?<!\d)00)\d(?:{_BETWEEN}\d){{6,14}}"
    r"|(?<![\d.-])[2-9]\d{2}[-.]\d{4}(?![\d-])"
)


def needs_campaign(e164: str) -> bool:
    """Whether a number of ours texts under a 10DLC campaign: North American, and not toll-free."""
    return e164.startswith("+1") and e164[2:5] not in _NANP_TOLL_FREE


def _tidied(raw: str) -> str:
    """Undo what keyboards and spreadsheets do to a number."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", raw))
    text = _DASHES.sub("-", text).strip().lstrip("'").strip()
    text = _FORMULA.sub(r"\1", text).strip()
    text = _LABEL_AFTER.sub("", _LABEL.sub("", text)).strip()
    text = _DECIMAL.sub(r"\1", text)
    return "+" + text[2:] if text.startswith("00") else text


def _cut_extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text)
    return (text[: found.start()], found.group(1)) if found else (text, "")


def _refuse_what_is_no_number(text: str) -> None:
    """Raise for what `phonenumbers` would take for a number after guessing."""
    if _SCIENTIFIC.match(text):
        raise BadNumber(
            "The spreadsheet has rounded this number, and its last digits are lost.",
            hint="Format the column as text, enter the number again, and export once more.",
            field="phone",
        )
    if not any(char.isdecimal() for char in text):
        raise BadNumber("There is no phone number here.", hint=_CHECK_DIGITS, field="phone")
    if sum(len(re.findall(r"\d", part)) >= 7 for part in _BETWEEN_NUMBERS.split(text)) > 1:
        raise BadNumber(
            "There are two numbers here.", hint="Keep the mobile number only.", field="phone"
        )
    if any(char.isalpha() for char in text):
        raise BadNumber("There are letters in this number.", hint=_CHECK_DIGITS, field="phone")


def _refuse_what_cannot_be_texted(number: phonenumbers.PhoneNumber) -> None:
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != ValidationResult.IS_POSSIBLE:
        raise BadNumber(_IMPOSSIBLE[reason], hint=_CHECK_DIGITS, field="phone")
    kind = phonenumbers.number_type(number)
    if number.country_code == 1:
        area_code = phonenumbers.national_significant_number(number)[:3]
        if area_code[0] in "01":
            raise BadNumber(
                "No North American area code starts with 0 or 1.", hint=_CHECK_DIGITS, field="phone"
            )
        if area_code in _NANP_TOLL_FREE:
            kind = PhoneNumberType.TOLL_FREE
        elif area_code in _NANP_PREMIUM:
            kind = PhoneNumberType.PREMIUM_RATE
    if kind in _NEVER_TEXTED:
        raise BadNumber(_NEVER_TEXTED[kind], hint=_ASK_FOR_MOBILE, field="phone")


def _country_code(digits: str) -> str:
    """Return the country code that `digits` begin with, or nothing; no code starts another."""
    if digits.startswith("0"):
        return ""
    starts = (digits[:length] for length in (1, 2, 3) if len(digits) >= length)
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((start for start in starts if int(start) in known), "")
