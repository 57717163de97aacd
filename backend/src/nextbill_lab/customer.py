"""A customer's own client: what a person does, one method a deed, over the public HTTP API."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from nextbill_lab import vendors
from nextbill_lab.api import Api
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing
from nextbill_lab.vendors import Mail, Mailbox, Outside

ADDRESS = {"line_1": "1 Market Street", "line_2": "", "city": "San Francisco", "state": "CA", "postal_code": "94105", "country": "US"}
PHONE = "+14155550123"
NAME = "Ada Demo"
# Names whose beginning is magic in the registrar's simulator are never made: these start with a word of ours.
_LETTERS = "bcdfghjkmnpqrstvwxz23456789"
WELCOME_PATH = "/welcome/"
MAIL_SECONDS = 30.0
OPENING_SECONDS = 30.0


def random_word(length: int = 8) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def random_domain(tld: str = "com") -> str:
    return f"demo-{random_word()}.{tld}"


@dataclass
class Person:
    """Made up; nobody else has the address."""

    email: str = field(default_factory=lambda: f"ada.{random_word()}@example.com")
    name: str = NAME
    password: str = field(default_factory=lambda: f"{secrets.token_urlsafe(15)}Aa1", repr=False)


class Customer:
    """Logged in after `log_in`. Every call raises `Refused` where the API says no."""

    def __init__(self, system: System, outside: Outside, person: Person | None = None) -> None:
        self.person = person or Person()
        self.api = Api(system.api)
        self.outside = outside
        self.mailbox = Mailbox(outside, system.mailbox)

    async def close(self) -> None:
        await self.api.close()

    # --- an account -----------------------------------------------------------------------------------------------------------------

    async def register(self) -> None:
        await self.api.post("/auth/register", {"email": self.person.email, "password": self.person.password, "name": self.person.name})

    async def confirm_address(self) -> Mail:
        """Click the link in the mail; the mail."""
        mail = await self.mailbox.wait_for(self.person.email, _confirms, what="the mail that asks to confirm the address", seconds=MAIL_SECONDS)
        link = next(link for link in mail["links"] if "verify" in link)
        await self.api.post("/auth/verify-email", {"token": token_in(link)})
        return mail

    async def log_in(self) -> None:
        session = await self.api.post("/auth/login", {"email": self.person.email, "password": self.person.password})
        self.api.carry(str(session["access_token"]))

    async def give_address(self) -> None:
        await self.api.call("PUT", "/customers/me/address", body=ADDRESS)
        await self.api.call("PATCH", "/customers/me", body={"phone": PHONE})

    async def sign_up(self) -> None:
        """All of the above: a customer who can buy and be delivered to."""
        await self.register()
        await self.confirm_address()
        await self.log_in()
        await self.give_address()

    # --- a purchase -----------------------------------------------------------------------------------------------------------------

    async def plan(self, code: str) -> dict[str, Any]:
        """The plan on sale."""
        plans: list[dict[str, Any]] = (await self.api.get("/plans"))["items"]
        for plan in plans:
            if plan["code"] == code:
                return plan
        raise Missing(f"no plan {code} is on sale; there are {', '.join(plan['code'] for plan in plans) or 'none'}", where="nextbill seed")

    async def is_free(self, domain: str) -> bool:
        answer = await self.api.post("/domains/check", {"names": [domain]})
        return any(found["name"] == domain and found["status"] == "available" for found in listed(answer))

    async def order(self, *, plan: str, domain: str, key: str) -> dict[str, Any]:
        """A plan for a month with a new domain. `key`: the Idempotency-Key; the same key is the same order."""
        hosting = {
            "kind": "hosting",
            "plan": plan,
            "cycle": {"unit": "month", "count": 1},
            "domain": {"kind": "register", "name": domain, "years": 1},
        }
        consent = {"terms_version": "2026-01", "status": "consumer", "immediate_start": True, "registrar_terms": True}
        return dict(await self.api.post("/orders", {"items": [hosting], "currency": "USD", "consent": consent}, key=key))

    async def checkout(self, order_id: str) -> str:
        """Where to pay: the hosted page's address. Where the gateway is slow, asks again until it has answered."""
        deadline = time.monotonic() + OPENING_SECONDS
        while True:
            answer = await self.api.post(f"/orders/{order_id}/pay")
            if answer.get("checkout_url"):
                return str(answer["checkout_url"])
            if time.monotonic() > deadline:
                raise Missing(f"no checkout page was opened for order {order_id}: {answer.get('status')}", where="the logs of API and worker")
            await asyncio.sleep(0.25)

    async def pay(self, checkout_url: str, *, card: str = vendors.GOOD_CARD) -> str:
        """Pay on the hosted page; the address to which it sends the browser back."""
        return await vendors.pay(self.outside, checkout_url, card=card, name=self.person.name)

    async def come_back(self, landing: str) -> str:
        """What the browser does after paying: the product's return page, which sends it on. Where to."""
        answer = await self.outside.http.get(landing)
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise Missing(f"the return page answered {answer.status_code}, it should send the browser on", where=landing)
        return str(answer.headers["Location"])

    async def show_order(self, order_id: str) -> dict[str, Any]:
        return dict(await self.api.get(f"/orders/{order_id}"))

    async def delivered(self, order_id: str, *, seconds: float, pause: float) -> dict[str, Any]:
        """The order once it is completed.

        Raises:
            Missing: it was not in time, with how far each line got.
        """
        deadline = time.monotonic() + seconds
        while True:
            order = await self.show_order(order_id)
            if order["state"] == "completed":
                return order
            if time.monotonic() > deadline:
                raise Missing(f"order {order['number']} is {order['state']} after {seconds:.0f} s: {progress(order)}", where="the worker's log")
            await asyncio.sleep(pause)

    async def invoice_of(self, order_id: str) -> dict[str, Any]:
        """Whole. Raises Missing: the order has none."""
        for item in listed(await self.api.get("/invoices/")):
            if item["origin_id"] == order_id:
                return dict(await self.api.get(f"/invoices/{item['id']}"))
        raise Missing("the order has no invoice", where="GET /api/v1/invoices/")

    async def receipt(self, number: str) -> Mail:
        return await self.mailbox.wait_for(
            self.person.email, lambda mail: number in mail["subject"], what=f"the receipt for {number}", seconds=MAIL_SECONDS
        )

    async def welcome(self, number: str, *, seconds: float = MAIL_SECONDS, pause: float = 0.1) -> Mail:
        """The mail with the one-time link. `number`: the order's."""

        def wanted(mail: Mail) -> bool:
            return number in f"{mail['text']}{mail['html']}" and one_time_link(mail) is not None

        return await self.mailbox.wait_for(self.person.email, wanted, what=f"the welcome mail of {number}", seconds=seconds, pause=pause)

    # --- what was bought ------------------------------------------------------------------------------------------------------------

    async def reveal_login(self, welcome: Mail) -> dict[str, Any]:
        """Open the mail's link as a browser does, then press its button: user name and first password, shown once."""
        link = one_time_link(welcome)
        if link is None:
            raise Missing("the welcome mail has no one-time link", where=f"{self.mailbox.url}/mails/{welcome['id']}")
        page = await self.outside.http.get(link)
        if page.is_error:
            raise Missing(f"the one-time link's page answered {page.status_code}", where=link)
        return dict(await self.api.post("/hosting/first-login", {"token": urlsplit(link).path.rpartition("/")[2]}))

    async def license_key(self, license_id: str) -> str:
        """In full; looking at it is audited."""
        return str((await self.api.post(f"/licenses/{license_id}/reveal"))["license_key"])

    async def domain(self, name: str) -> dict[str, Any]:
        for found in listed(await self.api.get("/domains/")):
            if found["name"] == name:
                return found
        raise Missing(f"{name} is not among the customer's domains", where="GET /api/v1/domains/ and the registrar's page")

    async def account(self, domain: str) -> dict[str, Any]:
        for found in listed(await self.api.get("/hosting/accounts")):
            if found["domain"] == domain:
                return found
        raise Missing(f"the customer has no hosting account for {domain}", where="GET /api/v1/hosting/accounts and the panels' pages")


def listed(answer: Any) -> list[dict[str, Any]]:
    """The items of a list, whether it comes as a page or bare."""
    found: list[dict[str, Any]] = answer["items"] if isinstance(answer, dict) and "items" in answer else answer
    return found


def token_in(link: str) -> str:
    """From `…?token=T`, or the last part of the path."""
    parts = urlsplit(link)
    return parse_qs(parts.query).get("token", [parts.path.rpartition("/")[2]])[0]


def one_time_link(mail: Mail) -> str | None:
    return next((link for link in mail["links"] if WELCOME_PATH in urlsplit(link).path), None)


def progress(order: dict[str, Any]) -> str:
    """`hosting requested, domain parked (no_funds)`: how far each line of an order got."""
    told = [f"{line['kind']} {line['state']}" + (f" ({line['reason']})" if line.get("reason") else "") for line in order.get("lines", [])]
    return ", ".join(told) or "no lines"


def _confirms(mail: Mail) -> bool:
    return any("verify" in link for link in mail["links"])
