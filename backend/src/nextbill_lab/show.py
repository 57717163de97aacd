"""The demo's result for people."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from nextbill_lab.demo import shown


def show_story(told: dict[str, Any], console: Console | None = None) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows(told):
        table.add_row(name, value)
    out = console or Console()
    out.print("\n[bold]Bought, paid and delivered[/]\n")
    out.print(table, highlight=False)
    out.print(f"\n  Paid to delivered: [bold]{told['paid_to_delivered_seconds']:.2f} s[/]\n", highlight=False)


def rows(told: dict[str, Any]) -> list[tuple[str, str]]:
    account, invoice = told["account"], told["invoice"]
    return [
        ("Customer", told["customer"]),
        ("Order", f"{told['order']}, {told['order_state']}"),
        ("Invoice", f"{invoice['number']}, {shown(invoice['total'])}, {invoice['state']}"),
        ("License", f"{told['license_key']}, {told['remaining_databases']} databases left"),
        ("Domain", told["domain"]),
        ("Account", f"{account['username']} at {account['login_url']}"),
        ("Mails", "\n".join(told["mails"])),
        ("Trial balance", ", ".join(f"{amount} {currency}" for currency, amount in told["trial_balance"].items()) or "no entries"),
    ]
