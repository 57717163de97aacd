"""The API's wire format: requests are built and answers are read by pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Union
from urllib.parse import quote, urlencode

from nextpanel_license.errors import Conflict, InvalidRequest, LicenseError, NotAuthenticated, NotFound, NotPermitted, Unreachable
from nextpanel_license.shapes import Entry, Reservation, Revocation, UsageResult, Verdict, refusal

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Request:
    """`path` with its query, below the API's address. `proved`: carries the panel's key."""

    method: str
    path: str
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proved: bool = True


@dataclass(frozen=True)
class Answer:
    """`headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class NoAnswer:
    """The request may or may not have arrived. `why` in words: a timeout, a connection refused or cut."""

    why: str


Outcome = Union[Answer, NoAnswer]


@dataclass(frozen=True)
class RevocationPage:
    items: tuple[Revocation, ...]
    next_cursor: str
    poll_after_seconds: float
    etag: str | None


def _post(path: str, body: Mapping[str, Any]) -> Request:
    return Request("POST", path, json.dumps({name: value for name, value in body.items() if value is not None}).encode(), JSON)


def ask_validate(license_key: str, *, feature: str | None, lease: bool) -> Request:
    return _post("/api/v1/licenses/validate", {"license_key": license_key, "feature": feature, "lease": True if lease else None})


def ask_reserve(license_key: str, *, resource: str, quantity: int, ttl_seconds: int, external_id: str) -> Request:
    body = {"license_key": license_key, "resource": resource, "quantity": quantity, "ttl_seconds": ttl_seconds, "external_id": external_id}
    return _post("/api/v1/licenses/reservations", body)


def ask_settle(reservation_id: str, deed: str) -> Request:
    """`deed`: commit or release."""
    return _post(f"/api/v1/licenses/reservations/{quote(reservation_id, safe='')}/{deed}", {})


def ask_batch(entries: Sequence[Entry]) -> Request:
    return _post("/api/v1/usage/batch", {"events": [entry.body for entry in entries]})


def ask_revocations(*, after: str | None, etag: str | None) -> Request:
    query = f"?{urlencode({'after': after}, quote_via=quote)}" if after is not None else ""
    return Request("GET", f"/api/v1/licenses/revocations{query}", headers={"If-None-Match": etag} if etag else {})


def ask_keys(*, etag: str | None) -> Request:
    return Request("GET", "/.well-known/license-keys.json", headers={"If-None-Match": etag} if etag else {}, proved=False)


def read_verdict(answer: Answer) -> tuple[Verdict, str | None]:
    """The verdict, and the lease that came with it. A problem is raised as its error."""
    with _shaped(answer) as told:
        valid = told["valid"]
        if not isinstance(valid, bool):
            raise TypeError
        verdict = Verdict(
            valid=valid,
            source="billing",
            checked_at=time_of(told["checked_at"]),
            reason=None if valid else str(told["reason"]),
            error=None if valid else str(told["error"]),
            resource=told.get("resource"),
            remaining_quota=_count(told.get("remaining_quota")),
            plan=told.get("plan"),
            expires_at=time_of(told["expires_at"]) if told.get("expires_at") else None,
        )
        lease = told.get("lease")
        return verdict, lease if isinstance(lease, str) else None


def read_reservation(answer: Answer, *, external_id: str, license_key: str) -> Reservation:
    with _shaped(answer) as told:
        return Reservation(
            external_id=external_id,
            resource=str(told["resource"]),
            quantity=int(told["quantity"]),
            status=str(told["status"]),
            source="billing",
            id=str(told["id"]),
            remaining_quota=_count(told.get("remaining_quota")),
            expires_at=time_of(told["expires_at"]) if told.get("expires_at") else None,
            license_key=license_key,
        )


def read_batch(answer: Answer) -> list[UsageResult]:
    with _shaped(answer) as told:
        return [
            UsageResult(
                event_id=str(one["event_id"]),
                status=str(one["status"]),
                code=one.get("code"),
                used=_count(one.get("used")),
                remaining_quota=_count(one.get("remaining_quota")),
                over_limit=one.get("over_limit"),
            )
            for one in told["results"]
        ]


def read_revocations(answer: Answer) -> RevocationPage:
    with _shaped(answer) as told:
        items = tuple(Revocation(str(one["license_id"]), str(one["reason"]), int(one["revision"]), time_of(one["at"])) for one in told["items"])
        return RevocationPage(items, str(told["next_cursor"]), float(told["poll_after_seconds"]), answer.headers.get("etag"))


def read_keys(answer: Answer) -> list[dict[str, Any]]:
    with _shaped(answer) as told:
        return [dict(one) for one in told["keys"]]


@contextmanager
def _shaped(answer: Answer) -> Iterator[dict[str, Any]]:
    """The body of a good answer. Whatever is not the API's shape (a proxy's page, half a body) is no answer."""
    if not 200 <= answer.status < 300:
        raise problem(answer)
    try:
        told = json.loads(answer.body)
        if not isinstance(told, dict):
            raise TypeError
        yield told
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreachable("The answer is not the billing API's. Check base_url.", why="an answer of another shape") from error


def problem(answer: Answer) -> LicenseError:
    """The error that a refusal stands for."""
    told = _problem_body(answer)
    code, detail = str(told.get("code") or ""), str(told.get("detail") or told.get("title") or "")
    if answer.status == 401:
        return NotAuthenticated(f"Billing does not accept this API key. {detail} Check key_id and secret, and this machine's clock.", code=code)
    if answer.status == 403:
        return NotPermitted(f"This API key may not do this. {detail} Ask the shop for the permission.", code=code)
    if answer.status == 404:
        return NotFound(detail or "Billing does not know it.", code=code)
    if answer.status == 422:
        fields = {str(one.get("field")): str(one.get("message")) for one in told.get("fields") or [] if isinstance(one, dict)}
        return InvalidRequest(f"Billing can't read this request: {fields or detail}", fields=fields, code=code)
    if answer.status == 409:
        return _conflict(told, code, detail)
    return LicenseError(f"Billing answered {answer.status}. {detail}", code=code)


def _conflict(told: Mapping[str, Any], code: str, detail: str) -> LicenseError:
    if code in {"quota_exceeded", "license_refused"}:
        reason = "quota_exceeded" if code == "quota_exceeded" else str(told.get("reason") or code)
        return refusal(reason, told.get("resource"), _count(told.get("remaining_quota")))
    return Conflict(detail or code, details=told, code=code)


def _problem_body(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def code_of(answer: Answer) -> str:
    return str(_problem_body(answer).get("code") or "")


def time_of(text: str) -> datetime:
    """RFC 3339; always with a zone, or ValueError."""
    found = datetime.fromisoformat(_six_digits(text.replace("Z", "+00:00").replace("z", "+00:00")))
    if found.tzinfo is None:
        raise ValueError
    return found


def _six_digits(text: str) -> str:
    """Python before 3.11 reads three or six digits of a second only."""
    head, dot, rest = text.partition(".")
    if not dot:
        return text
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{head}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}"


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value
