"""Refusals of identity. What an outsider could learn from them decides how much they tell."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, Problem


class EmailTaken(Conflict):
    code, title = "email_taken", "There is a login with this e-mail address"


class WeakPassword(Problem):
    code: ClassVar[str] = "weak_password"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "Choose another password"


class BadCredentials(Problem):
    """Unknown address and wrong password alike."""

    code: ClassVar[str] = "bad_credentials"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "The e-mail address or the password is not right"


class LoginDisabled(Problem):
    """Told only to those who gave the right password."""

    code: ClassVar[str] = "login_disabled"
    status: ClassVar[int] = 403
    title: ClassVar[str] = "This login has been disabled"


class TooManyAttempts(Problem):
    """`retry_after`: seconds until the next attempt is looked at."""

    code: ClassVar[str] = "too_many_attempts"
    status: ClassVar[int] = 429
    title: ClassVar[str] = "Too many attempts"


class TooBusy(Problem):
    code: ClassVar[str] = "too_busy"
    status: ClassVar[int] = 503
    title: ClassVar[str] = "Too many logins at once"


class BadAccessToken(Problem):
    code: ClassVar[str] = "bad_token"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "This access token is not valid"


class TokenExpired(Problem):
    code: ClassVar[str] = "token_expired"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "The access token has expired"


class SessionEnded(Problem):
    """Logged out, revoked, expired, or its login is disabled."""

    code: ClassVar[str] = "session_ended"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "This session has ended"


class BadRefreshToken(Problem):
    code: ClassVar[str] = "bad_refresh_token"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "This refresh token is not valid"


class BadOneTimeToken(Problem):
    """Unknown, used, expired and meant for something else alike."""

    code: ClassVar[str] = "bad_one_time_token"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "This link is no longer valid"


class RoleNotPossible(Conflict):
    code, title = "role_not_possible", "This login cannot have that role"


class NotYourself(Conflict):
    code, title = "not_yourself", "Ask another administrator to change your own login"


class VersionOutdated(Problem):
    code: ClassVar[str] = "version_outdated"
    status: ClassVar[int] = 412
    title: ClassVar[str] = "Somebody else changed this meanwhile"


class PanelRefused(Problem):
    """Unknown key, wrong secret, wrong signature and a time outside the window alike."""

    code: ClassVar[str] = "panel_not_authenticated"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "The API key, its secret or its signature is not right"


class PanelKeyInvalid(Problem):
    """Told only to those who proved the secret: revoked or expired."""

    code: ClassVar[str] = "panel_key_invalid"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "This API key is no longer valid"


class PanelNotPermitted(Problem):
    """The key lacks the permission, or may not be used from this address."""

    code: ClassVar[str] = "panel_not_permitted"
    status: ClassVar[int] = 403
    title: ClassVar[str] = "This API key may not do this"
