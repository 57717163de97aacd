"""A core from the arguments that both clients take."""

from __future__ import annotations

import os
import uuid
from collections.abc import Awaitable, Callable
from typing import Optional, Union

import httpx

from nextpanel_license import ticking
from nextpanel_license.clock import Clock
from nextpanel_license.core import Core, Settings, run_blocking
from nextpanel_license.signing import PanelKey
from nextpanel_license.spool import MemorySpool, Spool, SqliteSpool
from nextpanel_license.storage import LeaseFile
from nextpanel_license.wire import Answer, NoAnswer

StrPath = Union[str, "os.PathLike[str]"]
Counter = Callable[[str, str], Optional[int]]
AsyncCounter = Callable[[str, str], Union[Optional[int], Awaitable[Optional[int]]]]
TIMEOUT = httpx.Timeout(5.0, connect=2.0)


def make_core(
    base_url: str,
    *,
    key_id: str,
    secret: str,
    sign: bool,
    license_key: str | None,
    server_id: str | None,
    lease_file: StrPath | None,
    usage_spool: StrPath | Spool | None,
    settings: Settings | None,
    clock: Clock | None,
) -> Core:
    """With what an earlier process left: leases and their keys, events not yet sent."""
    if not key_id or not secret:
        raise ValueError("key_id (npk_…) and secret (nps_…) are shown once, when the shop makes the key")
    file = None if lease_file is None else LeaseFile(lease_file)
    core = Core(
        base_url,
        PanelKey(key_id, secret, sign),
        _spool(usage_spool),
        clock or Clock(),
        file,
        settings=settings or Settings(),
        server_id=server_id,
        default_license=license_key,
    )
    run_blocking(ticking.begin(core))
    return core


def _spool(given: StrPath | Spool | None) -> Spool:
    if given is None:
        return MemorySpool()
    return SqliteSpool(given) if isinstance(given, (str, os.PathLike)) else given


def new_id() -> str:
    """For an external id or an event id: nobody else's, and the same in all tries of one call."""
    return uuid.uuid4().hex


def answer_of(response: httpx.Response) -> Answer:
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content)


def no_answer(error: httpx.HTTPError) -> NoAnswer:
    """In words that hold neither key nor license."""
    if isinstance(error, httpx.ConnectTimeout):
        return NoAnswer("no connection in time")
    if isinstance(error, httpx.TimeoutException):
        return NoAnswer("no answer in time")
    if isinstance(error, httpx.ConnectError):
        return NoAnswer("no connection")
    return NoAnswer(f"the connection broke ({type(error).__name__})")
