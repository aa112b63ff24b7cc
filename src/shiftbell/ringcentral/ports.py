"""What the client is handed: the app's credentials, somebody who keeps tokens, somebody who paces.

Tokens and buckets are shared by all processes through the database, which this package must not
know. So the client asks for two small objects, and whoever builds it supplies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class AppCredentials:
    """The RingCentral app; its repr shows no secret."""

    server_url: str
    client_id: str
    client_secret: str = field(repr=False)


class Tokens(Protocol):
    """Keeps the access token of one extension."""

    def get(self) -> str:
        """Return a token that should work now, logging in if there is none.

        Raises what `login.login` raises.
        """

    def renew(self, rejected: str) -> str:
        """Return another token than `rejected`, which RingCentral answered with 401.

        Several callers may report the same token; only the first logs in. Raises what
        `login.login` raises.
        """


class Pace(Protocol):
    """Keeps the rate buckets of one extension. Groups are those of `rules.pacing.Group`."""

    def wait_for(self, group: str) -> None:
        """Take one slot of the bucket, waiting a little for it; may raise PaceExceeded."""

    def heard(self, group: str, status: int, headers: Mapping[str, str]) -> None:
        """Take note of an answer: rate headers, and on 429 the penalty.

        Must not raise: a text that was just accepted would be taken for one in doubt.
        """
