"""One exchange with a panel server, and what its answer means in the words of the vendor errors.

The line that matters: what may have been done is Unknown on a write, and merely Unavailable on a read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from nextbill.capabilities.hosting.ports import ServerAccess
from nextbill.runtime.outbound import AddressRefused
from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable, VendorUnknown

DETAIL_LENGTH_MAX = 300
_MISSING_ROUTE = "Not Found"
"""FastAPI's answer where there is no such path at all; an account that is not there has a sentence of its own."""

_REASONS = {401: "auth_failed", 403: "not_allowed", 404: "not_found", 405: "unsupported", 422: "invalid"}


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    params: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    hide: tuple[str, ...] = field(default=(), repr=False)

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class Wire:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def is_up(self, server: ServerAccess) -> bool:
        try:
            answer = await self._http.get(_address(server, "/api/health"))
        except (httpx.RequestError, httpx.InvalidURL):
            return False
        return answer.status_code == httpx.codes.OK

    async def read(self, server: ServerAccess, path: str, *, params: Mapping[str, str] | None = None) -> Any:
        """The parsed answer of a GET. Raises VendorRejected or VendorUnavailable, never VendorUnknown but for a conflict."""
        return await self._exchange(server, _Call("GET", path, params=params))

    async def write(
        self, server: ServerAccess, method: str, path: str, *, body: Mapping[str, Any] | None = None, hide: Sequence[str | None] = ()
    ) -> Any:
        """The parsed answer; None where it is empty. `hide`: secrets in the body, which a vendor's text could echo into our logs."""
        return await self._exchange(server, _Call(method, path, body=body, hide=tuple(secret for secret in hide if secret)))

    async def _exchange(self, server: ServerAccess, call: _Call) -> Any:
        try:
            answer = await self._http.request(
                call.method, _address(server, call.path), params=call.params, json=call.body, headers=_credentials(server)
            )
        except AddressRefused as error:
            raise VendorRejected("address_refused", str(error)) from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise VendorRejected("invalid_address", str(error)) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise VendorUnavailable("unreachable", str(error)) from error
        except httpx.RequestError as error:
            raise _lost("no_answer", type(error).__name__, writes=call.writes) from error
        return _settle(answer, writes=call.writes, hide=(server.api_secret, *call.hide))


def _address(server: ServerAccess, path: str) -> str:
    return server.base_url.rstrip("/") + path


def _credentials(server: ServerAccess) -> dict[bytes, bytes]:
    return {b"X-API-Key": server.api_key.encode(), b"X-API-Secret": server.api_secret.encode()}


def _lost(reason: str, detail: str, *, writes: bool) -> VendorError:
    return VendorUnknown(reason, detail) if writes else VendorUnavailable(reason, detail)


def _settle(answer: httpx.Response, *, writes: bool, hide: Sequence[str]) -> Any:
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise VendorUnavailable("throttled", retry_after=_seconds(answer.headers.get("retry-after")))
    if answer.is_redirect:
        raise _lost("redirected", "the server sends us elsewhere, which we do not follow; correct its base URL", writes=writes)
    if answer.is_success and not answer.content:
        return None
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise _lost("unparsable", f"status {status}, {answer.headers.get('content-type', 'no type')}", writes=writes) from None
    if answer.is_success:
        return body
    raise _refusal(status, body, writes=writes, hide=hide)


def _refusal(status: int, body: Any, *, writes: bool, hide: Sequence[str]) -> VendorError:
    detail = body.get("detail") if isinstance(body, dict) else None
    text = _hidden(detail, hide) if isinstance(detail, str) else ""
    if status == httpx.codes.CONFLICT:
        return VendorUnknown("conflict", text)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT or detail is None:
        return _lost("broken", text or f"status {status}", writes=writes)
    if status == httpx.codes.NOT_FOUND and detail == _MISSING_ROUTE:
        return VendorRejected("unsupported", text)
    return VendorRejected(_REASONS.get(status, "refused"), text or f"status {status}", _fields(detail))


def _fields(detail: Any) -> dict[str, str]:
    """FastAPI's list of errors without the input that it echoes."""
    found: dict[str, str] = {}
    for item in detail if isinstance(detail, list) else []:
        if isinstance(item, dict) and isinstance(item.get("loc"), list):
            name = ".".join(str(part) for part in item["loc"][1:]) or "body"
            found[name[:DETAIL_LENGTH_MAX]] = str(item.get("type", "invalid"))[:DETAIL_LENGTH_MAX]
    return found


def _hidden(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "…")
    return text[:DETAIL_LENGTH_MAX]


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; the form with a date is not worth a parser here."""
    return float(text) if text and text.isdecimal() else None
