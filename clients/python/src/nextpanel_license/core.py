"""What sync and async share. Nothing here does I/O: a flow is a generator that yields what is to be done, and the client that runs it does it."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar, Union
from urllib.parse import urlsplit

from nextpanel_license.clock import Clock
from nextpanel_license.errors import Unreachable
from nextpanel_license.holdings import Holdings
from nextpanel_license.leases import Expected
from nextpanel_license.signing import PanelKey
from nextpanel_license.spool import Spool
from nextpanel_license.storage import LeaseFile
from nextpanel_license.tally import Tally
from nextpanel_license.wire import Answer, NoAnswer, Outcome, Request

log = logging.getLogger("nextpanel_license")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """What hardly anybody changes. Seconds throughout."""

    issuer: str | None = None
    """Who signs leases, where that is not `base_url`."""
    leases: bool = True
    """Ask for leases. Needs the key's permission `leases`; without it the client goes on without them."""
    retries: int = 2
    pause: float = 0.2
    """Before the second try, about; three times that before the third. Billing's own Retry-After goes before."""
    patience: float = 6.0
    """All pauses between the tries of one call together."""
    cool_down: float = 5.0
    """After billing gave no answer, the lease answers at once for so long, where one stands."""
    batch: int = 100
    """Usage events that make a flush by themselves. One batch has at most 500."""
    flush_every: float = 5.0
    allow_plain_http: bool = False


@dataclass(frozen=True)
class Send:
    """To be sent as it is; the answer is an Outcome."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class Blocking:
    """Touches a disk: an event loop does it in a thread."""

    work: Callable[[], Any]


@dataclass(frozen=True)
class Count:
    """How many of a resource does the panel have? None where it can't tell."""

    license_key: str
    resource: str


Flow = Generator[Union[Send, Wait, Blocking, Count], Any, T]


@dataclass
class Core:
    """`server_id`: the panel's own, where it knows it; `default_license`: of a panel that has one license only."""

    base_url: str
    key: PanelKey
    spool: Spool
    clock: Clock = field(default_factory=Clock)
    file: LeaseFile | None = None
    settings: Settings = field(default_factory=Settings)
    server_id: str | None = None
    default_license: str | None = field(default=None, repr=False)
    chance: Callable[[], float] = random.random
    """Spreads the tries of many panels."""

    def __post_init__(self) -> None:
        self.origin, self.prefix = _split(self.base_url, plain=self.settings.allow_plain_http)
        self.holdings = Holdings(Expected(self.settings.issuer or self.origin + self.prefix, self.server_id))
        self.tally = Tally()
        self.seen_keys: dict[str, str] = {}
        """License keys by their name in files, as far as this process was asked for them."""
        self.away_until: float | None = None
        self.no_lease_until = 0.0
        self.next_poll, self.poll_every = 0.0, 30.0
        self.next_flush = self.clock.ticking() + self.settings.flush_every
        self.next_renewal, self.next_keys = 0.0, 0.0
        self.next_keep, self.unkept = 0.0, False

    def license_key(self, given: str | None) -> str:
        key = given or self.default_license
        if not key:
            raise ValueError("Which license? Give license_key here, or to the client for all calls.")
        return key

    def prepared(self, request: Request) -> Send:
        """Signed as of now: each try anew."""
        path = self.prefix + request.path
        headers = dict(request.headers)
        if request.proved:
            headers.update(self.key.headers(timestamp=int(self.clock.now()), method=request.method, path_and_query=path, body=request.body))
        return Send(request.method, self.origin + path, headers, request.body)

    @property
    def is_away(self) -> bool:
        return self.away_until is not None and self.clock.ticking() < self.away_until

    def note_away(self, error: Unreachable) -> None:
        if self.away_until is None:
            log.warning("Billing can't be reached (%s). Leases answer until it can.", error.why)
        self.away_until = self.clock.ticking() + min(60.0, max(self.settings.cool_down, error.retry_after or 0.0))

    def note_back(self) -> None:
        if self.away_until is not None:
            log.warning("Billing answers again.")
        self.away_until = None


def run_blocking(flow: Flow[T]) -> T:
    """Runs a flow that asks for nothing but disks."""
    given: Any = None
    while True:
        try:
            effect = flow.send(given)
        except StopIteration as ended:
            result: T = ended.value
            return result
        if not isinstance(effect, Blocking):
            raise TypeError("this flow wants more than a disk")
        given = effect.work()


def _split(base_url: str, *, plain: bool) -> tuple[str, str]:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("base_url is the address of the billing API, such as https://billing.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not plain:
        raise ValueError(
            "Over plain http anybody on the way can read and change answers: use https, or Settings(allow_plain_http=True) for a private test."
        )
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def exchange(core: Core, request: Request, *, tries: int | None = None) -> Flow[Answer]:
    """One answer of billing's, tried again where that is harmless (every write carries its id). Unreachable where none comes.

    A 401 while our clock is far off is signed once more by the right time.
    """
    left = core.settings.retries + 1 if tries is None else tries
    pause, spent, signed_again = core.settings.pause, 0.0, not core.key.signs
    while True:
        outcome: Outcome = yield core.prepared(request)
        if isinstance(outcome, Answer) and is_answered(outcome):
            moved = request.proved and core.clock.observe(outcome.headers.get("date"))
            if outcome.status == 401 and moved and not signed_again:
                signed_again = True
                continue
            return outcome
        left -= 1
        asked = retry_after(outcome)
        wait = max(asked or 0.0, pause * (0.5 + core.chance()))
        if left <= 0 or spent + wait > core.settings.patience:
            raise unreachable(outcome, asked)
        yield Wait(wait)
        spent, pause = spent + wait, pause * 3


def is_answered(answer: Answer) -> bool:
    """Whether billing itself decided. A redirect, a busy answer or a failure is none."""
    if answer.status in {408, 425, 429} or answer.status >= 500:
        return False
    return not 300 <= answer.status < 400 or answer.status == 304


def retry_after(outcome: Outcome) -> float | None:
    if isinstance(outcome, NoAnswer):
        return None
    try:
        return max(0.0, float(outcome.headers.get("retry-after", "")))
    except ValueError:
        return None


def unreachable(outcome: Outcome, asked: float | None) -> Unreachable:
    if isinstance(outcome, NoAnswer):
        why = outcome.why
    elif 300 <= outcome.status < 400:
        why = "it answered with a redirect: set base_url to where the API really is"
    else:
        why = f"it answered {outcome.status}"
    return Unreachable(f"Billing can't be reached: {why}. Make nothing new, leave what exists alone, ask again.", why=why, retry_after=asked)
