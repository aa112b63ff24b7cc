"""Everything that can go wrong, as one tree. Each error says what to do next.

    ShiftbellError
    ├── ConfigError                 a setting is missing or malformed
    ├── BadInput                    what someone typed cannot be used
    │   ├── BadNumber               not a number we may text
    │   ├── BadAddress              not an address we may write to
    │   ├── BadTime                 a date or time that does not exist, or exists twice
    │   ├── BadTemplate             a wording that cannot be rendered
    │   └── NotFound                no such shift, employee, message
    ├── Conflict                    it contradicts what is already so (a full shift, a taken number)
    ├── PaceExceeded                the rate bucket has no slot for us now
    ├── DeadlinePassed              too late to write the request; nothing was sent
    ├── WithdrawnAtTheLastMoment    the last check before the first byte said no; nothing was sent
    ├── RingCentralError            RingCentral, or the way to it
    │   ├── RefusedByRingCentral    an answer that says no, with a code
    │   │   ├── LoginRefused        the login itself was refused
    │   │   └── SyncTokenRejected   message-sync wants to start afresh
    │   ├── RateLimited             429: be quiet for a while
    │   ├── NotDelivered            the request surely never left us
    │   ├── OutcomeUnknown          the text may have left; only the message store knows
    │   └── RingCentralUnavailable  a read that failed for now
    └── MailError                   the mail server, or the way to it
        ├── MailRefused             it will not take mail for this address, ever
        ├── MailRejectedUs          it takes nothing from us
        ├── MailContentRefused      it takes not this letter, for what it says
        ├── MailUnavailable         it took nothing; trying again later is right
        └── MailOutcomeUnknown      it may have taken the letter and did not say

Programmer mistakes are asserted, expected trouble is returned as a verdict, the world's trouble is
raised from here. No text in here may hold a secret, a full phone number or a full e-mail address.
"""

from __future__ import annotations

from datetime import timedelta


class ShiftbellError(Exception):
    """Anything Shiftbell raises on purpose; `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def sentence(self) -> str:
        """Return the message with its hint, for a person to read."""
        message = self.message.rstrip()
        if message and message[-1] not in ".!?…":
            message += "."
        return f"{message} {self.hint}".strip()


class ConfigError(ShiftbellError):
    """A setting is missing or malformed; the message names the variable."""


class BadInput(ShiftbellError):
    """What someone typed or sent cannot be used."""

    def __init__(self, message: str, *, hint: str = "", field: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class BadNumber(BadInput, ValueError):
    """Not a phone number we may text."""


class BadAddress(BadInput, ValueError):
    """Not an e-mail address we may write to."""


class BadTime(BadInput, ValueError):
    """A date or a time that does not exist there, or exists twice."""


class BadTemplate(BadInput, ValueError):
    """A wording that cannot be rendered."""


class NotFound(BadInput, LookupError):
    """No such shift, employee, offer or message."""


class Conflict(ShiftbellError):
    """It contradicts what is already so: a full shift, a number that is another's."""


class PaceExceeded(ShiftbellError):
    """The rate bucket has no slot for us now."""

    def __init__(self, message: str, *, quiet_for: timedelta, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.quiet_for = quiet_for


class DeadlinePassed(ShiftbellError):
    """The lease is too old to write the request; nothing was sent."""


class WithdrawnAtTheLastMoment(ShiftbellError):
    """The last check before the first byte said no; nothing was sent."""


class RingCentralError(ShiftbellError):
    """RingCentral, or the way to it."""

    def __init__(self, message: str, *, hint: str = "", request_id: str = "") -> None:
        super().__init__(message, hint=hint)
        self.request_id = request_id


class RefusedByRingCentral(RingCentralError):
    """RingCentral answered no. `code` is its error code, `parameter` the field it blames."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        parameter: str = "",
        hint: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id)
        self.status = status
        self.code = code
        self.parameter = parameter


class LoginRefused(RefusedByRingCentral):
    """RingCentral refused the login; trying the same again only costs the Auth limit."""


class SyncTokenRejected(RefusedByRingCentral):
    """The sync token is unusable; a full sync starts afresh."""


class RateLimited(RingCentralError):
    """RingCentral asked us to be quiet for `retry_after`."""

    def __init__(
        self,
        message: str,
        *,
        group: str,
        retry_after: timedelta,
        code: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, request_id=request_id)
        self.group = group
        self.retry_after = retry_after
        self.code = code


class NotDelivered(RingCentralError):
    """The request surely never left us: no connection, no name, no TLS."""


class OutcomeUnknown(RingCentralError):
    """The request may have reached RingCentral; a blind second text would be wrong."""


class RingCentralUnavailable(RingCentralError):
    """A read or an upkeep call failed for now; trying again later is safe."""


class MailError(ShiftbellError):
    """The mail server, or the way to it. `code` is its reply code, 0 where it gave none."""

    def __init__(self, message: str, *, code: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class MailRefused(MailError):
    """The server will not take mail for this address, now or later: the address is bad."""


class MailRejectedUs(MailError):
    """Our login or our sender address was refused; the next letter will be too."""


class MailContentRefused(MailError):
    """What one letter says was refused; another may well be taken."""


class MailUnavailable(MailError):
    """The server surely took nothing, and may take it later."""


class MailOutcomeUnknown(MailError):
    """The connection broke after the letter had begun to leave: the server may have it."""
