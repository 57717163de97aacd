"""The queue: what waits, what failed and why, and how to run it again."""

from __future__ import annotations

from typing import Annotated, Any

import psycopg
import typer
from pgqueuer.db import PsycopgDriver
from pgqueuer.domain.types import JobId
from pgqueuer.queries import Queries

from nextbill.entrypoints.cli.output import USAGE, fail, report, tell
from nextbill.entrypoints.cli.wired import with_system
from nextbill.runtime import jobs as queue
from nextbill.runtime.database import Role
from nextbill.wiring import Wired

app = typer.Typer(help="The job queue: what waits, what failed and why, run it again.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command("list")
def list_jobs(as_json: Json = False) -> None:
    """How many jobs wait or run, by name.

    Example: `nextbill jobs list`
    """

    async def use(queries: Queries) -> list[dict[str, Any]]:
        return [{"job": row.entrypoint, "state": row.status, "count": row.count} for row in await queries.queue_size()]

    report(_with_queue(use), as_json=as_json, empty="The queue is empty: nothing waits, nothing failed.")


@app.command("failed")
def failed(as_json: Json = False) -> None:
    """Jobs whose tries are used up, with their error.

    Example: `nextbill jobs failed --json`
    """

    async def use(queries: Queries) -> list[dict[str, Any]]:
        errors = {log.job_id: log.traceback for log in await queries.exception_logs(limit=1000)}
        rows = []
        for job in await queries.list_failed_jobs(limit=200):
            trace = errors.get(job.id)
            told = f"{trace.exception_type}: {trace.exception_message}" if trace else None
            correlation, payload = queue.unpack(job.payload)
            rows.append(
                {"id": job.id, "job": job.entrypoint, "attempts": job.attempts, "error": told, "payload": payload, "correlation": correlation}
            )
        return rows

    report(_with_queue(use), as_json=as_json, empty="No job has failed.")


@app.command("requeue")
def requeue(
    job_ids: Annotated[list[int] | None, typer.Argument(help="ids from `jobs failed`")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all failed jobs")] = False,
    as_json: Json = False,
) -> None:
    """Run failed jobs again. Every handler starts from its row's state, so a second run does no harm.

    Example: `nextbill jobs requeue 4711` or `nextbill jobs requeue --all`
    """
    if not job_ids and not everything:
        fail("Name the jobs by id, or say --all.", code=USAGE)

    if job_ids and everything:
        fail("Either name jobs by id or say --all, not both.", code=USAGE)

    async def use(queries: Queries) -> list[int]:
        known = {int(job.id) for job in await queries.list_failed_jobs(limit=10_000)}
        chosen = sorted(known if everything else known.intersection(job_ids or []))
        await queries.requeue_jobs([JobId(number) for number in chosen])
        return chosen

    chosen = _with_queue(use)
    unknown = sorted(set(job_ids or ()) - set(chosen))
    if unknown and not chosen:
        fail(f"No failed job: {', '.join(str(number) for number in unknown)}. `nextbill jobs failed` lists them.")
    tell({"requeued": chosen, "unknown": unknown}, as_json=as_json, after="" if chosen else "No job has failed.")


def _with_queue(use: Any) -> Any:
    async def connected(wired: Wired) -> Any:
        url = wired.database.url(Role.WORK).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        async with connection:
            return await use(queue.queue(PsycopgDriver(connection)))

    return with_system(connected)
