"""What a change costs in the terms of documents: taxed, each charge less its share of what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from nextbill.capabilities import customers, invoicing, ledger, tax
from nextbill.capabilities.subscriptions.rules import CHANGE_LINE, ChangeLine, Preview
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, Rounding, total
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Asked:
    """`net` and `tax` as the proforma will have them; both zero where nothing is to be paid."""

    lines: tuple[invoicing.InvoiceLine, ...]
    net: Money
    tax: Money

    @property
    def total(self) -> Money:
        return self.net + self.tax


async def asked(tx: ReadTx, customer: customers.Customer, shown: Preview, *, on: date) -> Asked:
    """Nothing below zero stands on an invoice, so what comes back for unused days is a discount of what is charged."""
    zero = Money.zero(shown.now.currency)
    if not shown.now:
        return Asked((), zero, zero)
    charged = [line for line in shown.lines if line.kind == "charge"]
    unused = [line for line in shown.lines if line.kind == "credit"]
    back = total([line.net for line in unused], zero.currency)
    offs = back.allocate([line.net.minor for line in charged]) if back else [zero for _ in charged]
    amounts = [line.net - off for line, off in zip(charged, offs, strict=True)]
    taxed = await with_tax(tx, customer, shown.target.product_class, amounts, on=on)
    note = "; ".join(f"Unused: {_days(line)}" for line in unused) if unused else None
    lines = tuple(
        _line(line, off, share, note=note, product_class=shown.target.product_class) for line, off, share in zip(charged, offs, taxed, strict=True)
    )
    return Asked(lines, total([line.net for line in taxed], zero.currency), total([line.tax for line in taxed], zero.currency))


def _line(line: ChangeLine, credit: Money, taxed: tax.TaxedLine, *, note: str | None, product_class: str) -> invoicing.InvoiceLine:
    """Net, as documents are: what is taken off is scaled where listed prices hold the tax."""
    off, asked_for = line.off + credit, line.net - credit
    if taxed.net != asked_for:
        off = off.share(taxed.net.minor, asked_for.minor, Rounding.HALF_UP)
    notes = [text for text, given in (("Coupon", line.off), (note, credit)) if given and text]
    return invoicing.InvoiceLine(
        description=_days(line),
        product_class=product_class,
        quantity=1,
        unit_net=taxed.net + off,
        tax=taxed,
        reference_type=CHANGE_LINE,
        reference_id=new_id(),
        period=line.period,
        discount=off or None,
        discount_note="; ".join(notes) if off else None,
        details={"part": "change", **line.to_json(), "credit_minor": credit.minor},
    )


def _days(line: ChangeLine) -> str:
    named = line.name if line.quantity == 1 else f"{line.quantity} × {line.name}"
    return named if line.days == line.of_days else f"{named}, {line.days} of {line.of_days} days"


async def with_tax(tx: ReadTx, customer: customers.Customer, product_class: str, amounts: Sequence[Money], *, on: date) -> list[tax.TaxedLine]:
    where = customer.address
    lines = [tax.TaxableLine(str(place), product_class, amount) for place, amount in enumerate(amounts)]
    if where is None:
        return [
            tax.TaxedLine(line.ref, line.net, 0, Money.zero(line.net.currency), None, "No address yet", "O", reason="no_address") for line in lines
        ]
    currency = amounts[0].currency
    rate = await ledger.rate_on(tx, currency=currency, home=tx.home_currency, on=on)
    return await tax.assess(
        tx,
        lines=lines,
        country=where.country,
        state=where.state or None,
        status=customer.status,
        tax_id=customer.tax_id,
        on=on,
        customer_id=customer.id,
        postal_code=where.postal_code,
        home_rate_ppm=rate.ppm if rate else None,
    )
