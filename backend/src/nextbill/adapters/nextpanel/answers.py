"""The panel's JSON into our types. It is another party's program: whatever is missing or odd becomes None, never a crash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nextbill.capabilities.hosting.ports import AccountState, AccountStats, Limits, PanelAccount, ServerAccess

_LIMIT_PREFIX = "max_"
_LIST_NAMES = ("items", "accounts", "data")


def account_of(body: Any, server: ServerAccess, *, username: str = "", email: str = "") -> PanelAccount | None:
    """None where the answer is no account. `username` and `email` stand in where the answer leaves them out."""
    if not isinstance(body, dict) or not isinstance(body.get("id"), str | int):
        return None
    metadata = body.get("metadata")
    extra: Mapping[str, Any] = metadata if isinstance(metadata, dict) else {}
    return PanelAccount(
        ref=str(body["id"]),
        username=_text(body.get("username")) or username,
        email=_text(body.get("email")) or email,
        billing_id=_uuid(body.get("billing_id")),
        state=_state(body),
        url=_text(body.get("account_url")) or server.base_url,
        license_key=_text(body.get("license_key")) or _text(extra.get("license_key")),
        limits=_limits(body.get("limits")) or _limits(extra.get("limits")),
        password=_text(body.get("password")),
    )


def accounts_of(body: Any, server: ServerAccess) -> Sequence[PanelAccount] | None:
    """None where the answer is no list. Elements that are no account are left out."""
    if isinstance(body, dict):
        body = next((body[name] for name in _LIST_NAMES if isinstance(body.get(name), list)), None)
    if not isinstance(body, list):
        return None
    return [account for item in body if (account := account_of(item, server)) is not None]


def stats_of(body: Any, ref: str) -> AccountStats | None:
    if not isinstance(body, dict):
        return None
    return AccountStats(
        ref=ref,
        username=_text(body.get("username")) or "",
        email=_text(body.get("email")) or "",
        domains=_count(body.get("total_domains")),
        databases=_count(body.get("total_databases")),
        emails=_count(body.get("total_email_accounts")),
        certificates=_count(body.get("total_ssl_certificates")),
        storage_bytes=_count(body.get("storage_used")),
        last_login=_time(body.get("last_login")),
        age_days=_count(body.get("account_age_days")),
    )


def limits_on_wire(limits: Limits) -> dict[str, int | None]:
    return {_LIMIT_PREFIX + resource: most for resource, most in limits.items()}


def _limits(value: Any) -> Limits | None:
    if not isinstance(value, dict) or not value:
        return None
    return {str(name).removeprefix(_LIMIT_PREFIX): most for name, most in value.items() if most is None or _count(most) is not None}


def _state(body: Mapping[str, Any]) -> AccountState:
    status = body.get("status")
    if status == "active" or (status is None and body.get("is_active") is True):
        return "active"
    return "suspended" if status == "suspended" else "unknown"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _time(value: Any) -> datetime | None:
    """A time without a zone is taken as UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
