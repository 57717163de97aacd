"""Hands a paid order to those who deliver, and notes what they report. Every function may run twice: what is done stays done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from nextbill.capabilities import catalog, customers, domains, hosting, identity, invoicing, licensing, orders, payments, subscriptions
from nextbill.kernel.clock import business_date
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.money import Money, total
from nextbill.processes.purchase.rules import DELIVERABLE
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx

LINE = "orders.line"


@dataclass(frozen=True, slots=True)
class Means:
    """What the delivery needs beyond the transaction."""

    cipher: FieldCipher
    keys: licensing.LicenseKeys
    zone: str


async def deliver(tx: Tx, order_id: UUID, *, means: Means, now: datetime) -> None:
    """Requests what was bought, in one transaction: rows and steps. Waits for the click that confirms the customer's address."""
    order = await orders.get_order(tx, order_id)
    if order.state != "paid" or (await identity.login_of_customer(tx, order.customer_id)).verified_at is None:
        return
    for line in order.lines:
        if line.kind == "hosting" and line.state == "waiting":
            await _request_hosting(tx, line, means=means, now=now)
        elif line.kind == "product" and line.state == "waiting":
            await _deliver_product(tx, line, means=means, now=now)
    for line in order.lines:
        if line.kind == "domain" and line.state in DELIVERABLE:
            await register_name(tx, line.id, means=means, now=now)


async def _request_hosting(tx: Tx, line: orders.OrderLine, *, means: Means, now: datetime) -> None:
    subscription_id = await _subscribe(tx, line, now=now)
    license_id = await licensing.issue_license(
        tx, customer_id=line.customer_id, reference_type=LINE, reference_id=line.id, plan_code=line.plan_code or "", plan_name=line.plan_name or "",
        limits=line.limits, features=line.features, expires_at=None, cipher=means.cipher, keys=means.keys, now=now,
    )  # fmt: skip
    customer = await customers.get_customer(tx, line.customer_id)
    account = await hosting.request_account(
        tx, customer_id=line.customer_id, reference_type=LINE, reference_id=line.id, plan_code=line.plan_code or "", limits=line.limits, license_id=license_id,
        license_key=await licensing.key_for_delivery(tx, license_id=license_id, cipher=means.cipher), domain=line.domain_name, email=customer.email,
        full_name=customer.name, phone=customer.phone, company=customer.company, cipher=means.cipher, now=now,
    )  # fmt: skip
    result = {"subscription_id": str(subscription_id), "license_id": str(license_id), "account_id": str(account.account_id)}
    if account.server_id is None:
        await orders.mark_line(tx, line.id, state="delayed", reason="no_room", ref=result, now=now)
        return
    await licensing.bind_server(tx, license_id=license_id, server_id=account.server_id, now=now)
    await orders.mark_line(tx, line.id, state="requested", ref=result, now=now)


async def _deliver_product(tx: Tx, line: orders.OrderLine, *, means: Means, now: datetime) -> None:
    """No machine has a part in it: it is delivered with the payment, and its period starts today."""
    if line.cycle is not None:
        subscription_id = await _subscribe(tx, line, now=now)
        invoice_id = await _invoice_of(tx, line.order_id)
        await subscriptions.start_period(tx, subscription_id=subscription_id, on=business_date(now, means.zone), now=now, invoice_id=invoice_id)
        await orders.mark_line(tx, line.id, state="requested", ref={"subscription_id": subscription_id}, now=now)
    await delivered(tx, line.id, now=now)


async def _invoice_of(tx: Tx, order_id: UUID) -> UUID | None:
    """The one that has paid for the first period; None where nothing was to be paid. The youngest: after a correction there are two."""
    papers = await invoicing.invoices_of(tx, origin_type=orders.ORDER, origin_id=order_id)
    return max((paper.id for paper in papers if paper.state != "void"), default=None)


async def _subscribe(tx: Tx, line: orders.OrderLine, *, now: datetime) -> UUID:
    """Charged by itself where a card is on file; one that is saved later changes that."""
    collection: subscriptions.Collection = "charge" if await payments.methods_of(tx, line.customer_id) else "invoice"
    return await subscriptions.create_subscription(
        tx, customer_id=line.customer_id, order_line_id=line.id, plan=_plan_as_sold(line), items=_items(line), collection=collection, now=now
    )


def _items(line: orders.OrderLine) -> list[subscriptions.Item]:
    return [_item(line, part) for part in line.parts if part.billing != "once"]


def _item(line: orders.OrderLine, part: orders.OrderPart) -> subscriptions.Item:
    """As the price list had it: what a coupon takes off later periods is told by the catalog, period by period, and tax is reckoned anew."""
    return subscriptions.Item(
        kind=part.kind,
        product_id=part.product_id or line.id,
        code=part.code,
        name=part.description,
        quantity=int(part.details.get("quantity", part.quantity)),
        unit=Money(int(part.details.get("unit_minor", part.unit.minor)), part.unit.currency),
        price_id=part.price_id,
        price_version=part.price_version,
        billing="first_period" if part.billing == "first_period" else "each_period",
    )


