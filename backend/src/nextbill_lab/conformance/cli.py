"""`nextbill panel-conformance`. Exit codes: 0 all that must be kept is kept, 1 something is broken, 2 wrong usage."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from nextbill_lab.conformance.findings import Finding, Findings
from nextbill_lab.conformance.panel import PanelChecks
from nextbill_lab.conformance.questions import QuestionChecks

_SIGNS = {"kept": "[green]✓[/]", "broken": "[red]✗[/]", "not offered": "[yellow]–[/]", "not checked": "[dim]·[/]"}


def panel_conformance(
    url: Annotated[str, typer.Argument(help="The panel's address, such as http://127.0.0.1:9000. A test server: an account is made and deleted.")],
    api_key: Annotated[str, typer.Option(help="The key that the panel gave to billing.", envvar="PANEL_API_KEY")],
    api_secret: Annotated[str, typer.Option(help="Its secret.", envvar="PANEL_API_SECRET")],
    billing: Annotated[str | None, typer.Option(help="A billing sandbox that the panel asks, such as http://127.0.0.1:8001.", metavar="URL")] = None,
    billing_key: Annotated[str, typer.Option(help="The panel's key there (npk_…).", envvar="BILLING_API_KEY")] = "",
    billing_secret: Annotated[str, typer.Option(help="Its secret (nps_…).", envvar="BILLING_API_SECRET")] = "",
    license_key: Annotated[str, typer.Option(help="A license of the sandbox (NP-…).", envvar="LICENSE_KEY")] = "",
    resource: Annotated[str, typer.Option(help="Something of which that license has one to spare.")] = "databases",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Check that a panel keeps to the contract: the calls that billing makes there, and the questions it asks of billing.

    Example: `nextbill panel-conformance http://127.0.0.1:9000 --api-key npk_… --api-secret nps_… --billing http://127.0.0.1:8001
    --billing-key npk_… --billing-secret nps_… --license-key NP-…`
    """
    console = Console(stderr=True, highlight=False)
    findings = Findings(lambda found: console.print(_line(found)))
    PanelChecks(url.rstrip("/"), api_key, api_secret, findings).run()
    if billing and billing_key and billing_secret and license_key:
        QuestionChecks(billing.rstrip("/"), billing_key, billing_secret, license_key, resource, findings).run()
    else:
        needed = "give --billing, --billing-key, --billing-secret and --license-key"
        findings.skip("questions", "the questions that the panel asks of billing", needed)
    kept = sum(found.outcome == "kept" for found in findings.all)
    absent = sum(found.outcome == "not offered" for found in findings.all)
    console.print(f"\n{kept} kept, {findings.broken} broken, {absent} optional calls not offered")
    if as_json:
        json.dump({"kept": kept, "broken": findings.broken, "findings": findings.to_json()}, sys.stdout, indent=1)
        sys.stdout.write("\n")
    if findings.broken:
        raise typer.Exit(1)


def _line(found: Finding) -> str:
    detail = f" [dim]{found.detail}[/]" if found.detail else ""
    return f" {_SIGNS[found.outcome]} {found.promise}{detail}"
