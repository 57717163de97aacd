"""VIES by its REST interface. It answers for the member states' own registers, of which any may be down on its own.

Errors come with status 200 as `{"actionSucceed": false, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}`; only `valid` says anything about an id."""

from __future__ import annotations

import json
from typing import Any

import httpx

from nextbill.capabilities.tax.ports import IdAnswer, UnionId
from nextbill.runtime.outbound import AddressRefused
from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable

DETAIL_CHARACTERS = 200
_UNTOLD = "---"
"""What VIES writes where a member state keeps name or address to itself."""
# Of the question itself, so that asking again the same way is no use.
_FINAL = {"INVALID_INPUT", "INVALID_REQUESTER_INFO", "VAT_BLOCKED", "IP_BLOCKED"}


class Vies:
    """`base_url` ends in `/rest-api`."""

    def __init__(self, http: httpx.AsyncClient, *, base_url: str) -> None:
        self._http, self._base = http, base_url.rstrip("/")

    async def check(self, tax_id: UnionId, *, requester: UnionId | None) -> IdAnswer:
        question = {"countryCode": tax_id.prefix, "vatNumber": tax_id.number}
        if requester is not None:
            question |= {"requesterMemberStateCode": requester.prefix, "requesterNumber": requester.number}
        body = await self._ask("POST", "/check-vat-number", question)
        if not isinstance(body.get("valid"), bool):
            raise VendorUnavailable("unparsable", "an answer without `valid`")
        return IdAnswer(body["valid"], _told(body, "requestIdentifier"), _told(body, "name"), _told(body, "address"))

    async def is_up(self) -> bool:
        try:
            body = await self._ask("GET", "/check-status")
        except VendorError:
            return False
        whole = body.get("vow")
        return isinstance(whole, dict) and whole.get("available") is True

    async def _ask(self, method: str, path: str, question: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, f"{self._base}{path}", json=question)
        except AddressRefused as error:
            raise VendorRejected("address_refused", str(error)) from error
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise VendorUnavailable("no_answer", type(error).__name__) from error
        return _read(answer)


def _read(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise VendorUnavailable("throttled")
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise VendorUnavailable("unparsable", f"status {answer.status_code}, {answer.headers.get('content-type', 'no type')}") from None
    if not isinstance(body, dict):
        raise VendorUnavailable("unparsable", f"status {answer.status_code}, {type(body).__name__}")
    if body.get("actionSucceed") is False or not answer.is_success:
        raise _refusal(body, answer.status_code)
    return body


def _refusal(body: dict[str, Any], status: int) -> VendorError:
    wrappers = body.get("errorWrappers")
    first = wrappers[0] if isinstance(wrappers, list) and wrappers and isinstance(wrappers[0], dict) else {}
    code, message = str(first.get("error", f"status_{status}")), str(first.get("message", ""))[:DETAIL_CHARACTERS]
    reason = code.lower()[:60]
    return VendorRejected(reason, message) if code in _FINAL else VendorUnavailable(reason, message)


def _told(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    return value.strip() if isinstance(value, str) and value.strip() not in ("", _UNTOLD) else None
