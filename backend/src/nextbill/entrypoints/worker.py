"""The worker's process: jobs and ticks, until SIGTERM. A lost database is waited for, not died of."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta

import psycopg
import structlog
from pgqueuer.domain.errors import PgqException
from prometheus_client import start_http_server
from sqlalchemy.exc import OperationalError

from nextbill.entrypoints.seeding import refuse_demo_data, seed
from nextbill.runtime import crash, logging
from nextbill.runtime.clock import make_clock
from nextbill.runtime.process import leave_the_start_alone, run_on_loop
from nextbill.runtime.settings import Settings
from nextbill.runtime.worker import Worker
from nextbill.wiring import HOURLY_CHECK, Wired, wire

PAUSE_SECONDS = 1.0
log = structlog.get_logger()


def make_worker(wired: Wired, *, checking: bool = True) -> Worker:
    """A job's heartbeat must outlive any vendor call, so that a job under way is not handed to another worker.

    `checking`: with the hourly check of invariants. Whoever plays a stretch of time turn by turn asks for it when it suits (`nextbill check`): it
    takes longer than everything else of a quiet turn."""
    heartbeat = timedelta(seconds=wired.settings.vendor_timeout_seconds * 2 + 10)
    ticks = [tick for tick in wired.ticks if checking or tick is not HOURLY_CHECK]
    return Worker(wired.database, wired.context.clock, wired.handlers, ticks, heartbeat=heartbeat)


async def work(settings: Settings, *, seed_first: bool) -> None:
    """`seed_first`: as `nextbill seed`, in a process that has everything wired already. Metrics answer once the worker is at work."""
    wired = wire(settings, make_clock(settings))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await refuse_demo_data(wired)
    if seed_first:
        await seed(wired)
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1")
    leave_the_start_alone()
    log.info("worker started")
    while not stopping.is_set():
        worker = make_worker(wired)
        running = asyncio.create_task(worker.run())
        told = asyncio.create_task(stopping.wait())
        await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
        worker.stop()
        try:
            await running
        except (psycopg.OperationalError, OperationalError, PgqException) as error:
            log.error("worker lost the database; trying again", error=str(error)[:300] or type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            told.cancel()
    await wired.close()
    log.info("worker stopped")


def serve(*, seed_first: bool = False) -> None:
    settings = Settings()
    logging.configure(settings.log_format)
    crash.arm(settings.nextbill_crash_at)
    run_on_loop(work(settings, seed_first=seed_first))
