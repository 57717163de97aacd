"""Control routes under /_sim/stripe: faults and webhook plans, disputes and failing refunds by hand, and figures for outside checkers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import disputes, events, issuers, mishaps, refunds, webhooks
from nextbill_simulators.stripe.errors import StripeError, invalid
from nextbill_simulators.stripe.sandbox import Sandbox

Handler = Callable[[Request, Document], Any]


class Control:
    def __init__(self, sandbox: Sandbox, catch_up: Callable[[], None]) -> None:
        self._sandbox, self._catch_up = sandbox, catch_up

    def routes(self) -> list[BaseRoute]:
        return [
            self._route("/issuers", self._issuers, "GET", "POST", "DELETE"),
            self._route("/faults", self._faults, "GET", "POST", "DELETE"),
            self._route("/webhooks", self._webhooks, "GET", "POST", "DELETE"),
            self._route("/disputes", self._disputes, "POST"),
            self._route("/refunds/{id}/fail", self._fail_refund, "POST"),
            self._route("/events/{id}/resend", self._resend, "POST"),
            self._route("/deliveries", self._deliveries, "GET"),
            self._route("/summary", self._summary, "GET"),
        ]

    def _route(self, path: str, handler: Handler, *methods: str) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.json() if await request.body() else {}
            self._catch_up()
            try:
                with self._sandbox.store.transaction():
                    return JSONResponse(handler(request, body))
            except StripeError as error:
                return JSONResponse(error.body(), error.status)

        return Route(f"/_sim/stripe{path}", endpoint, methods=list(methods))

    def _issuers(self, request: Request, body: Document) -> list[Document]:
        """{number?, method?, code?, reason?, advice?, message?, times?}: charges of the card are declined so; DELETE lets the banks forget it."""
        store = self._sandbox.store
        if request.method == "POST":
            issuers.change_mind(store, _only(body, {"number", "method", "code", "reason", "advice", "message", "times"}))
        elif request.method == "DELETE":
            issuers.forget(store)
        return store.find(issuers.KIND)

    def _faults(self, request: Request, body: Document) -> list[Document]:
        store = self._sandbox.store
        if request.method == "POST":
            if body.get("kind") not in mishaps.KINDS:
                raise invalid(f"kind must be one of {', '.join(mishaps.KINDS)}", param="kind")
            mishaps.add(store, _only(body, {"kind", "pattern", "times", "executed", "seconds"}))
        elif request.method == "DELETE":
            mishaps.clear(store)
        return store.find(mishaps.KIND)

    def _webhooks(self, request: Request, body: Document) -> Document:
        if request.method == "POST":
            return webhooks.set_plan(self._sandbox, **_only(body, set(webhooks.NO_PLAN)))
        if request.method == "DELETE":
            return webhooks.set_plan(self._sandbox, **webhooks.NO_PLAN)
        return {**webhooks.plan(self._sandbox), "waiting": self._sandbox.store.count("outbox")}

    def _disputes(self, _request: Request, body: Document) -> Document:
        """{charge | payment_intent, reason?, amount?} opens one; {dispute, outcome} decides it."""
        if "dispute" in body:
            if body.get("outcome") not in disputes.DECIDED:
                raise invalid(f"outcome must be one of {', '.join(disputes.DECIDED)}", param="outcome")
            return disputes.decide(self._sandbox, body["dispute"], body["outcome"])
        charge = body.get("charge") or self._sandbox.load("payment_intent", str(body.get("payment_intent")))["latest_charge"]
        return disputes.open_dispute(self._sandbox, str(charge), reason=body.get("reason", "fraudulent"), amount=body.get("amount"))

    def _fail_refund(self, request: Request, body: Document) -> Document:
        return refunds.fail(self._sandbox, request.path_params["id"], reason=body.get("reason", "expired_or_canceled_card"))

    def _resend(self, request: Request, _body: Document) -> Document:
        return events.resend(self._sandbox, request.path_params["id"])

    def _deliveries(self, request: Request, _body: Document) -> list[Document]:
        return self._sandbox.store.find("delivery", **request.query_params)

    def _summary(self, request: Request, _body: Document) -> Document:
        """Figures per successful charge and per customer; `?metadata=KEY` adds totals per value of that key. Query `customer` narrows."""
        payments = [self._payment(charge) for charge in self._sandbox.store.find("charge", status="succeeded", **_customer(request))]
        key = request.query_params.get("metadata")
        tagged = [payment for payment in payments if key and key in payment["metadata"]]
        return {
            "payments": payments,
            "customers": _totals(payments, lambda payment: str(payment["customer"])),
            "by_metadata": _totals(tagged, lambda payment: str(payment["metadata"][key])),
            "totals": _totals(payments, lambda _payment: "all").get("all", {}),
        }

    def _payment(self, charge: Document) -> Document:
        refunded = [refund for refund in self._sandbox.store.find("refund", charge=charge["id"]) if refund["status"] not in ("failed", "canceled")]
        session = self._sandbox.private("payment_intent", charge["payment_intent"]).get("session")
        reference = (self._sandbox.store.get("checkout.session", session) or {}).get("client_reference_id") if session else None
        copied = ("customer", "currency", "payment_intent", "disputed", "metadata", "created")
        return {
            **{name: charge[name] for name in copied},
            "charge": charge["id"],
            "captured": charge["amount_captured"],
            "refunded": sum(refund["amount"] for refund in refunded),
            "refunds": [refund["id"] for refund in refunded],
            "session": session,
            "client_reference_id": reference,
        }


def _customer(request: Request) -> dict[str, str]:
    return {"customer": request.query_params["customer"]} if "customer" in request.query_params else {}


def _totals(payments: list[Document], owner: Callable[[Document], str]) -> Document:
    """{owner: {currency: {captured, refunded, charges}}} in minor units."""
    totals: dict[str, dict[str, Counter[str]]] = {}
    for payment in payments:
        counter = totals.setdefault(owner(payment), {}).setdefault(payment["currency"], Counter())
        counter.update({"captured": payment["captured"], "refunded": payment["refunded"], "charges": 1})
    return {name: {currency: dict(counter) for currency, counter in found.items()} for name, found in totals.items()}


def _only(body: Document, known: set[str]) -> Document:
    for name in body:
        if name not in known:
            raise invalid(f"Unknown field {name}; known are {', '.join(sorted(known))}", param=name)
        if name in ("pattern", "types"):
            _check_pattern(name, str(body[name]))
    return body


def _check_pattern(name: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise invalid(f"{name} is no regular expression: {error}", param=name) from error
