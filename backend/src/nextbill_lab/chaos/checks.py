"""Whether money and machines agree. Each check holds our side against theirs and names every difference. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nextbill_lab.chaos.evidence import Evidence
from nextbill_lab.customer import one_time_link

Row = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """`seen`: how many things were looked at, in words."""

    promise: str
    seen: str
    violations: list[str] = field(default_factory=list)


def check_all(evidence: Evidence) -> list[Check]:
    checks: Sequence[Callable[[Evidence], Check]] = (
        _concluded,
        _orders,
        _charges,
        _invoices,
        _numbers,
        _licenses,
        _domains,
        _accounts,
        _capacity,
        _ledger,
        _mails,
        _causes,
        _invariants,
    )
    return [check(evidence) for check in checks]


def _concluded(found: Evidence) -> Check:
    lost = [f"{purchase.email}: {purchase.problem}" for purchase in found.purchases if purchase.problem]
    lost += [
        f"{purchase.email} wanted to pay and could not"
        for purchase in found.purchases
        if purchase.pays and not purchase.paid and not purchase.problem
    ]
    return Check("Every customer got through, and nothing is left open", f"{len(found.purchases)} purchases", [*lost, *found.still_open])


def _orders(found: Evidence) -> Check:
    """One cart, one order; paid by the customer means paid in our books; delivered whole."""
    states = {order["id"]: order["state"] for order in found.ours.orders}
    wrong = []
    for purchase in found.purchases:
        state = states.get(purchase.order_id)
        if state is None:
            wrong.append(f"{purchase.email}: no order {purchase.number}")
        elif purchase.paid != (state == "completed"):
            wrong.append(f"{purchase.number} was {'paid' if purchase.paid else 'not paid'} by the customer and is {state}")
    known = {purchase.order_id for purchase in found.purchases}
    wrong += [f"order {order['number']} belongs to no cart" for order in found.ours.orders if order["id"] not in known]
    return Check("One cart is one order; what was paid is completed", f"{len(states)} orders", wrong)


def _charges(found: Evidence) -> Check:
    by_attempt: dict[str, list[Row]] = defaultdict(list)
    for payment in found.theirs.payments:
        by_attempt[str(payment["metadata"].get("attempt_id"))].append(payment)
    wrong = []
    for order in found.ours.orders:
        payments = [payment for attempt in found.ours.attempts[order["id"]] for payment in by_attempt.pop(attempt, [])]
        net = [payment["captured"] - payment["refunded"] for payment in payments]
        due = order["total"]["amount"] if order in found.ours.paid else 0
        if [amount for amount in net if amount] != ([due] if due else []):
            wrong.append(f"order {order['number']} is {order['state']} over {due}; the gateway holds {net or 'nothing'}")
    wrong += [f"the gateway charged for attempt {attempt}, which is no order's" for attempt in by_attempt]
    return Check("Every paid order has exactly one net charge, and no other has one", f"{len(found.theirs.payments)} charges", wrong)


def _invoices(found: Evidence) -> Check:
    by_order: dict[str, list[Row]] = defaultdict(list)
    for invoice in found.ours.invoices:
        by_order[invoice["origin_id"]].append(invoice)
    wrong = []
    for order in found.ours.paid:
        states = [(invoice["state"], invoice["total"]) for invoice in by_order.pop(order["id"], [])]
        if states != [("paid", order["total"])]:
            wrong.append(f"order {order['number']} has the invoices {states}")
    wrong += [f"invoice {invoice['number']} is for nothing that was paid" for invoices in by_order.values() for invoice in invoices]
    return Check("Every paid order has one paid invoice, and nothing else has one", f"{len(found.ours.invoices)} invoices", wrong)


def _numbers(found: Evidence) -> Check:
    numbers = sorted(int(invoice["number"].rpartition("-")[2]) for invoice in found.ours.invoices)
    missing = sorted(set(range(1, len(numbers) + 1)) ^ set(numbers))
    last = f"1 to {numbers[-1]}" if numbers else "none"
    return Check("Invoice numbers are gapless", last, [f"number {number} is missing or one too many" for number in missing])


def _licenses(found: Evidence) -> Check:
    email_of = {purchase.order_id: purchase.email for purchase in found.purchases}
    left = {email: {row["id"]: row for row in rows} for email, rows in found.ours.licenses.items()}
    total = sum(len(rows) for rows in left.values())
    wrong = []
    for order in found.ours.paid:
        for line in _lines(order, "hosting"):
            license_ = left.get(email_of.get(order["id"], ""), {}).pop(line["result"].get("license_id", ""), None)
            if license_ is None or license_["status"] != "active" or license_["plan"] != line["plan"]:
                wrong.append(f"order {order['number']}: license {line['result'].get('license_id')} is {license_ and license_['status']}")
    wrong += [f"{email} has a license {id_} that was not paid" for email, rows in left.items() for id_ in rows]
    return Check("Every paid plan has one license, and nobody else has one", f"{total} licenses", wrong)


def _domains(found: Evidence) -> Check:
    live: dict[str, list[Row]] = defaultdict(list)
    for name in found.theirs.names:
        if name["live"] or name["charges"]:
            live[name["name"]].append(name)
    seen = sum(len(rows) for rows in live.values())
    ours = {row["name"]: row["status"] for row in found.ours.domains}
    wrong = []
    for order in found.ours.paid:
        for line in _lines(order, "domain"):
            theirs = [(name["live"], len(name["charges"])) for name in live.pop(line["domain_name"], [])]
            if theirs != [(True, 1)] or ours.get(line["domain_name"]) != "active":
                wrong.append(
                    f"order {order['number']}: {line['domain_name']} is {ours.get(line['domain_name'])}; registrar (live, charges): {theirs}"
                )
    wrong += [f"{name} is registered and was not paid" for name in live]
    if len(found.theirs.charges) != seen:
        wrong.append(f"the registrar charged {len(found.theirs.charges)} times for {seen} names")
    return Check("Every paid name is registered and charged once, and no other is", f"{seen} names", wrong)


def _accounts(found: Evidence) -> Check:
    places: dict[str, list[str]] = defaultdict(list)
    for panel, accounts in found.theirs.accounts.items():
        for account in accounts:
            places[str(account["billing_id"])].append(panel)
    seen = sum(len(panels) for panels in places.values())
    urls = {server["id"]: server["base_url"].rstrip("/") for server in found.ours.servers}
    ours = {account["id"]: account for account in found.ours.accounts}
    wrong = []
    for order in found.ours.paid:
        for line in _lines(order, "hosting"):
            account = ours.get(line["result"].get("account_id", ""), {})
            panels = places.pop(str(account.get("id")), [])
            if panels != [urls.get(account.get("server_id"))] or account.get("status") != "ready":
                wrong.append(f"order {order['number']}: account {account.get('id')} is {account.get('status')}; panels: {panels}")
    wrong += [f"account {billing_id} on {panels} was not paid" for billing_id, panels in places.items()]
    wrong += [f"account {account.get('billing_id')} was made and deleted" for account in found.theirs.deleted]
    return Check("Every paid plan has one account on exactly one panel, and nothing else has", f"{seen} accounts", wrong)


def _capacity(found: Evidence) -> Check:
    wrong = []
    for server in found.ours.servers:
        there = len(found.theirs.accounts.get(server["base_url"].rstrip("/"), []))
        if server["used"] != there:
            wrong.append(f"server {server['name']} counts {server['used']}, its panel has {there}")
    return Check("Each server counts exactly the accounts on it", f"{len(found.ours.servers)} servers", wrong)


def _ledger(found: Evidence) -> Check:
    wrong = [f"{currency} is off by {amount}" for currency, amount in found.ours.balances.items() if amount]
    return Check("The trial balance is zero", ", ".join(found.ours.balances) or "no entries", wrong)


def _mails(found: Evidence) -> Check:
    """At least once each, and never a second one of its own making: a double is the same message again."""
    by_person: dict[str, list[Row]] = defaultdict(list)
    for mail in found.theirs.mails:
        for address in mail["to"]:
            by_person[address.lower()].append(mail)
    invoices = {invoice["origin_id"]: invoice["number"] for invoice in found.ours.invoices}
    paid = {order["id"] for order in found.ours.paid}
    wrong: list[str] = []
    for purchase in found.purchases:
        mails = by_person[purchase.email.lower()]
        wrong += _mails_of(mails, purchase.number, invoices.get(purchase.order_id), paid=purchase.order_id in paid)
    doubles = sum(count - 1 for count in Counter((mail["message_id"], *mail["to"]) for mail in found.theirs.mails).values())
    return Check("Confirmation, receipt and welcome came to each", f"{len(found.theirs.mails)} mails, {doubles} of them again", wrong)


def _mails_of(mails: Sequence[Row], number: str, invoice: str | None, *, paid: bool) -> Iterator[str]:
    receipts = {mail["message_id"] for mail in mails if invoice and invoice in mail["subject"]}
    welcomes = {mail["message_id"] for mail in mails if number and number in mail["text"] and one_time_link(mail)}
    if not any("verify" in link for mail in mails for link in mail["links"]):
        yield f"{number}: no mail to confirm the address"
    for kind, found in (("receipt", receipts), ("welcome", welcomes)):
        if len(found) != (1 if paid else 0):
            yield f"{number}: {len(found)} different mails of the kind {kind}"


def _causes(found: Evidence) -> Check:
    return Check("Every parked step named its cause", "all that were parked", list(found.nameless))


def _invariants(found: Evidence) -> Check:
    wrong = [f"{one['invariant']}: {words}" for one in found.ours.invariants for words in one["violations"]]
    return Check("nextbill check finds nothing", f"{len(found.ours.invariants)} invariants", wrong)


def _lines(order: Row, kind: str) -> list[Row]:
    return [line for line in order["lines"] if line["kind"] == kind]
