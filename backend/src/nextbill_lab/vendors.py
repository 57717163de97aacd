"""The simulated outside world from its visitors' side (mailbox, checkout page, panel login) and from its master's (control routes)."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from nextbill_lab.trouble import Missing

GOOD_CARD = "4242 4242 4242 4242"
Mail = dict[str, Any]


class Declined(Exception):
    """The checkout page came back with a reason. `code` is Stripe's decline code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the card was declined: {code}")
        self.code = code


class Outside:
    """One HTTP client for all pages outside the product; redirects are left to the caller."""

    def __init__(self) -> None:
        self.http = httpx.AsyncClient(timeout=30, trust_env=False)

    async def close(self) -> None:
        await self.http.aclose()

    async def json(self, method: str, url: str, **options: Any) -> Any:
        answer = await self.http.request(method, url, **options)
        answer.raise_for_status()
        return answer.json()


class Mailbox:
    def __init__(self, outside: Outside, url: str) -> None:
        self._outside, self.url = outside, url

    async def mails(self, to: str) -> list[Mail]:
        """Oldest first, each whole: subject, text, html, links."""
        found: list[Mail] = await self._outside.json("GET", f"{self.url}/api/mails", params={"to": to})
        return found[::-1]

    async def wait_for(self, to: str, wanted: Callable[[Mail], bool], *, what: str, seconds: float, pause: float = 0.1) -> Mail:
        """The first mail that is `wanted`.

        Raises:
            Missing: none came in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            for mail in await self.mails(to):
                if wanted(mail):
                    return mail
            if time.monotonic() > deadline:
                raise Missing(f"{what} did not arrive at {to} within {seconds:.0f} s", where=f"{self.url}/?q={to} and the worker's log")
            await asyncio.sleep(pause)


async def pay(outside: Outside, checkout_url: str, *, card: str, name: str, approve: bool = True) -> str:
    """Fill in the hosted checkout page and, if the bank asks, its challenge. Where the payer is sent then.

    Raises:
        Declined: the page came back with a reason.
        Missing: the page is not there.
    """
    page = await outside.http.get(checkout_url)
    if page.status_code != httpx.codes.OK:
        raise Missing(f"the checkout page answered {page.status_code}", where=checkout_url)
    form = {"card_number": card, "exp": "12/34", "cvc": "123", "name": name, "action": "pay"}
    answer = await outside.http.post(checkout_url, data=form)
    here = httpx.URL(checkout_url)
    while answer.status_code == httpx.codes.SEE_OTHER:
        target = here.join(answer.headers["Location"])
        if not target.path.startswith("/3ds/") or target.host != here.host or target.port != here.port:
            return str(target)
        answer = await outside.http.post(target, data={"result": "approve" if approve else "fail"})
        if answer.status_code == httpx.codes.SEE_OTHER and httpx.URL(answer.headers["Location"]).path == here.path:
            raise Declined("authentication_required")
    reason = re.search(r'data-decline-code="([^"]+)"', answer.text)
    raise Declined(reason.group(1) if reason else f"status {answer.status_code}")


async def logs_in(outside: Outside, login_url: str, username: str, password: str) -> bool:
    """Whether the panel's own login page lets these credentials in."""
    answer = await outside.http.post(login_url, data={"username": username, "password": password})
    return answer.status_code == httpx.codes.OK


class Control:
    """The control routes that every simulator has, apart from its wire."""

    def __init__(self, outside: Outside, url: str) -> None:
        self._outside, self.url = outside, url

    async def _ask(self, method: str, url: str, **words: Any) -> Any:
        """Once more where the connection broke: a kept one may have been closed while the question was on its way. All of these may be asked twice."""
        try:
            return await self._outside.json(method, url, **words)
        except httpx.TransportError:
            return await self._outside.json(method, url, **words)

    async def state(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._ask("GET", f"{self.url}/_sim/state", params={"kind": kind})
        return found

    async def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._ask("GET", f"{self.url}/_sim/calls")
        return found

    async def fault(self, **rule: Any) -> None:
        """Plan a fault: effect, pattern, times and so on, as the simulator names them."""
        await self._ask("POST", f"{self.url}/_sim/faults", json=rule)

    async def reseed(self, seed: int) -> None:
        await self._ask("PUT", f"{self.url}/_sim/faults", json={"seed": seed})

    async def clear_faults(self) -> None:
        await self._ask("DELETE", f"{self.url}/_sim/faults")

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self._ask("GET", f"{self.url}/_sim/clock"))["now"])

    async def advance(self, seconds: float) -> str:
        """Move the clock that all simulators and the product share; the new time."""
        return str((await self._ask("POST", f"{self.url}/_sim/clock", json={"advance_seconds": seconds}))["now"])
