"""One customer's purchase, from the first page to the last mail, seen only from outside."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from nextbill_lab.customer import Customer, random_domain, random_word
from nextbill_lab.others import Panel, Staff, staff_of
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing
from nextbill_lab.vendors import Control, Outside, logs_in

PLAN = "professional"
FEATURE = "create_database"
DELIVERY_SECONDS = 90.0
POLL_SECONDS = 0.15


@dataclass
class Story:
    """What came of it; filled step by step, so that a story cut short still tells how far it got."""

    email: str = ""
    domain: str = ""
    order: dict[str, Any] = field(default_factory=dict)
    invoice: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    license_key: str = ""
    remaining_databases: int | None = None
    mails: list[str] = field(default_factory=list)
    trial_balance: dict[str, int] | None = None
    paid_at: float | None = None
    delivered_at: float | None = None

    @property
    def paid_to_delivered(self) -> float | None:
        if self.paid_at is None or self.delivered_at is None:
            return None
        return round(self.delivered_at - self.paid_at, 3)

    def told(self) -> dict[str, Any]:
        return {
            "customer": self.email,
            "order": self.order.get("number"),
            "order_state": self.order.get("state"),
            "invoice": {"number": self.invoice.get("number"), "total": self.invoice.get("total"), "state": self.invoice.get("state")},
            "license_key": self.license_key or None,
            "remaining_databases": self.remaining_databases,
            "domain": self.domain or None,
            "account": {name: self.account.get(name) for name in ("username", "login_url", "status")},
            "mails": self.mails,
            "trial_balance": self.trial_balance,
            "paid_to_delivered_seconds": self.paid_to_delivered,
        }


async def play(system: System, timeline: Timeline, story: Story) -> None:
    """Buys, pays, receives and uses a plan with a domain.

    Raises:
        Missing, Refused, Declined: what should be there is not, or the product said no.
    """
    outside = Outside()
    customer = Customer(system, outside)
    try:
        await _open_account(customer, timeline, story)
        await _choose_and_order(customer, timeline, story)
        await _pay_and_wait(customer, timeline, story)
        await _read_papers(customer, timeline, story)
        await _use(customer, timeline, story)
        await _ask_as_panel(system, outside, timeline, story)
        await _check_books(system, timeline, story)
    finally:
        await customer.close()
        await outside.close()


async def _open_account(customer: Customer, timeline: Timeline, story: Story) -> None:
    story.email = customer.person.email
    with timeline.step("register", "Register") as entry:
        entry.note = story.email
        await customer.register()
    with timeline.step("confirm", "Confirm the address by mail") as entry:
        entry.note = (await customer.confirm_address())["subject"]
    with timeline.step("log_in", "Log in"):
        await customer.log_in()
    with timeline.step("address", "Give address and phone"):
        await customer.give_address()


async def _choose_and_order(customer: Customer, timeline: Timeline, story: Story) -> None:
    with timeline.step("plans", "Browse the plans") as entry:
        plan = await customer.plan(PLAN)
        entry.note = f"{plan['name']}, {monthly(plan)} a month"
    with timeline.step("domain", "Look for a free domain") as entry:
        story.domain = entry.note = random_domain()
        if not await customer.is_free(story.domain):
            raise Missing(f"{story.domain} is not free", where="POST /api/v1/domains/check and the registrar's page")
    with timeline.step("order", "Order plan and domain") as entry:
        key = f"demo-{random_word(16)}"
        story.order = await customer.order(plan=PLAN, domain=story.domain, key=key)
        again = await customer.order(plan=PLAN, domain=story.domain, key=key)
        if again["id"] != story.order["id"]:
            raise Missing("one order for one Idempotency-Key: a second one was made", where=f"orders of {story.email}")
        entry.note = f"{story.order['number']} (sent twice, ordered once)"


async def _pay_and_wait(customer: Customer, timeline: Timeline, story: Story) -> None:
    with timeline.step("checkout", "Open the checkout page") as entry:
        url = await customer.checkout(story.order["id"])
        entry.note = "/".join(url.split("/")[:5])
    with timeline.step("pay", "Pay by 4242 4242 4242 4242") as entry:
        landing = await customer.pay(url)
        story.paid_at = time.monotonic()
        entry.note = shown(story.order.get("total"))
    with timeline.step("return", "Come back to the shop") as entry:
        entry.note = await customer.come_back(landing)
    with timeline.step("deliver", "Wait for the delivery") as entry:
        story.order = await customer.delivered(story.order["id"], seconds=DELIVERY_SECONDS, pause=POLL_SECONDS)
        story.delivered_at = time.monotonic()
        entry.note = f"{story.order['number']} {story.order['state']}"


async def _read_papers(customer: Customer, timeline: Timeline, story: Story) -> None:
    with timeline.step("invoice", "Look at the invoice") as entry:
        story.invoice = await customer.invoice_of(story.order["id"])
        if story.invoice["state"] != "paid":
            raise Missing(f"invoice {story.invoice['number']} is {story.invoice['state']}, not paid", where="the worker's log")
        entry.note = f"{story.invoice['number']}, {shown(story.invoice['total'])}, {story.invoice['state']}"
    with timeline.step("receipt", "Read the receipt") as entry:
        entry.note = (await customer.receipt(story.invoice["number"]))["subject"]
    with timeline.step("domain_owned", "Look at the domain") as entry:
        found = await customer.domain(story.domain)
        if found["status"] != "active":
            raise Missing(f"{story.domain} is {found['status']}, not active", where=f"GET /api/v1/domains/{found['id']}")
        entry.note = f"{story.domain}, active"


async def _use(customer: Customer, timeline: Timeline, story: Story) -> None:
    with timeline.step("welcome", "Read the welcome mail") as entry:
        welcome = await customer.welcome(story.order["number"])
        entry.note = welcome["subject"]
    with timeline.step("reveal", "Open its one-time link") as entry:
        first = await customer.reveal_login(welcome)
        story.account = await customer.account(story.domain) | {"username": first["username"], "login_url": first["login_url"]}
        entry.note = f"user name {first['username']}, password shown once"
    with timeline.step("panel_login", "Log in to the panel") as entry:
        entry.note = first["login_url"]
        if not await logs_in(customer.outside, first["login_url"], first["username"], first["password"]):
            raise Missing("the panel does not let the first login in", where=first["login_url"])
    story.mails = [mail["subject"] for mail in await customer.mailbox.mails(story.email)]
    with timeline.step("license", "Show the license key") as entry:
        story.license_key = entry.note = await customer.license_key(story.account["license_id"])


async def _ask_as_panel(system: System, outside: Outside, timeline: Timeline, story: Story) -> None:
    with timeline.step("validate", "A panel asks the license") as entry:
        clock = Control(outside, system.mailbox)
        staff: Staff | None = None
        key = system.panel_key
        if key is None:
            staff = await staff_of(system)
            key = await staff.make_panel_key()
        panel = Panel(system, key, clock)
        try:
            verdict = await panel.validate(story.license_key, FEATURE)
        finally:
            await panel.close()
            if staff is not None:
                await staff.revoke(key)
                await staff.close()
        if not verdict["valid"]:
            raise Missing(f"the license does not allow {FEATURE}: {verdict['reason']}", where="POST /api/v1/licenses/validate")
        story.remaining_databases = verdict["remaining_quota"]
        entry.note = f"{FEATURE}: yes, {verdict['remaining_quota']} left"


async def _check_books(system: System, timeline: Timeline, story: Story) -> None:
    with timeline.step("books", "Check the books") as entry:
        staff = await staff_of(system)
        try:
            story.trial_balance = await staff.trial_balance()
        finally:
            await staff.close()
        if any(story.trial_balance.values()):
            raise Missing(f"the trial balance is not zero: {story.trial_balance}", where="nextbill check")
        entry.note = "trial balance zero"


def monthly(plan: dict[str, Any]) -> str:
    """The price of one month."""
    for offer in plan["prices"]:
        if (offer["cycle"]["unit"], offer["cycle"]["count"]) == ("month", 1):
            return shown(offer["price"])
    raise Missing(f"{plan['code']} has no monthly price", where="GET /api/v1/plans")


def shown(money: dict[str, Any] | None) -> str:
    """`113.99 USD` from minor units; the demo's shop sells in currencies of two places."""
    if money is None:
        return ""
    sign, minor = "-" * (money["amount"] < 0), abs(money["amount"])
    return f"{sign}{minor // 100}.{minor % 100:02d} {money['currency']}"
