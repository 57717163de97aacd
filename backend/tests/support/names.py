"""Names that a keeper's customers hold, as they were sold, without a registrar."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from nextbill.capabilities import catalog, domains
from nextbill.capabilities.catalog import NewTldPrice
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from tests.support.keeping import STAFF
from tests.support.running import Running

_ORDER = (
    "insert into orders_order (id, customer_id, state, currency, net_minor, tax_minor, idempotency_key, cart_fingerprint, terms_version, customer_status, "
    "immediate_start, registrar_terms, consent_address, consented_at, placed_at) values (:id, :customer, 'completed', :currency, 0, 0, :key, '', '1', "
    "'consumer', true, true, '127.0.0.1', :now, :now)"
)
_LINE = (
    "insert into orders_line (id, order_id, customer_id, position, kind, description, product_class, plan_code, plan_name, cycle_unit, cycle_count, limits, "
    "features, domain_name, years, hosting_line_id, price_version, included_for, net_minor, tax_minor, currency, state, result, changed_at) values (:id, "
    ":order, :customer, :position, :kind, :kind, :kind, :plan, :plan, :unit, 1, '{}', '[]', :name, :years, :hosting, 1, :included, 0, 0, :currency, "
    "'delivered', '{}', :now)"
)
_DOMAIN = (
    "insert into domains_domain (id, customer_id, reference_type, reference_id, name, tld, years, state, nameservers, registrant_sealed, "
    "registrant_fingerprint, registrar_ref, expires_on, requested_at, registered_at, changed_at, renews_apart, auto_renew) values (:id, :customer, "
    "'orders.line', :line, :name, :tld, 1, 'active', array['ns1.example.net','ns2.example.net'], '', '', '1', :expires, :now, :now, :now, :apart, :renews)"
)


async def sells_names(running: Running, tld: str = "com", *prices: Money, register: int = 1200) -> UUID:
    """An ending with what a further year of it costs, 15 dollars unless said otherwise."""
    keeper = running.keeper
    async with keeper.trade.writing() as tx:
        tld_id = await catalog.create_tld(tx, tld=tld, changes={}, edit=STAFF, now=keeper.now)
        for price in prices or (Money(1500, "USD"),):
            for operation, amount in (("register", Money(register, price.currency)), ("renew", price)):
                new = NewTldPrice(operation, 1, amount)  # type: ignore[arg-type]  # both are operations
                await catalog.add_tld_price(tx, tld_id, price=new, valid_from=keeper.today, today=keeper.today, edit=STAFF, now=keeper.now)
    return tld_id


async def holds(
    running: Running,
    name: str,
    expires_on: date,
    *,
    customer_id: UUID,
    currency: str = "USD",
    included: str | None = None,
    plan_line: UUID | None = None,
    apart: bool = False,
    renews: bool = True,
) -> UUID:
    """`included`: it came with the plan that was bought by the line `plan_line`."""
    keeper, order_id, line_id, domain_id = running.keeper, new_id(), new_id(), new_id()
    shared: dict[str, Any] = {"order": order_id, "customer": customer_id, "currency": currency, "now": keeper.now}
    bare = {"plan": None, "unit": None, "hosting": None, "included": None, "name": None, "years": None}
    async with keeper.trade.writing() as tx:
        await tx.execute(text(_ORDER), {**shared, "id": order_id, "key": str(order_id)})
        if plan_line is not None:
            await tx.execute(text(_LINE), {**shared, **bare, "id": plan_line, "position": 1, "kind": "hosting", "plan": "small", "unit": "month"})
        of_name = {"kind": "domain", "name": name, "years": 1, "hosting": plan_line, "included": included}
        await tx.execute(text(_LINE), {**shared, **bare, **of_name, "id": line_id, "position": 2})
        values = {
            "id": domain_id,
            "line": line_id,
            "name": name,
            "tld": name.partition(".")[2],
            "expires": expires_on,
            "apart": apart,
            "renews": renews,
        }
        await tx.execute(text(_DOMAIN), {**shared, **values})
    return domain_id


async def renewal_of(running: Running, domain_id: UUID) -> domains.RenewalView | None:
    async with running.keeper.trade.database.reading(Role.WORK) as tx:
        return await domains.latest_renewal(tx, domain_id)


async def invoices(running: Running) -> list[tuple[date, date, int, str]]:
    """Of the run, oldest first: issued, due, total, what is on it."""
    rows = await running.rows(
        "select i.issued_on, i.due_on, i.total_minor, (select string_agg(l.description, ' + ' order by l.position) from invoicing_invoice_line l "
        "where l.invoice_id = i.id) as what from invoicing_invoice i where i.origin_type = 'subscriptions.run' order by i.issued_on, i.total_minor, 4"
    )
    return [(row["issued_on"], row["due_on"], row["total_minor"], row["what"]) for row in rows]
