"""The pages a payer sees, plain HTML that works without scripts.

`POST /c/pay/{session}` takes the form fields `card_number` (or `test_card`), and optionally `exp` (MM/YY), `cvc`, `name`, `email`,
`action` (`pay` or `cancel`). It answers 303 to the success URL, 303 to `/3ds/{intent}`, or 402 with the page again, whose alert carries
the reason in `data-decline-code`. `POST /3ds/{intent}` takes `result` (`approve` or `fail`) and answers 303: to the success URL or the
intent's return URL, or back to the checkout page where another card can be tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import cards, checkout, intents, money, setups
from nextbill_simulators.stripe.account import merchant_name
from nextbill_simulators.stripe.cardform import CardForm, Refusal, read_form
from nextbill_simulators.stripe.sandbox import Sandbox

SHIELDS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_templates = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True)


@dataclass
class Pages:
    """`catch_up` lets what has fallen due happen first, such as a session's expiry."""

    sandbox: Sandbox
    catch_up: Callable[[], None]

    def routes(self) -> list[Route]:
        return [
            Route("/c/pay/{session}", self._pay_page, methods=["GET"]),
            Route("/c/pay/{session}", self._pay, methods=["POST"]),
            Route("/3ds/{intent}", self._challenge_page, methods=["GET"]),
            Route("/3ds/{intent}", self._challenge, methods=["POST"]),
        ]

    def _session(self, request: Request) -> Document | None:
        self.catch_up()
        return self.sandbox.store.get(checkout.KIND, request.path_params["session"])

    async def _pay_page(self, request: Request) -> Response:
        session = self._session(request)
        closed = self._closed(session)
        if closed or session is None:
            return closed or _unknown()
        intent = self._intent(session)
        if intent and intent["status"] == "requires_action":
            return _see(f"/3ds/{intent['id']}")
        error = (intent or {}).get("last_payment_error") or (intent or {}).get("last_setup_error")
        refusal = Refusal(error.get("decline_code") or error["code"], error["message"]) if error else None
        return self._checkout(session, CardForm(email=session["customer_email"] or ""), refusal)

    async def _pay(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        session = self._session(request)
        if session is not None and session["status"] == "complete":
            return _see(checkout.landing(session))
        closed = self._closed(session)
        if closed or session is None:
            return closed or _unknown()
        if fields.get("action") == "cancel":
            return _see(session["cancel_url"] or session["success_url"])
        intent = self._intent(session)
        if intent and intent["status"] == "requires_action":
            return _see(f"/3ds/{intent['id']}")
        return self._submit(session, fields)

    def _submit(self, session: Document, fields: dict[str, str]) -> Response:
        form, refusal = read_form(fields, today=self.sandbox.moment().date())
        if refusal:
            return self._checkout(session, form, refusal)
        with self.sandbox.store.transaction():
            card = cards.by_number(form.number)
            error = checkout.pay(self.sandbox, session, card, expiry=form.expiry, name=form.name or None, email=form.email or None)
        if error:
            return self._checkout(session, form, Refusal(error.error.get("decline_code") or error.error["code"], error.error["message"]))
        if session["status"] == "complete":
            return _see(checkout.landing(session))
        return _see(f"/3ds/{session['payment_intent'] or session['setup_intent']}")

    async def _challenge_page(self, request: Request) -> Response:
        self.catch_up()
        intent = self._challenged(request)
        if intent is None:
            return _unknown()
        if intent["status"] != "requires_action":
            return self._after_challenge(intent, None)
        method = self.sandbox.load("payment_method", intent["payment_method"])
        total = money.shown(intent["amount"], intent["currency"]) if "amount" in intent else "later payments"
        return _html("challenge.html", merchant=merchant_name(self.sandbox), total=total, last4=method["card"]["last4"])

    async def _challenge(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode()))
        self.catch_up()
        intent = self._challenged(request)
        if intent is None:
            return _unknown()
        target = (intent["next_action"] or {}).get("redirect_to_url", {}).get("return_url")
        if intent["status"] == "requires_action":
            with self.sandbox.store.transaction():
                checkout.challenged(self.sandbox, intent, approved=fields.get("result") == "approve")
        return self._after_challenge(intent, target)

    def _after_challenge(self, intent: Document, return_url: str | None) -> Response:
        session = checkout.session_of(self.sandbox, intent)
        if session is not None:
            return _see(checkout.landing(session) if session["status"] == "complete" else f"/c/pay/{session['id']}")
        if return_url:
            outcome = "succeeded" if intent["status"] == "succeeded" else "failed"
            joint = "&" if "?" in return_url else "?"
            kind = intent["object"]
            query = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"], "redirect_status": outcome}
            return _see(f"{return_url}{joint}{urlencode(query)}")
        return _message("The check is over", "You can close this page.", state=intent["status"])

    def _intent(self, session: Document) -> Document | None:
        if session["setup_intent"]:
            return self.sandbox.load(setups.KIND, session["setup_intent"])
        return self.sandbox.load(intents.KIND, session["payment_intent"]) if session["payment_intent"] else None

    def _challenged(self, request: Request) -> Document | None:
        key = request.path_params["intent"]
        return self.sandbox.store.get(setups.KIND if key.startswith("seti_") else intents.KIND, key)

    def _closed(self, session: Document | None) -> Response | None:
        if session is None:
            return _unknown()
        if session["status"] == "complete":
            return _message(
                "Already paid", "This payment is done; nothing was charged again.", state="complete", link=checkout.landing(session), good=True
            )
        if session["status"] == "expired":
            link = session["cancel_url"] or ""
            return _message("This checkout has expired", "Nothing was charged. Go back and start again.", state="expired", link=link, status=410)
        return None

    def _checkout(self, session: Document, form: CardForm, refusal: Refusal | None) -> Response:
        private = self.sandbox.private(checkout.KIND, session["id"])
        items = [{**item, "amount": money.shown(item["amount_total"], item["currency"])} for item in private["line_items"]]
        saves = session["mode"] == "setup"
        total = "Nothing to pay now" if saves else money.shown(session["amount_total"], session["currency"])
        name = form.name or private["customer_name"] or ""
        facts = {
            "email": form.email,
            "name": name,
            "refusal": refusal,
            "cancelable": bool(session["cancel_url"]),
            "cards": cards.CARDS,
            "saves": saves,
        }
        status = 402 if refusal and form.submitted else 200
        return _html("checkout.html", status=status, merchant=merchant_name(self.sandbox), total=total, items=items, **facts)


def _html(template: str, *, status: int = 200, **facts: object) -> Response:
    return HTMLResponse(_templates.get_template(template).render(**facts), status, SHIELDS)


def _message(heading: str, text: str, *, state: str, link: str = "", good: bool = False, status: int = 200) -> Response:
    return _html("message.html", status=status, heading=heading, text=text, state=state, link=link, link_text="Back to the merchant", good=good)


def _unknown() -> Response:
    return _message("There is no such checkout", "The link may be incomplete.", state="unknown", status=404)


def _see(url: str) -> Response:
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})
