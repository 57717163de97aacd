"""Customers who keep trying: they double-click, mistype cards, wander off, reload, and pay once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from nextbill_lab.chaos.patience import Patience
from nextbill_lab.customer import Customer, Person, random_domain, random_word, token_in
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing, Refused
from nextbill_lab.vendors import GOOD_CARD, Declined, Outside

PLANS = ("starter", "professional", "enterprise")
CARDS = (GOOD_CARD, GOOD_CARD, GOOD_CARD, "4000 0027 6000 3184")
DECLINED_CARD = "4000 0000 0000 9995"
MAIL_PAUSE, RESEND_SECONDS = 0.5, 20.0


@dataclass
class Purchase:
    """One cart. `pays` False: this customer orders and is never seen again. `order_id` stays empty where no order came about."""

    email: str
    plan: str
    pays: bool
    double_click: bool
    declined_first: bool
    comes_back: bool
    card: str
    domain: str = field(default_factory=random_domain)
    key: str = field(default_factory=lambda: f"chaos-{random_word(16)}")
    order_id: str = ""
    number: str = ""
    paid: bool = False
    problem: str = ""


class Shopper:
    """`late`: confirms the address only after having paid. Ends when everything is paid, or with a problem noted on the purchase."""

    def __init__(self, system: System, outside: Outside, patience: Patience, chance: Random, *, orders: int) -> None:
        self.person = Person()
        self.customer = Customer(system, outside, self.person)
        self.late = chance.random() < 0.15
        self._patience = patience
        self.purchases = [_purchase(self.person.email, chance) for _ in range(orders)]

    async def close(self) -> None:
        await self.customer.close()

    async def shop(self) -> None:
        try:
            await self._open_account()
            for purchase in self.purchases:
                await self._buy(purchase)
            if self.late:
                await self.confirm_address()
        except (Missing, Refused, Declined) as trouble:
            for purchase in self.purchases:
                if not purchase.paid and purchase.pays:
                    purchase.problem = purchase.problem or str(trouble)

    async def ask(self, what: str, path: str, **options: Any) -> Any:
        """A call of the API with this customer's login, until it gets through."""
        method = options.pop("method", "GET")
        return await self._patience.ask(what, lambda: self.customer.api.call(method, path, **options), log_in=self.customer.log_in)

    # --- an account -----------------------------------------------------------------------------------------------------------------

    async def _open_account(self) -> None:
        await self._patience.ask("register", self.customer.register)
        await self._patience.ask("log in", self.customer.log_in)
        await self._patience.ask("give an address", self.customer.give_address, log_in=self.customer.log_in)
        if not self.late:
            await self.confirm_address()

    async def confirm_address(self) -> None:
        """Clicks whatever link comes, asks for another mail when none comes."""
        tried: set[str] = set()
        resend_at = time.monotonic() + RESEND_SECONDS
        while True:
            links = [link for mail in await self._mails() for link in mail["links"] if "verify" in link and token_in(link) not in tried]
            for link in links:
                tried.add(token_in(link))
                try:
                    await self.ask("confirm the address", "/auth/verify-email", method="POST", body={"token": token_in(link)})
                except Refused:
                    continue  # used already, by a click whose answer was lost, or replaced by a later one: the profile tells
            if tried and (await self.ask("read the profile", "/customers/me"))["email_verified"]:
                return
            if time.monotonic() > self._patience.deadline:
                raise Missing(f"no mail let {self.person.email} confirm the address", where="the mailbox and the worker's log")
            if time.monotonic() > resend_at:
                await self.ask("ask for another mail", "/auth/verify-email/resend", method="POST")
                resend_at = time.monotonic() + RESEND_SECONDS
            await asyncio.sleep(MAIL_PAUSE)

    async def _mails(self) -> list[dict[str, Any]]:
        return await self._patience.ask("read mail", lambda: self.customer.mailbox.mails(self.person.email))

    # --- a purchase -----------------------------------------------------------------------------------------------------------------

    async def _buy(self, purchase: Purchase) -> None:
        clicks = [self._order(purchase) for _ in range(2 if purchase.double_click else 1)]
        orders = await asyncio.gather(*clicks)
        purchase.order_id, purchase.number = orders[0]["id"], orders[0]["number"]
        if len({order["id"] for order in orders}) > 1:
            purchase.problem = f"a double click made two orders: {', '.join(order['number'] for order in orders)}"
        if purchase.pays:
            await self._pay(purchase)

    async def _order(self, purchase: Purchase) -> dict[str, Any]:
        def send() -> Any:
            return self.customer.order(plan=purchase.plan, domain=purchase.domain, key=purchase.key)

        return dict(await self._patience.ask("order", send, log_in=self.customer.log_in))

    async def _pay(self, purchase: Purchase) -> None:
        """Until the page took the card, or the order says that it is paid."""
        card = DECLINED_CARD if purchase.declined_first else purchase.card
        while True:
            url = await self._page(purchase)
            if url is None:
                return
            try:
                landing = await self.customer.pay(url, card=card)
            except Declined:
                card = purchase.card
                continue
            except (Missing, httpx.HTTPError):
                await asyncio.sleep(MAIL_PAUSE)
                continue
            purchase.paid = True
            if purchase.comes_back:
                await self._come_back(landing)
            return

    async def _page(self, purchase: Purchase) -> str | None:
        """The address of the hosted page; None once there is nothing left to pay."""
        while True:
            try:
                answer = await self.ask("open the checkout page", f"/orders/{purchase.order_id}/pay", method="POST")
            except Refused as no:
                if no.code != "payable_not_open":
                    raise
                order = await self.ask("look at the order", f"/orders/{purchase.order_id}")
                if order["state"] != "pending":
                    return None
                answer = {}
            if answer.get("checkout_url"):
                return str(answer["checkout_url"])
            if time.monotonic() > self._patience.deadline:
                raise Missing(f"no checkout page was opened for {purchase.number}", where="the logs of API and worker")
            await asyncio.sleep(MAIL_PAUSE)

    async def _come_back(self, landing: str) -> None:
        """Once, as a browser does; a shop that is down just now loses nothing by it."""
        try:
            await self.customer.outside.http.get(landing)
        except httpx.HTTPError:
            return


def _purchase(email: str, chance: Random) -> Purchase:
    return Purchase(
        email=email,
        plan=chance.choice(PLANS),
        pays=chance.random() < 0.92,
        double_click=chance.random() < 0.2,
        declined_first=chance.random() < 0.12,
        comes_back=chance.random() < 0.7,
        card=chance.choice(CARDS),
    )


def crowd(system: System, outside: Outside, patience: Patience, *, seed: int, orders: int) -> list[Shopper]:
    """As many shoppers as make `orders` orders: about every sixth buys twice."""
    chance = Random(f"{seed}:customers")
    shoppers: list[Shopper] = []
    left = orders
    while left:
        wanted = min(left, 2 if chance.random() < 1 / 6 else 1)
        shoppers.append(Shopper(system, outside, patience, chance, orders=wanted))
        left -= wanted
    return shoppers
