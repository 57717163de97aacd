"""`nextbill sample-invoice`: the house's paper without a sale."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from nextbill.entrypoints.cli.environment import settings
from nextbill.entrypoints.cli.output import fail, tell
from nextbill.entrypoints.cli.wired import failing_clearly
from nextbill.kernel.clock import business_date
from nextbill.runtime.clock import make_clock
from nextbill.runtime.settings import Settings
from nextbill.runtime.words import LANGUAGES
from nextbill.stationery import Stationery

_WARM_UP = 10


def sample_invoice(
    path: Annotated[Path, typer.Argument(help="the PDF to write")] = Path("sample-invoice.pdf"),
    *,
    language: Annotated[str, typer.Option(help="of the document: en, de")] = "en",
    repeat: Annotated[int, typer.Option(min=1, max=10_000, help="write so many different ones, and tell what one cost")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Write an invoice that nobody owes, with your letterhead, as a customer would get it: PDF/A-3b with its e-invoice inside.

    Company, letterhead and paper are read from the settings (COMPANY_…, DOCUMENT_…). Exit codes: 0 written, 1 could not.
    """
    if language not in LANGUAGES:
        fail(f"--language {language}: choose from {', '.join(LANGUAGES)}.", code=2)
    chosen = settings()
    with failing_clearly():
        used = Stationery.of(chosen)
        try:
            facts = _write(used, chosen, path, language=language, repeat=repeat)
        finally:
            used.press.close()
    tell(facts, as_json=as_json, after="" if facts["e_invoice"] else f"It has no e-invoice inside: {facts['why']}")


def _write(used: Stationery, chosen: Settings, path: Path, *, language: str, repeat: int) -> dict[str, Any]:
    on = business_date(make_clock(chosen).now(), chosen.company_time_zone)
    spent, why, pdf = list[float](), None, b""
    for place in range(1, repeat + (_WARM_UP if repeat > 1 else 0) + 1):
        began = time.process_time()
        pdf, why = used.sample(f"SAMPLE-{place:06d}", language=language, currency=chosen.currency, on=on)
        spent.append((time.process_time() - began) * 1000)
    path.write_bytes(pdf)
    measured = {"cpu_milliseconds_each": round(median(spent[_WARM_UP:]), 2)} if repeat > 1 else {}
    return {"written": str(path), "bytes": len(pdf), "e_invoice": why is None, "why": why, **measured}
