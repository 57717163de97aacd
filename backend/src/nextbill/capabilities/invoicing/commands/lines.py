"""Lines on their way into tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from nextbill.capabilities.invoicing.errors import NothingToPay
from nextbill.capabilities.invoicing.models import ProformaLineRow
from nextbill.capabilities.invoicing.rules import InvoiceLine, Totals, problem_of, totals
from nextbill.kernel.ids import new_id, new_ids


def checked_totals(lines: Sequence[InvoiceLine], currency: str) -> Totals:
    """NothingToPay without lines or at zero. A line that cannot be right is the caller's defect: ValueError."""
    problems = [problem for line in lines if (problem := problem_of(line)) is not None]
    if problems:
        raise ValueError("; ".join(problems))
    sums = totals(((line.net, line.tax.tax) for line in lines), currency)
    if not sums.gross:
        raise NothingToPay
    return sums


def amounts(sums: Totals) -> dict[str, Any]:
    return {"currency": sums.net.currency, "net_minor": sums.net.minor, "tax_minor": sums.tax.minor, "total_minor": sums.gross.minor}


def line_values(lines: Sequence[InvoiceLine], *, customer_id: UUID, **parent: UUID) -> list[dict[str, Any]]:
    """`parent` is the column of the document: `proforma_id=…`."""
    whose = {"customer_id": customer_id, **parent}
    return [
        {**whose, "id": id_, "reference_id": line.reference_id, **said_by(line, position), "details": inputs_of(line)}
        for position, (line, id_) in enumerate(zip(lines, new_ids(len(lines)), strict=True), 1)
    ]


def inputs_of(line: InvoiceLine) -> dict[str, Any]:
    """Of its number: what it was priced and taxed by."""
    return {**line.details, "tax": line.tax.details}


def said_by(line: InvoiceLine, position: int) -> dict[str, Any]:
    """What a line says, but for whose it is, which thing it sells, and the inputs of its number."""
    return {
        "currency": line.tax.net.currency,
        "net_minor": line.tax.net.minor,
        "tax_minor": line.tax.tax.minor,
        "total_minor": line.tax.net.minor + line.tax.tax.minor,
        "position": position,
        "description": line.description,
        "product_class": line.product_class,
        "quantity": line.quantity,
        "unit_net_minor": line.unit_net.minor,
        "discount_minor": line.discount.minor if line.discount else 0,
        "discount_note": line.discount_note,
        "tax_rate_ppm": line.tax.rate_ppm,
        "tax_note": line.tax.note,
        "tax_rule_id": line.tax.rule_id,
        "tax_category": line.tax.category,
        "tax_exemption_code": line.tax.exemption_code,
        "reference_type": line.reference_type,
        "period_start": line.period.start if line.period else None,
        "period_end": line.period.end if line.period else None,
    }


_COPIED = [
    "currency",
    "net_minor",
    "tax_minor",
    "total_minor",
    "position",
    "description",
    "product_class",
    "quantity",
    "unit_net_minor",
    "discount_minor",
    "discount_note",
    "tax_rate_ppm",
    "tax_note",
    "tax_rule_id",
    "tax_category",
    "tax_exemption_code",
    "details",
    "reference_type",
    "reference_id",
    "period_start",
    "period_end",
    "customer_id",
]


CREDITED = [
    "description",
    "product_class",
    "quantity",
    "unit_net_minor",
    "discount_minor",
    "discount_note",
    "tax_rate_ppm",
    "tax_note",
    "tax_rule_id",
    "tax_category",
    "tax_exemption_code",
]
"""What a credit note's line takes over from the invoice's."""


def copies(rows: Sequence[ProformaLineRow], *, invoice_id: UUID) -> list[dict[str, Any]]:
    """The proforma's lines, to the letter, as lines of its invoice."""
    return [{"id": new_id(), "invoice_id": invoice_id, **{name: getattr(row, name) for name in _COPIED}} for row in rows]
