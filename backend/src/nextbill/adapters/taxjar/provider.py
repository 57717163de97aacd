"""TaxJar's `POST /v2/taxes`, asked for a round amount of each class: its rate for the place is all that we want of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx

from nextbill.capabilities.tax.ports import Answer, Question
from nextbill.runtime.outbound import AddressRefused
from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable

_PPM, _PRICE = 1_000_000, 100
_CODES = {"hosting": "30070"}
"""TaxJar's categories: software as a service. A domain's registration has none, and so is taxed as any thing is."""


class TaxJar:
    def __init__(self, http: httpx.AsyncClient, *, base_url: str, api_key: str, seller_country: str) -> None:
        self._http, self._base, self._key, self._seller = http, base_url.rstrip("/"), api_key, seller_country

    async def assess(self, question: Question) -> list[Answer]:
        found = await self._ask(question)
        answers = []
        for line in found.get("line_items", []):
            place = "".join(part for part in (question.state, " ") if question.state)
            name = f"Sales tax {place}{line['combined_tax_rate'] * 100:f}".rstrip("0").rstrip(".") + " %"
            answers.append(Answer(str(line["id"]), int(line["combined_tax_rate"] * _PPM), name))
        return answers or [Answer(name, 0, f"No sales tax ({question.state or question.country})") for name in question.product_classes]

    async def _ask(self, question: Question) -> dict[str, Any]:
        """The breakdown; empty where we have no duty (no nexus) at the place."""
        items = [
            {"id": name, "quantity": 1, "unit_price": _PRICE, **({"product_tax_code": _CODES[name]} if name in _CODES else {})}
            for name in question.product_classes
        ]
        body = {
            "from_country": self._seller,
            "to_country": question.country,
            "to_state": question.state,
            "to_zip": question.postal_code,
            "shipping": 0,
            "line_items": items,
        }
        try:
            answer = await self._http.post(f"{self._base}/v2/taxes", json=body, headers={"Authorization": f"Bearer {self._key}"})
        except AddressRefused as error:
            raise VendorRejected("address_refused", str(error)) from error
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise VendorUnavailable("no_answer", type(error).__name__) from error
        return _read(answer)


def _read(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise VendorUnavailable("busy", f"status {answer.status_code}")
    try:
        body = json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)
        if not answer.is_success:
            raise _refusal(body)
        whole = body["tax"]
        return dict(whole.get("breakdown") or {}) if whole["has_nexus"] else {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise VendorUnavailable("unparsable", f"status {answer.status_code}") from None


def _refusal(body: Any) -> VendorError:
    return VendorRejected(str(body["error"])[:60].lower().replace(" ", "_"), str(body.get("detail", ""))[:200])
