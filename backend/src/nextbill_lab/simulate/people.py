"""The year's customers, one method a deed, over the public API and the gateway's pages; and the staff that set up the shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx

from nextbill_lab.api import Api
from nextbill_lab.customer import listed, token_in
from nextbill_lab.others import staff_of
from nextbill_lab.simulate.script import PHONES, PLACES, Deed, Life
from nextbill_lab.simulate.shop import COUPONS, LIMITS, MONTHS_PAID_PER_YEAR, PLANS, RATES, RISE, Plan
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing, Refused
from nextbill_lab.vendors import Outside

PASSWORD = "a year is a long time 365"
CONSENT_TERMS = "2026-11"
REASON = "The year's script"
Row = dict[str, Any]


@dataclass
class Person:
    """A customer with a login; `orders` in the order in which they were placed."""

    life: Life
    token: str = ""
    orders: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Deeds that the product said no to: none is expected."""


class People:
    """They share one connection and act one after the other."""

    def __init__(self, system: System, outside: Outside) -> None:
        self._api, self._door, self._outside, self._system = Api(system.api), Api(system.api), outside, system

    async def close(self) -> None:
        await self._api.close()
        await self._door.close()

    async def _as(self, person: Person, method: str, path: str, body: Any = None, *, key: str | None = None, **query: str | int) -> Any:
        """Logs in again where the session has ended, as everybody does who comes back after a month."""
        for last in (False, True):
            self._api.carry(person.token)
            try:
                return await self._api.call(method, path, body=body, query=query or None, key=key)
            except Refused as no:
                if last or no.status != httpx.codes.UNAUTHORIZED:
                    raise
            await self._log_in(person)
        raise AssertionError("the second try answers or raises")

    async def _log_in(self, person: Person) -> None:
        session = await self._door.post("/auth/login", {"email": person.life.email, "password": PASSWORD})
        person.token = str(session["access_token"])

    # --- signing up, in the steps between which the worker has its turn -------------------------------------------------------------

    async def register(self, person: Person) -> None:
        life = person.life
        registered = {"email": life.email, "password": PASSWORD, "name": life.name, "phone": PHONES[life.country]}
        await self._door.post("/auth/register", registered)
        await self._log_in(person)
        address = {"line_1": "1 Main Street", "line_2": "", "country": life.country, **PLACES[life.country]}
        await self._as(person, "PUT", "/customers/me/address", address)
        if life.tax_id:
            await self._as(person, "PATCH", "/customers/me", {"status": "business", "company": f"{life.name} GmbH"})
            await self._as(person, "PUT", "/customers/me/tax-id", {"tax_id": life.tax_id})

    async def confirm(self, person: Person) -> None:
        mails = await self._outside.json("GET", f"{self._system.mailbox}/api/mails", params={"to": person.life.email})
        link = next((link for mail in mails for link in mail["links"] if "verify" in link), None)
        if link is None:
            raise Missing(f"no mail lets {person.life.email} confirm the address", where="the worker's log")
        await self._as(person, "POST", "/auth/verify-email", {"token": token_in(link)})

    async def buy(self, person: Person, deed: Deed) -> None:
        """Orders, and pays with a card that may be kept; what is on trial costs nothing yet."""
        life, facts = person.life, deed.facts
        consent = {
            "terms_version": CONSENT_TERMS, "status": "business" if life.tax_id else "consumer", "immediate_start": True, "registrar_terms": True,
        }  # fmt: skip
        cart = {"items": [_item(facts)], "currency": life.currency, "consent": consent} | ({"coupon": facts["coupon"]} if facts["coupon"] else {})
        order = await self._as(person, "POST", "/orders", cart, key=f"year-{life.number}-{deed.day.isoformat()}")
        person.orders.append(str(order["id"]))
        if order["state"] == "pending":
            opened = await self._as(person, "POST", f"/orders/{order['id']}/pay", {"save_card": facts["card"] is not None})
            await self._leave_money(opened.get("checkout_url"), facts["card"])

    # --- later ----------------------------------------------------------------------------------------------------------------------

    async def act(self, person: Person, deed: Deed) -> None:
        """A refusal is noted, not raised: it is a difference between what was to happen and what did."""
        try:
            await _DEEDS[deed.kind](self, person, deed)
        except Refused as no:
            person.refused.append(f"{deed.day} {person.life.email} ({person.life.story}): {deed.kind} {dict(deed.facts)}: {no}")

    async def change(self, person: Person, deed: Deed) -> None:
        subscription = await self._subscription(person)
        wish = {name: value for name, value in deed.facts.items() if name != "cycle"}
        wish |= {"cycle": {"unit": deed.facts["cycle"], "count": 1}} if "cycle" in deed.facts else {}
        wish |= {"addons": [{"code": code, "quantity": 1} for code in deed.facts["addons"]]} if "addons" in deed.facts else {}
        shown = await self._as(person, "POST", f"/subscriptions/{subscription}/preview", wish)
        changed = await self._as(person, "PUT", f"/subscriptions/{subscription}", wish | {"quote": shown["quote"]})
        payable = changed["change"].get("payable_id")
        if payable:
            await self._pay(person, {"payable_id": payable})

    async def cancel(self, person: Person, deed: Deed) -> None:
        await self._as(person, "POST", f"/subscriptions/{await self._subscription(person)}/cancel", {"at": deed.facts["at"], "reason": REASON})

    async def reactivate(self, person: Person, _deed: Deed) -> None:
        await self._as(person, "POST", f"/subscriptions/{await self._subscription(person)}/reactivate")

    async def pause(self, person: Person, deed: Deed) -> None:
        resume_on = date.fromordinal(deed.day.toordinal() + deed.facts["days"])
        body = {"reason": REASON, "resume_on": resume_on.isoformat()}
        await self._as(person, "POST", f"/subscriptions/{await self._subscription(person)}/pause", body)

    async def save_card(self, person: Person, deed: Deed) -> None:
        page = await self._as(person, "POST", "/payments/methods", {"consent": True})
        if not page.get("setup_url"):
            raise Missing(f"no page for a card was opened for {person.life.email}: {page['status']}", where="the API's log")
        await self._fill_in(str(page["setup_url"]), deed.facts["card"], deed.facts["exp"])
        kept = await self._as(person, "GET", f"/payments/methods/setups/{page['id']}")
        if kept["method_id"] is None:
            raise Missing(f"the card of {person.life.email} was not kept: {kept['status']} {kept['failure']}", where="the API's log")
        await self._as(person, "PUT", f"/payments/methods/{kept['method_id']}/default")

    async def pay_open(self, person: Person, deed: Deed) -> None:
        for invoice in listed(await self._as(person, "GET", "/invoices/", state="open", limit=100)):
            await self._pay(person, {"invoice_id": invoice["id"]}, deed.facts["card"])

    async def _pay(self, person: Person, what: Row, card: str | None = None) -> None:
        opened = await self._as(person, "POST", "/payments/intent", what)
        await self._leave_money(opened.get("checkout_url"), card)

    async def _leave_money(self, url: str | None, card: str | None) -> None:
        if not url:
            raise Missing("no payment page was opened", where="the API's log")
        await self._fill_in(url, card or "4242424242424242", "12/44")

    async def _fill_in(self, url: str, card: str, exp: str) -> None:
        """As a browser does, through the bank's question where it asks one, back to the shop."""
        http, here = self._outside.http, httpx.URL(url)
        answer = await http.post(url, data={"card_number": card, "exp": exp, "cvc": "123", "name": "Kim Kunde", "action": "pay"})
        while answer.status_code == httpx.codes.SEE_OTHER:
            target = here.join(answer.headers["Location"])
            if not target.path.startswith("/3ds/"):
                await http.get(target)
                return
            answer = await http.post(target, data={"result": "approve"})
        raise Missing(f"the gateway's page did not take the card: {answer.status_code}", where=url)

    async def _subscription(self, person: Person) -> str:
        """The one that the first order brought."""
        found = listed(await self._as(person, "GET", "/subscriptions/", limit=50))
        if not found:
            raise Missing(f"{person.life.email} has no subscription", where="the worker's log")
        return str(min(found, key=lambda one: one["id"])["id"])


