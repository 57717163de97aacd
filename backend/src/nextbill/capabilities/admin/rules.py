"""Words for states and causes, and who acts next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

Actor = Literal["customer", "staff", "system", "vendor"]

_STEP_ACTOR: Final[dict[str, Actor]] = {"requested": "system", "calling": "system", "in_doubt": "system", "pending": "vendor", "parked": "staff"}
PAYMENT_ACTOR: Final[dict[str, Actor]] = {"requested": "system", "open": "customer", "quarantined": "staff", "parked": "staff"}
REFUND_ACTOR: Final[dict[str, Actor]] = {"requested": "system", "pending": "vendor", "parked": "staff"}
MAIL_ACTOR: Final[dict[str, Actor]] = {"requested": "system", "refused": "staff", "parked": "staff"}

CAUSES: Final = {
    "no_funds": "The balance at the registrar does not cover it. Top up there, then retry.",
    "auth_failed": "The vendor refuses our login. Correct the credentials, then retry.",
    "not_allowed": "The vendor does not take calls from this machine's address. Have it allowed there, then retry.",
    "address_refused": "The address leads into a network that is not to be called. Correct the address or the list of exceptions.",
    "unreachable": "The vendor could not be reached in all tries. Retry when it answers again.",
    "connection": "The vendor could not be reached in all tries. Retry when it answers again.",
    "timeout": "The vendor did not answer in time. A retry looks first what came of it.",
    "no_answer": "The connection broke before the answer. A retry looks first what came of it.",
    "broken": "The vendor's answers could not be read. Retry when it works again.",
    "unparsable": "The vendor's answers could not be read. Retry when it works again.",
    "throttled": "The vendor asks for fewer calls. Retry later.",
    "rate_limited": "The vendor asks for fewer calls. Retry later.",
    "busy": "The vendor is busy with the same object. Retry later.",
    "deferred": "The mail host puts it off. Retry later.",
    "conflict": "The panel says that the name or address is taken, and nothing there is ours.",
    "cannot_look": "The panel cannot be asked for the account, so nobody knows whether it exists. Look there by hand first.",
    "not_found_yet": "The vendor shows nothing of it so far.",
    "not_our_doing": "The name is in our registrar account, but not through this order. Look there by hand.",
    "lapsed": "The name was ours and is on its way to deletion. Restore it at the registrar or cancel the line.",
    "not_ours": "The vendor says that the object is not ours. Look there by hand.",
    "unsupported": "The vendor cannot do this. Choose another server or vendor.",
    "invalid": "The vendor does not take what we sent. The detail names the field.",
    "charge_already_refunded": "The gateway says that this charge went back already, not through us. Compare both sides first.",
    "charge_disputed": "The customer's bank disputes this charge. Decide the dispute before any refund.",
    "cut_off": "The process that ran it ended in the middle again and again.",
    "unforeseen_error": "A fault of the program. The log has it under the correlation id.",
}
SUBJECTS: Final = {
    "payments.open_checkout": "payment",
    "payments.expire_checkout": "payment",
    "payments.refund": "refund",
    "payments.charge": "payment",
    "payments.open_setup": "saved card",
    "payments.detach_card": "saved card",
    "hosting.create_account": "hosting account",
    "hosting.set_first_password": "hosting account",
    "hosting.change_account": "change of a hosting account",
    "domains.prepare_registrant": "domain",
    "domains.register": "domain",
    "notifications.send_mail": "mail",
}
"""Step name → what its subject is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `who` acts next on it, None where nobody has to. `at` is the business clock's.

    `kind`: event, payment, refund, webhook, step, look, call, mail or staff."""

    id: str
    at: datetime
    kind: str
    what: str
    state: str | None = None
    reason: str | None = None
    detail: str | None = None
    who: Actor | None = None
    actor: str | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    request_id: str | None = None
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """Who acts next, and what is waited for."""

    who: Actor
    what: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    description: str
    kind: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What decides who acts next. `steps`: (name, state) of those that are neither done nor given up."""

    state: str
    verified: bool
    lines: Sequence[LineFacts]
    steps: Sequence[tuple[str, str]]
    failed_jobs: Sequence[str]
    quarantined: bool


def step_actor(state: str) -> Actor | None:
    return _STEP_ACTOR.get(state)


def cause(reason: str | None, detail: str | None) -> str:
    """In words, with what the vendor said where we have none."""
    words = CAUSES.get(reason or "")
    return words or f"{(reason or 'unknown').replace('_', ' ').capitalize()}{f': {detail}' if detail else '.'}"


def retry_would(*, certain: bool) -> str:
    if certain:
        return "Send again: the last try certainly did nothing."
    return "Look first whether an earlier try was carried out; send again only if nothing is found."


def acts_next(order: OrderFacts) -> list[Next]:
    """Everything that is waited for, staff's part first. Empty where the order has come to its end."""
    found = [*_for_staff(order), *_for_customer(order)]
    open_steps = [(name, actor) for name, state in order.steps if (actor := step_actor(state)) in ("system", "vendor") and actor is not None]
    found += [Next(actor, f"{name} is under way") for name, actor in open_steps]
    if not found and order.state == "paid":
        found.append(Next("system", "the rest of the delivery"))
    return sorted(found, key=lambda item: ("staff", "customer", "vendor", "system").index(item.who))


def _for_staff(order: OrderFacts) -> Iterable[Next]:
    if order.quarantined:
        yield Next("staff", "money came that is not what was asked for: compare with the gateway and decide")
    for name, state in order.steps:
        if state == "parked":
            yield Next("staff", f"{name} is parked: mend its cause, then retry")
    for name in order.failed_jobs:
        yield Next("staff", f"the job {name} failed: mend its cause, then requeue")
    for line in order.lines:
        if line.state == "delayed" and line.reason == "no_room":
            yield Next("staff", f"{line.description}: no server has room; add one, and it goes on by itself")


def _for_customer(order: OrderFacts) -> Iterable[Next]:
    if order.state == "pending":
        yield Next("customer", "pay, or cancel")
    elif order.state == "paid" and not order.verified:
        yield Next("customer", "confirm the e-mail address: it is delivered after that")
    for line in order.lines:
        if order.state == "paid" and line.state == "refused":
            yield Next("customer", f"{line.description}: choose another name, or cancel the line; refunded by itself after 72 hours")
