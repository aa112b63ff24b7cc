"""K7: a number whose campaign is not confirmed sends nothing; what else is worth a warning."""

from __future__ import annotations

import pytest

from shiftbell.rules.phones import needs_campaign
from shiftbell.rules.registration import may_send, remarks, status_of

LOCAL, TOLL_FREE, ABROAD = "+16505550100", "+18005550100", "+44"


@pytest.mark.parametrize(
    ("told", "number", "status", "sends"),
    [
        ("Confirmed", LOCAL, "Confirmed", True),
        ("CampaignSuspended", LOCAL, "CampaignSuspended", False),
        ("Submitted", LOCAL, "Submitted", False),
        ("Draft", TOLL_FREE, "Draft", False),
        ("", LOCAL, "NotLinked", False),
        ("", TOLL_FREE, "", True),
        ("", ABROAD, "", True),
    ],
)
def test_k7_only_a_confirmed_campaign_sends(told: str, number: str, status: str, sends: bool):
    assert status_of(told, needed=needs_campaign(number)) == status
    assert may_send(status) is sends


def test_k7_what_nobody_could_look_up_yet_is_not_held_back():
    assert may_send("")


@pytest.mark.parametrize(
    ("use_cases", "tier", "sent", "said"),
    [
        (["ConversationsInternal"], "Standard", 100_000, []),
        (["AccountNotification", "Marketing"], "LowVolume", 4799, []),
        (["AccountNotification"], "LowVolume", 4800, ["4800 texts left in 24 hours"]),
        (["Marketing"], "Standard", 0, ["The campaign is registered for Marketing"]),
        ([], "", 0, []),
    ],
)
def test_k7_what_an_operator_is_warned_of(use_cases, tier, sent, said):
    found = list(remarks(use_cases, tier, sent))
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))
