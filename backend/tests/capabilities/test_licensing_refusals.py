"""Refused from the first call after the commit, on every process; and strangers learn nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from nextbill.capabilities import identity, licensing
from nextbill.kernel.ids import new_id
from tests.capabilities.workshop import KEYS, Workshop, open_workshop
from tests.support.panels import Panel, open_panel, panel_key_of

VALIDATE = "/api/v1/licenses/validate"
SERVER = UUID(int=7)


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


@pytest.fixture
async def panel(shop: Workshop) -> AsyncIterator[Panel]:
    async with open_panel(shop, processes=2, server_id=SERVER) as opened:
        yield opened


Change = Callable[[Workshop, UUID], Awaitable[object]]


async def suspend(shop: Workshop, license_id: UUID) -> None:
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="legal", now=shop.now())


async def cancel(shop: Workshop, license_id: UUID) -> None:
    async with shop.writing() as tx:
        await licensing.cancel_license(tx, license_id=license_id, now=shop.now())


async def rotate(shop: Workshop, license_id: UUID) -> None:
    async with shop.writing() as tx:
        await licensing.rotate_key(tx, license_id=license_id, actor="system", cipher=shop.cipher, keys=KEYS, now=shop.now())


async def move(shop: Workshop, license_id: UUID) -> None:
    async with shop.writing() as tx:
        await licensing.move_license(tx, license_id=license_id, server_id=new_id(), now=shop.now())


async def expire(shop: Workshop, license_id: UUID) -> None:
    shop.advance(days=31)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(suspend, "suspended"), (cancel, "cancelled"), (rotate, "unknown_license"), (move, "wrong_server"), (expire, "expired")],
)
async def test_refused_from_the_first_call_after_the_commit_on_every_process(shop: Workshop, panel: Panel, change: Change, reason: str) -> None:
    license_id, key = await shop.license(await shop.customer(), expires_at=shop.now() + timedelta(days=30))
    async with shop.writing() as tx:
        await licensing.bind_server(tx, license_id=license_id, server_id=SERVER, now=shop.now())
    for process in range(2):
        assert (await panel.validate(key, "create_database", process=process))["valid"] is True
    await change(shop, license_id)
    for process in range(2):
        said = await panel.validate(key, "create_database", process=process)
        assert (said["valid"], said["reason"], said["remaining_quota"]) == (False, reason, 0)
        held = await panel.reserve(key, process=process)
        assert (held.status_code, held.json()["reason"]) == (409, reason)


async def test_suspending_in_the_midst_of_questions_splits_them_cleanly(shop: Workshop, panel: Panel) -> None:
    """Whoever asks after the commit has returned is refused; there is no flicker back."""
    license_id, key = await shop.license(await shop.customer())
    committed = asyncio.Event()
    after: list[bool] = []

    async def asking(process: int) -> None:
        for _ in range(25):
            late = committed.is_set()
            valid = (await panel.validate(key, process=process))["valid"]
            if late:
                after.append(valid)

    async def suspending() -> None:
        await asyncio.sleep(0.05)
        await suspend(shop, license_id)
        committed.set()

    await asyncio.gather(*(asking(n % 2) for n in range(8)), suspending())
    assert after
    assert not any(after)


async def test_a_revoked_key_is_refused_at_once_on_every_process(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    assert (await panel.validate(key))["valid"] is True
    async with shop.writing() as tx:
        await identity.revoke_panel_key(tx, key_id=panel.key_id, now=shop.now())
    for process in range(2):
        answer = await panel.ask("POST", VALIDATE, {"license_key": key}, process=process)
        assert (answer.status_code, answer.json()["code"]) == (401, "panel_key_invalid")


async def test_signatures_are_of_this_very_request(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    body = json.dumps({"license_key": key}).encode()
    now = int(shop.now().timestamp())

    async def code(path: str = VALIDATE, method: str = "POST", /, at: int = now, **changes: object) -> str:
        headers = panel.signed(method, path, body, at=at, **changes)
        answer = await panel.processes[0].request(method, path, content=body, headers=headers)
        return "fine" if answer.status_code == 200 else str(answer.json()["code"])

    assert await code() == "fine"
    assert await code(f"{VALIDATE}?a=1&b=%20") == "fine"
    assert {await code(at=now + away) for away in (-290, 300)} == {"fine"}
    refused = [
        await code(at=now - 301),
        await code(at=now + 400),
        await code(**{"body": body + b" "}),
        await code(**{"path": "/api/v1/usage/update"}),
        await code(f"{VALIDATE}?a=1", **{"path": VALIDATE}),
        await code(**{"method": "PUT"}),
    ]
    assert set(refused) == {"panel_not_authenticated"}
    stamped = panel.signed("POST", VALIDATE, body, at=now) | {"X-Timestamp": str(now + 1)}
    assert (await panel.processes[0].post(VALIDATE, content=body, headers=stamped)).status_code == 401


async def test_strangers_are_told_the_same_whatever_is_wrong(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    known, unknown = panel.key_id, "npk_" + "a" * 24
    wrong = "nps_" + "0" * 64
    tries: list[dict[str, Any]] = [
        {},
        {"X-API-Key": known},
        {"X-API-Key": known, "X-API-Secret": wrong},
        {"X-API-Key": unknown, "X-API-Secret": wrong},
        {"X-API-Key": unknown, "X-API-Secret": panel.secret},
        {"X-API-Key": "npk_", "X-API-Secret": panel.secret},
        {"X-API-Key": known, "X-API-Secret": panel.secret, "X-Timestamp": "now", "X-Signature": "00"},
        {"X-API-Key": known, "X-API-Secret": b"\xc3\xb6"},
    ]
    said = set()
    for headers in tries:
        for body in ({"license_key": key}, {"nonsense": True}):
            answer = await panel.ask("POST", VALIDATE, body, headers=headers)
            shown = {name: value for name, value in answer.json().items() if name != "correlation_id"}
            said.add((answer.status_code, json.dumps(shown, sort_keys=True)))
    assert len(said) == 1
    assert next(iter(said))[0] == 401


async def test_keys_may_do_what_they_were_made_for_from_where_they_were_made_for(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    narrow = await panel_key_of(shop, panel, permissions=("validate",))
    assert (await narrow.validate(key))["valid"] is True
    for answer in (await narrow.reserve(key), await narrow.use(key, "e1"), await narrow.ask("GET", "/api/v1/licenses/revocations")):
        assert (answer.status_code, answer.json()["code"]) == (403, "panel_not_permitted")
    away = await panel_key_of(shop, panel, addresses=["203.0.113.0/24"])
    assert (await away.ask("POST", VALIDATE, {"license_key": key})).status_code == 403
    brief = await panel_key_of(shop, panel, expires_at=shop.now() + timedelta(hours=1))
    assert (await brief.validate(key))["valid"] is True
    shop.advance(hours=2)
    assert (await brief.ask("POST", VALIDATE, {"license_key": key})).json()["code"] == "panel_key_invalid"


async def test_who_guesses_is_stopped_for_a_while(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    other = await panel_key_of(shop, panel)
    guesses = [await panel.validate(f"NP-2222-2222-{n:04}".replace("0", "3").replace("1", "4"), process=0) for n in range(120)]
    assert {said["reason"] for said in guesses} == {"unknown_license"}
    stopped = await panel.ask("POST", VALIDATE, {"license_key": "NP-2222-2222-2229"}, process=0)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(stopped.headers["retry-after"]) <= 61
    assert (await panel.validate(key, process=0))["valid"] is True, "who is known goes on being answered"
    assert (await other.validate("NP-2222-2222-2229", process=0))["reason"] == "unknown_license", "another panel's key is not touched"
    shop.advance(seconds=61)
    assert (await panel.validate("NP-2222-2222-2229", process=0))["reason"] == "unknown_license"


async def test_the_license_path_alone_answers_nothing_else(panel: Panel) -> None:
    assert (await panel.ask("GET", "/health", headers={})).json() == {"status": "ok"}
    assert (await panel.ask("GET", "/health/ready", headers={})).json()["status"] == "ready"
    for path in ("/api/v1/plans", "/docs", "/"):
        other = await panel.ask("GET", path, headers={})
        assert (other.status_code, other.json()["code"]) == (404, "not_found")
    large = await panel.processes[0].post(VALIDATE, content=b"x" * 300_000, headers={"X-API-Key": panel.key_id, "X-API-Secret": panel.secret})
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    broken = await panel.processes[0].post(VALIDATE, content=b"\x00\xff{", headers={"X-API-Key": panel.key_id, "X-API-Secret": panel.secret})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_json")
