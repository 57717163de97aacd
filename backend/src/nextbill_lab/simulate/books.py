"""What the product has in its books, row by row out of its database, and what its vendors have in theirs; as figures by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString

from nextbill_lab.bench.database import Owner
from nextbill_lab.chaos.misdeeds import Vendors
from nextbill_lab.simulate.shop import DIGITS, PLANS

Figures = dict[str, Decimal | str]
NAMED = {plan.name: plan.code for plan in PLANS}

_INVOICES: LiteralString = (
    "select l.email, i.currency, count(*), sum(i.total_minor), sum(i.due_minor) from invoicing_invoice i "
    "join identity_login l on l.customer_id = i.customer_id where i.state <> 'draft' group by 1, 2"
)
_NOTES: LiteralString = (
    "select l.email, n.currency, sum(n.total_minor) from invoicing_credit_note n join identity_login l on l.customer_id = n.customer_id group by 1, 2"
)
_BALANCES: LiteralString = (
    "select l.email, e.account, e.currency, sum(e.amount_minor) from ledger_entry e join identity_login l on l.customer_id = e.customer_id "
    "where e.account in ('customer_credit', 'receivable') group by 1, 2, 3"
)
_TAXES: LiteralString = (
    "select country, rate, currency, sum(net), sum(tax) from ("
    " select i.buyer ->> 'country' as country, l.tax_rate_ppm as rate, l.currency, l.net_minor as net, l.tax_minor as tax "
    " from invoicing_invoice_line l join invoicing_invoice i on i.id = l.invoice_id where i.state <> 'draft' "
    " union all select n.buyer ->> 'country', l.tax_rate_ppm, l.currency, -l.net_minor, -l.tax_minor "
    " from invoicing_credit_note_line l join invoicing_credit_note n on n.id = l.credit_note_id) as everything group by 1, 2, 3"
)
_SALES: LiteralString = (
    "select l.product_class, l.currency, l.net_minor - coalesce("
    "  (select sum(c.net_minor) from invoicing_credit_note_line c where c.invoice_line_id = l.id), 0), "
    "coalesce(ol.plan_code, ch.target ->> 'plan_code'), coalesce(l.details ->> 'product', f.details -> (l.position - 1) ->> 'product') "
    "from invoicing_invoice_line l join invoicing_invoice i on i.id = l.invoice_id left join invoicing_form f on f.id = i.form_id "
    "left join orders_line ol on l.reference_type = 'orders.line' and ol.id = l.reference_id "
    "left join subscriptions_change ch on i.origin_type = 'subscriptions.change' and ch.id = i.origin_id where i.state <> 'draft'"
)
_LEDGER: LiteralString = "select account, currency, sum(amount_minor) from ledger_entry where account = 'gateway_clearing' group by 1, 2"
_SERVICES: LiteralString = (
    "select l.email, s.plan_code, s.state, s.period_end from subscriptions_subscription s join identity_login l on l.customer_id = s.customer_id"
)
_LICENSES: LiteralString = (
    "select l.email, count(*) from licensing_license x join identity_login l on l.customer_id = x.customer_id "
    "where x.state = 'active' and (x.expires_at is null or x.expires_at > %s) group by 1"
)
_NAMES: LiteralString = (
    "select l.email, d.name, d.expires_on from domains_domain d join identity_login l on l.customer_id = d.customer_id where d.state = 'active'"
)


def units(minor: Any, currency: str) -> Decimal:
    return Decimal(int(minor)).scaleb(-DIGITS[currency])


def ours(owner: Owner, *, now: datetime) -> Figures:
    found: Figures = {}
    for email, currency, count, total, due in owner.rows(_INVOICES):
        found |= {
            f"{email}: invoices": Decimal(count),
            f"{email}: invoiced {currency}": units(total, currency),
            f"{email}: open {currency}": units(due, currency),
        }
    for email, currency, total in owner.rows(_NOTES):
        found[f"{email}: credited {currency}"] = units(total, currency)
    for email, account, currency, amount in owner.rows(_BALANCES):
        name, sign = ("credit", -1) if account == "customer_credit" else ("receivable", 1)
        found[f"{email}: {name} {currency}"] = units(sign * amount, currency)
    for country, rate, currency, net, tax in owner.rows(_TAXES):
        place = f"{country} {(Decimal(rate) / 10_000).normalize():f} %"
        found |= {f"sold in {place} {currency}": units(net, currency), f"tax in {place} {currency}": units(tax, currency)}
    found |= _revenue(owner)
    for _account, currency, amount in owner.rows(_LEDGER):
        found[f"ledger: money at the gateway {currency}"] = units(amount, currency)
    return found | _kept(owner, now)


def _revenue(owner: Owner) -> Figures:
    by_plan: dict[str, Decimal] = defaultdict(Decimal)
    for product_class, currency, net, plan, named in owner.rows(_SALES):
        code = "domain" if product_class == "domain" else plan or NAMED.get(named, named)
        by_plan[f"revenue of {code} {currency}"] += units(net, currency)
    return dict(by_plan)


def _kept(owner: Owner, now: datetime) -> Figures:
    services: dict[str, list[str]] = defaultdict(list)
    for email, plan, state, until in owner.rows(_SERVICES):
        services[email].append(shown_service(plan, state, until))
    names: dict[str, list[str]] = defaultdict(list)
    for email, name, until in owner.rows(_NAMES):
        names[email].append(f"{name} until {until}")
    found: Figures = {f"{email}: keeps": ", ".join(sorted(lines)) for email, lines in services.items()}
    found |= {f"{email}: names": ", ".join(sorted(held)) for email, held in names.items()}
    return found | {f"{email}: valid licenses": Decimal(count) for email, count in owner.rows(_LICENSES, now)}


def shown_service(plan: str, state: str, until: date | None) -> str:
    return f"{plan} {state}" if state in ("ended", "cancelled") else f"{plan} {state} until {until}"


async def theirs(vendors: Vendors) -> Figures:
    """Money and refusals at the gateway, accounts on the panels, names at the registrar."""
    found: Figures = {}
    totals = (await vendors.call("stripe", "GET", "/_sim/stripe/summary"))["totals"]
    for currency, sums in totals.items():
        code = currency.upper()
        found[f"gateway: money {code}"] = units(sums.get("captured", 0) - sums.get("refunded", 0), code)
    customers = {one["id"]: one["email"] for one in await vendors.controls["stripe"].state("customer")}
    charges = await vendors.controls["stripe"].state("charge")
    refused = Counter(customers.get(charge["customer"], "nobody") for charge in charges if charge["status"] == "failed")
    found |= {f"{email}: refused charges": Decimal(count) for email, count in refused.items()}
    running: Counter[str] = Counter()
    for name in vendors.system.panels:
        accounts = await vendors.call(f"panel {name}", "GET", "/_sim/nextpanel/accounts")
        running.update(_owner_of(account) for account in accounts if account["status"] == "active")
    found |= {f"{email}: running accounts": Decimal(count) for email, count in running.items()}
    held = await vendors.call("registrar", "GET", "/_sim/resellerclub/domains")
    live = [f"{one['name']} until {datetime.fromisoformat(str(one['end'])).date()}" for one in held if one["live"]]
    return found | {"registrar: names": ", ".join(sorted(live))}


def _owner_of(account: Mapping[str, Any]) -> str:
    """Every further account of a customer on one panel has an address derived from theirs: local+user@host."""
    local, _, host = str(account["email"]).partition("@")
    return f"{local.partition('+')[0]}@{host}"


def delivered(accounts: Iterator[Mapping[str, Any]]) -> dict[str, date]:
    """By e-mail: the day on which the panel made the account."""
    return {_owner_of(account): datetime.fromisoformat(str(account["created_at"])).date() for account in accounts}
