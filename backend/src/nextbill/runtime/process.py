"""What a process that serves asks of its interpreter and its machine."""

from __future__ import annotations

import asyncio
import gc
import resource
from collections.abc import Coroutine
from typing import Any

import uvicorn
import uvloop
from prometheus_client import start_http_server

from nextbill.runtime.settings import Settings
from nextbill.runtime.web.front import front
from nextbill.runtime.web.table import Table

WANTED = 65_536


def allow_many_connections() -> int:
    """Raises the soft limit of open files as far as the hard one allows; answers with what holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def leave_the_start_alone() -> None:
    """What was made while starting stays for good: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def run_http(app: Table, settings: Settings) -> None:
    """Runs until SIGTERM; requests under way are finished. The app tells the time itself (`web.table`)."""
    allow_many_connections()
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1")
    leave_the_start_alone()
    uvicorn.run(
        app,
        http=front(app, trusted_proxies=settings.trusted_proxies),
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
        lifespan="on",
    )


def run_on_loop(main: Coroutine[Any, Any, None]) -> None:
    """As `asyncio.run`, on the loop that serves the API, too: every round trip to the database is a turn of it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