def _plan_as_sold(line: orders.OrderLine) -> catalog.PlanOffer:
    """The plan as the order's line keeps it: later prices and limits don't touch it. Its price is that of a whole period, with add-ons and options."""
    if line.plan_id is None or line.cycle is None:
        raise ValueError(f"order line {line.id} is not a plan")
    each_period = total([item.unit * item.quantity for item in _items(line) if item.billing == "each_period"], line.net.currency)
    return catalog.PlanOffer(
        plan_id=line.plan_id, plan_code=line.plan_code or "", plan_name=line.plan_name or "", price_version=line.price_version, price=each_period,
        cycle=line.cycle, limits=line.limits, features=line.features, product_class=line.product_class, price_id=_price_id(line), trial_days=line.trial_days,
    )  # fmt: skip


def _price_id(line: orders.OrderLine) -> UUID | None:
    return next((part.price_id for part in line.parts if part.kind in ("plan", "product")), None)


async def register_name(tx: Tx, line_id: UUID, *, means: Means, now: datetime) -> None:
    """Asks for the name's registration with the name servers of the server that its site will live on."""
    line = await orders.get_line(tx, line_id)
    nameservers = await _nameservers(tx, line)
    if not nameservers:
        if line.state != "delayed":
            await orders.mark_line(tx, line.id, state="delayed", reason="waits_for_server", now=now)
        return
    contact = await customers.contact_for_registrar(tx, line.customer_id)
    try:
        domain_id = await domains.request_registration(
            tx, customer_id=line.customer_id, reference_type=LINE, reference_id=line.id, name=DomainName.parse(line.domain_name or ""), years=line.years or 1,
            nameservers=nameservers, registrant=asdict(contact), cipher=means.cipher, now=now,
        )  # fmt: skip
    except domains.DomainTaken:
        await orders.mark_line(tx, line.id, state="refused", reason="taken", now=now)
        return
    await orders.mark_line(tx, line.id, state="requested", ref={"domain_id": str(domain_id)}, now=now)


async def _nameservers(tx: Tx, line: orders.OrderLine) -> Sequence[str]:
    """The account's server's, where the name came with hosting that is still wanted; else those of any server of the fleet."""
    if line.hosting_line_id is not None and (await orders.get_line(tx, line.hosting_line_id)).state != "cancelled":
        account = await hosting.account_for(tx, reference_type=LINE, reference_id=line.hosting_line_id)
        return await hosting.nameservers_of(tx, account.id) if account else ()
    fleet = [server for server in await hosting.list_servers(tx) if server.state == "active" and server.nameservers]
    return fleet[0].nameservers if fleet else ()


async def server_found(tx: Tx, *, line_id: UUID, server_id: UUID, means: Means, now: datetime) -> None:
    """An account that waited has a server: the license is bound to it, and the names that waited for name servers go on."""
    line = await orders.get_line(tx, line_id)
    license_ = await licensing.license_for(tx, reference_type=LINE, reference_id=line_id)
    if license_ is not None:
        await licensing.bind_server(tx, license_id=license_.id, server_id=server_id, now=now)
    if line.state == "delayed":
        await orders.mark_line(tx, line_id, state="requested", now=now)
    order = await orders.get_order(tx, line.order_id)
    for other in order.lines:
        if other.hosting_line_id == line_id and other.state in DELIVERABLE:
            await register_name(tx, other.id, means=means, now=now)


async def account_ready(tx: Tx, *, line_id: UUID, means: Means, now: datetime) -> None:
    """The account works: its paid period starts today, and the license lasts as long plus the grace."""
    line = await orders.get_line(tx, line_id)
    if line.state == "cancelled" or "subscription_id" not in line.result:
        return
    today = business_date(now, means.zone)
    subscription_id = UUID(line.result["subscription_id"])
    invoice_id = await _invoice_of(tx, line.order_id)
    await subscriptions.start_period(tx, subscription_id=subscription_id, on=today, now=now, invoice_id=invoice_id)
    subscription = await subscriptions.get_subscription(tx, subscription_id)
    if subscription.period is not None:
        await licensing.extend_license(
            tx, license_id=UUID(line.result["license_id"]), expires_at=licensing.license_expiry(subscription.period.end, means.zone), now=now
        )
    await delivered(tx, line_id, now=now)


async def delivered(tx: Tx, line_id: UUID, *, now: datetime) -> None:
    line = await orders.get_line(tx, line_id)
    await orders.mark_line(tx, line_id, state="delivered", now=now)
    await orders.complete_if_delivered(tx, line.order_id, now=now)


async def deliver_waiting(tx: Tx, customer_id: UUID, *, means: Means, now: datetime) -> None:
    """The customer has confirmed the address: what was paid before goes out now."""
    for order_id in await orders.paid_orders_of(tx, customer_id):
        await deliver(tx, order_id, means=means, now=now)
