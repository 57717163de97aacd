"""What an invoice costs: one issued by staff, and a page of the list among as many as a large shop has."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
from rich.console import Console

from nextbill_lab.api import PREFIX, Api
from nextbill_lab.bench import hammer, reference
from nextbill_lab.bench.benchmark import ROUNDS, WARM_UP_REQUESTS, Report, cost_table, print_json, show_problems, warm_up, yardstick
from nextbill_lab.bench.figures import Cost, cost, known, per
from nextbill_lab.bench.meters import Meter, parts
from nextbill_lab.customer import Customer
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing
from nextbill_lab.vendors import Outside

SERVERS = ("api", "postgres")
CONNECTIONS = 8
WRITTEN, KEPT = "PDF with e-invoice: asked for the first time", "PDF with e-invoice: again, as it is kept"
PRESSED = "PDF/A-3b with e-invoice, from the bill to the bytes"
PRESSES = 60
PDF_TARGET_R = 181
"""15 ms of CPU on the machine where R is 83 µs."""
BATCH = 50_000
# Rows for lists only: the owner's session looks away from triggers and keys, so no books stand behind them.
FILL = """
insert into invoicing_invoice (id, customer_id, state, series, sequence, number, origin_type, origin_id, payable_id, due_minor, paid_minor,
  credited_minor, buyer, seller, issued_on, due_on, issued_at, created_at, currency, net_minor, tax_minor, total_minor)
select uuidv7(), %(customer)s, case when n %% 50 = 0 then 'open' else 'paid' end, 'INV-2001', n, 'INV-2001-' || lpad(n::text, 7, '0'), 'bench',
  gen_random_uuid(), gen_random_uuid(), case when n %% 50 = 0 then n else 0 end, case when n %% 50 = 0 then 0 else n end, 0,
  jsonb_build_object('name', 'Customer ' || n, 'company', null, 'email', 'x@example.com', 'status', 'consumer', 'country', 'DE'),
  '{"name": "x", "address": "x", "country": "DE", "email": "x@example.com"}', date '2001-01-01' + (n %% 360)::int,
  date '2001-01-15' + (n %% 360)::int, now(), now(), 'USD', n, 0, n from generate_series(%(first)s::bigint, %(last)s::bigint) n
"""


class Invoices:
    """`rows` invoices are there before anything is measured; `requests` of each list and `issues` in each of five rounds."""

    def __init__(self, rows: int, requests: int, issues: int) -> None:
        self._rows, self._requests, self._issues = rows, requests, issues

    async def run(self, system: System, timeline: Timeline) -> Report:
        outside = Outside()
        customer, staff = Customer(system, outside), Api(system.api)
        problems: list[str] = []
        try:
            with timeline.step("prepare", "A customer, and staff at the desk"):
                await customer.sign_up()
                customer_id = str((await customer.api.get("/customers/me"))["id"])
                await log_in(system, staff)
            with timeline.step("fill", f"{self._rows:,} invoices"):
                await asyncio.to_thread(_fill, _owner(system), customer_id, self._rows)
            bare, spent = await self._rounds(system, timeline, staff, customer_id, problems)
        finally:
            await customer.close()
            await staff.close()
            await outside.close()
        found = [cost(name, values, bare, target_r=PDF_TARGET_R if name == PRESSED else None) for name, values in spent.items()]
        writing = statistics.median(first - again for first, again in zip(spent[WRITTEN], spent[KEPT], strict=True)) / 1000
        return {**report(found, bare=bare, rows=self._rows, problems=problems), "pdf_milliseconds": round(writing, 2)}

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            print_json(report)
            return
        costs = [Cost(**known(told)) for told in report["costs"]]
        title = f"API and PostgreSQL together, among {report['rows']:,} invoices; R = {report['r_microseconds']:.0f} µs"
        Console().print(cost_table(title, costs, per_what="request"))
        Console().print(f"Gathering, writing and storing a PDF, beside reading it: {report['pdf_milliseconds']:.1f} ms of CPU", highlight=False)
        show_problems(Console(stderr=True), report["problems"])

    async def _rounds(
        self, system: System, timeline: Timeline, staff: Api, customer_id: str, problems: list[str]
    ) -> tuple[list[float], dict[str, list[float]]]:
        bare, spent = list[float](), dict[str, list[float]]()
        cursor = await _cursor(staff)
        with reference.serving() as (process, port):
            await warm_up(port)
            for name, path in _lists(cursor).items():
                await self._list(system, staff, path, count=WARM_UP_REQUESTS, problems=problems, name=name)
            for number in range(1, ROUNDS + 1):
                with timeline.step(f"round_{number}", f"Round {number} of {ROUNDS}") as entry:
                    bare.append(await yardstick(process, port))
                    issued, microseconds = await issue(system, staff, customer_id, count=self._issues)
                    spent.setdefault("issue one: written and issued", []).append(microseconds)
                    spent.setdefault(PRESSED, []).append(await _pressed(system))
                    for name in (WRITTEN, KEPT):
                        spent.setdefault(name, []).append(await self._files(system, staff, issued, problems))
                    for name, path in _lists(cursor).items():
                        spent.setdefault(name, []).append(await self._list(system, staff, path, count=self._requests, problems=problems, name=name))
                    entry.note = f"R = {bare[-1]:.0f} µs"
        return bare, spent

    async def _files(self, system: System, staff: Api, invoices: Sequence[str], problems: list[str]) -> float:
        """The PDF of each, one after the other: written where it is asked for the first time, else read as it is kept."""
        meter = Meter(parts(system, *SERVERS))
        for invoice_id in invoices:
            url = f"{system.api}{PREFIX}/invoices/{invoice_id}/pdf"
            volley = await hammer.hammer(url, hammer.request(url, headers={"Authorization": staff.authorization}), count=1, connections=1)
            if volley.statuses != {200: 1}:
                problems.append(f"PDF of {invoice_id}: {dict(volley.statuses)}")
        return sum(per(meter.spent(), len(invoices)).values())

    async def _list(self, system: System, staff: Api, path: str, *, count: int, problems: list[str], name: str) -> float:
        url = f"{system.api}{PREFIX}{path}"
        meter = Meter(parts(system, *SERVERS))
        volley = await hammer.hammer(url, hammer.request(url, headers={"Authorization": staff.authorization}), count=count, connections=CONNECTIONS)
        wrong = {status: number for status, number in volley.statuses.items() if status != 200}
        if wrong:
            problems.append(f"{name}: {wrong} of {volley.answered} answers were not 200")
        return sum(per(meter.spent(), volley.answered).values())


async def issue(system: System, staff: Api, customer_id: str, *, count: int) -> tuple[list[str], float]:
    """One after the other, by staff's two requests. Their ids, and what one cost."""
    issued = list[str]()
    lines = [{"description": "Work", "unit_net": {"amount": 10000, "currency": "USD"}}]
    meter = Meter(parts(system, *SERVERS))
    for _ in range(count):
        draft = await staff.post("/invoices/", {"customer_id": customer_id, "currency": "USD", "lines": lines})
        await staff.post(f"/invoices/{draft['id']}/issue", {})
        issued.append(str(draft["id"]))
    return issued, sum(per(meter.spent(), count).values())


