"""May a letter leave, and what follows from handing it over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.mail_sending import (
    DOUBTS_MAX,
    FAILURES_BEFORE_NEWS,
    LETTERS_BEFORE_NEWS,
    ROAD_WAIT_MAX,
    WAIT_MAX,
    End,
    Handed,
    Leave,
    Leaving,
    Mailbox,
    Next,
    after_handing,
    may_mail,
)
from shiftbell.rules.sending import Kind
from tests.moments import NOON

OFFER = Leaving(kind=Kind.OFFER, expires_at=NOON + timedelta(hours=9))
MINUTE = timedelta(minutes=1)
counts = st.integers(0, 1000)


@pytest.mark.parametrize(
    ("mailbox", "reason"),
    [
        (Mailbox(unsubscribed=True), "unsubscribed"),
        (Mailbox(unusable=True), "address_refused"),
        (Mailbox(corrected=True), "address_changed"),
        (Mailbox(unsubscribed=True, unusable=True, corrected=True), "unsubscribed"),
    ],
)
def test_a_mailbox_that_may_not_be_written_to_ends_a_letter(mailbox: Mailbox, reason: str) -> None:
    ruling = may_mail(OFFER, mailbox, NOON)
    assert (ruling.verdict, ruling.reason) == (Leave.CANCEL, reason)


def test_a_good_mailbox_leaves_the_ruling_to_what_holds_for_texts() -> None:
    assert may_mail(OFFER, Mailbox(), NOON).verdict is Leave.GO
    assert may_mail(OFFER, Mailbox(), NOON + timedelta(hours=9)).reason == "expired"


FIRST_TIME = [
    (End.TAKEN, Next("sent")),
    (End.ADDRESS_REFUSED, Next("failed", "why", bad_address=True)),
    (End.UNWRITABLE, Next("failed", "why")),
    (End.WITHDRAWN, Next("queued", "why")),
    (End.LATER, Next("queued", "why", wait=MINUTE)),
    (End.UNREACHED, Next("queued", "why", road_wait=MINUTE)),
    (
        End.WE_REFUSED,
        Next("queued", "why", wait=2 * MINUTE, road_wait=MINUTE, news=True),
    ),
    (End.CONTENT_REFUSED, Next("queued", "why", wait=2 * MINUTE, refused=True)),
    (End.UNKNOWN, Next("queued", "why", wait=MINUTE, road_wait=MINUTE, doubt=True)),
]


@pytest.mark.parametrize(("end", "following"), FIRST_TIME)
def test_what_follows_from_each_end_the_first_time(end: End, following: Next) -> None:
    assert after_handing(Handed(end, "why"), tries=0, doubts=0, failures=0) == following


def test_every_end_has_a_line_in_that_table() -> None:
    assert {end for end, _ in FIRST_TIME} == set(End)


@given(st.sampled_from(End), counts, counts, counts)
def test_waits_grow_to_a_limit_and_only_what_was_handed_over_is_ever_given_up(
    end: End, tries: int, doubts: int, failures: int
) -> None:
    following = after_handing(Handed(end), tries=tries, doubts=doubts, failures=failures)
    assert following.wait <= WAIT_MAX + ROAD_WAIT_MAX
    assert following.road_wait is None or MINUTE <= following.road_wait <= ROAD_WAIT_MAX
    if end in {End.LATER, End.UNREACHED, End.WE_REFUSED, End.CONTENT_REFUSED}:
        assert following.state == "queued"
    if end is End.UNKNOWN:
        assert (following.state == "failed") == (doubts + 1 >= DOUBTS_MAX)


@pytest.mark.parametrize("failures", range(FAILURES_BEFORE_NEWS + 2))
def test_a_server_that_restarts_is_no_news(failures: int) -> None:
    following = after_handing(Handed(End.UNREACHED), tries=0, doubts=0, failures=failures)
    assert following.news == (failures >= FAILURES_BEFORE_NEWS)


@pytest.mark.parametrize("refused", range(LETTERS_BEFORE_NEWS + 1))
def test_only_several_letters_refused_for_their_words_close_the_road(refused: int) -> None:
    handed = Handed(End.CONTENT_REFUSED)
    following = after_handing(handed, tries=1, doubts=0, failures=0, refused=refused)
    closed = refused + 1 >= LETTERS_BEFORE_NEWS
    assert (following.news, following.letter_news) == (closed, not closed)
    assert (following.road_wait is not None) == closed


def test_one_letter_that_is_refused_is_news_once() -> None:
    said = [
        after_handing(Handed(End.CONTENT_REFUSED), tries=tries, doubts=0, failures=0)
        for tries in range(9)
    ]
    assert [each.letter_news for each in said].count(True) == 1


@pytest.mark.parametrize("failures", range(DOUBTS_MAX + 1))
def test_a_server_that_never_says_is_news_once_it_did_so_a_few_times(failures: int) -> None:
    following = after_handing(Handed(End.UNKNOWN), tries=0, doubts=0, failures=failures)
    assert following.news == (failures + 1 >= DOUBTS_MAX)
