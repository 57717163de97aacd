"""Refusals of hosting."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, NotFound, Problem


class NoRoom(Exception):
    """No server takes another account now. Not for callers: the account waits."""


class ServerNotFound(NotFound):
    code: ClassVar[str] = "server_not_found"
    title: ClassVar[str] = "There is no such server"


class ServerKnown(Conflict):
    code: ClassVar[str] = "server_known"
    title: ClassVar[str] = "A server of this name or address exists"


class AccountNotFound(NotFound):
    code: ClassVar[str] = "account_not_found"
    title: ClassVar[str] = "There is no such hosting account"


class AccountNotReady(Conflict):
    code: ClassVar[str] = "account_not_ready"
    title: ClassVar[str] = "The account is not in a state for this"


class AccountMayExist(Conflict):
    """A create was sent and nobody knows yet what came of it: the account stays where it is until a look has told."""

    code: ClassVar[str] = "account_may_exist"
    title: ClassVar[str] = "The account may exist on its server already"


class FirstLoginUnknown(NotFound):
    code: ClassVar[str] = "first_login_unknown"
    title: ClassVar[str] = "This link is not one of ours"


class FirstLoginExpired(Problem):
    code: ClassVar[str] = "first_login_expired"
    status: ClassVar[int] = 410
    title: ClassVar[str] = "This link has expired"


class FirstLoginUsed(Problem):
    code: ClassVar[str] = "first_login_used"
    status: ClassVar[int] = 410
    title: ClassVar[str] = "The first password has been shown already and is erased here"


class FirstLoginTooEarly(Conflict):
    code: ClassVar[str] = "first_login_too_early"
    title: ClassVar[str] = "The account is not ready yet"


class PanelUnreachable(Problem):
    code: ClassVar[str] = "panel_unreachable"
    status: ClassVar[int] = 503
    title: ClassVar[str] = "The server does not answer"


class PanelRefused(Problem):
    code: ClassVar[str] = "panel_refused"
    status: ClassVar[int] = 502
    title: ClassVar[str] = "The server refused"