async def _pressed(system: System) -> float:
    """Microseconds for each of many different ones, by the product's own command, which counts the press and the e-invoice alone."""
    command = (sys.executable, "-m", "nextbill", "sample-invoice", os.devnull, "--repeat", str(PRESSES), "--json")
    environment = os.environ | {"NEXTBILL_DATA": str(system.data)}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE)
    told = json.loads((await process.communicate())[0])
    if not told["e_invoice"]:
        raise Missing(f"a sample invoice has no e-invoice: {told['why']}", where="the private system's settings")
    return float(told["cpu_milliseconds_each"]) * 1000


def _lists(cursor: str = "") -> dict[str, str]:
    return {
        "list: the newest twenty": "/admin/invoices?limit=20",
        "list: twenty far down, by the cursor": f"/admin/invoices?limit=20&sort=oldest&cursor={cursor}",
        "list: overdue, by due day": "/admin/invoices?limit=20&overdue=true&sort=due",
        "list: by the beginning of a number": "/admin/invoices?limit=20&q=INV-2001-00001",
    }


async def _cursor(staff: Api) -> str:
    page = await staff.get("/admin/invoices", limit=200, sort="oldest")
    return str(page["next_cursor"])


async def log_in(system: System, staff: Api) -> None:
    login = system.staff()
    if login is None:
        raise Missing("no login of staff is known", where=f"{system.data}/running.json")
    tokens = await staff.post("/auth/login", {"email": login.email, "password": login.password})
    staff.carry(tokens["access_token"])


def _owner(system: System) -> str:
    """The private system's database, as its owner: as its processes were given it."""
    note = (system.data or Path()) / "environment.json"
    if not note.exists():
        raise Missing("the address of the database is not known", where=str(note))
    return str(json.loads(note.read_text())["DATABASE_URL"]).replace("postgresql+psycopg://", "postgresql://")


def _fill(address: str, customer_id: str, rows: int) -> None:
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        for first in range(1, rows + 1, BATCH):
            owner.execute(FILL, {"customer": customer_id, "first": first, "last": min(first + BATCH - 1, rows)})
        owner.execute("analyze invoicing_invoice")


def report(found: Sequence[Cost], *, bare: Sequence[float], rows: int, problems: list[str]) -> Report:
    return {
        "benchmark": "invoices",
        "rows": rows,
        "connections": CONNECTIONS,
        "r_microseconds": round(statistics.median(bare), 1),
        "costs": [one.told() for one in found],
        "problems": problems,
    }