_DEEDS = {
    "change": People.change,
    "cancel": People.cancel,
    "reactivate": People.reactivate,
    "pause": People.pause,
    "save_card": People.save_card,
    "pay_open": People.pay_open,
}


def _item(facts: Any) -> Row:
    cycle = {"unit": facts["cycle"], "count": 1}
    if facts["plan"] == "mailboxes":
        return {"kind": "product", "product": "mailboxes", "cycle": cycle, "quantity": facts["quantity"]}
    domain = {"kind": "register" if facts["bought_name"] else "own", "name": facts["domain"], "years": 1}
    addons = [{"code": code, "quantity": 1} for code in facts["addons"]]
    return {"kind": "hosting", "plan": facts["plan"], "cycle": cycle, "domain": domain, "addons": addons}


class Staff:
    """Opens the shop, and raises a price once."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._plans: dict[str, str] = {}

    async def open_shop(self, first_day: date) -> None:
        staff = await staff_of(self._system)
        try:
            for currency, ppm in RATES.items():
                rate = {"currency": currency, "day": first_day.isoformat(), "ppm": ppm, "source": "the year's script"}
                await staff.api.call("PUT", "/admin/ledger/rates", body=rate)
            for plan in PLANS:
                await self._offer(staff.api, plan)
            for coupon in COUPONS:
                off = {"percent_ppm": coupon.percent * 10_000} if coupon.percent else {"amounts": dict(coupon.amounts)}
                codes = {"plan_codes": ["*"], "periods": coupon.periods, "per_customer": None}
                await staff.api.post("/admin/coupons", {"code": coupon.code, "name": coupon.code.title(), **off, **codes})
        finally:
            await staff.close()

    async def _offer(self, api: Api, plan: Plan) -> None:
        facts: Row = {"code": plan.code, "kind": plan.kind, "name": plan.name, "state": "on_sale", "trial_days": plan.trial_days}
        if plan.kind == "hosting":
            facts |= {"limits": dict(LIMITS), "addons": list(plan.addons)}
        if plan.names:
            facts["included_domains"] = {"count": 1, "tlds": list(plan.names), "minimum_cycle": {"unit": "year", "count": 1}, "lasts": "first_year"}
        made = await api.post("/admin/plans", facts)
        self._plans[plan.code] = str(made["id"])
        for currency, monthly in plan.monthly.items():
            for unit, amount in (("month", monthly), ("year", monthly * MONTHS_PAID_PER_YEAR)):
                await self._price(api, plan, unit, amount, currency)

    async def _price(self, api: Api, plan: Plan, unit: str, amount: int, currency: str) -> Any:
        setup = {"setup_fee": {"amount": plan.setup[currency], "currency": currency}} if plan.setup else {}
        price = {"cycle": {"unit": unit, "count": 1}, "price": {"amount": amount, "currency": currency}, **setup}
        return await api.post(f"/admin/plans/{self._plans[plan.code]}/prices", price)

    async def raise_price(self, not_before: date) -> int:
        """How many were told."""
        staff = await staff_of(self._system)
        plan, currency = next(plan for plan in PLANS if plan.code == RISE.plan), RISE.currency
        try:
            await self._price(staff.api, plan, "month", RISE.monthly, currency)
            prices = listed(await staff.api.get(f"/admin/plans/{self._plans[plan.code]}/prices"))
            wanted = {"amount": RISE.monthly, "currency": currency}
            newest = next(price for price in prices if price["price"] == wanted and price["cycle"]["unit"] == "month")
            told, more = 0, True
            while more:
                order = {"plan_id": self._plans[plan.code], "price_id": newest["id"], "not_before": not_before.isoformat(), "reason": REASON}
                answer = await staff.api.post("/admin/subscriptions/price-rises", order)
                told, more = told + int(answer["announced"]), bool(answer["more"])
            return told
        finally:
            await staff.close()
