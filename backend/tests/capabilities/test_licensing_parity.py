"""The license path against a plain, slow reading of the promise: ten thousand random licenses and questions."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.http import make_panel_routes
from nextbill.kernel.ids import new_id
from nextbill.runtime.batching import Lines
from nextbill.runtime.database import Role
from nextbill.runtime.web.table import Asked
from tests.capabilities.workshop import KEYS, Workshop, open_workshop

COUNT = 10_000
FEATURES = (None, "create_account", "create_database", "create_email", "create_cron_job", "create_", "ssh", "staging", "databases", "drop_database")
RESOURCES = ("accounts", "databases", "database", "emails", "cron_jobs", "sites")
TOGETHER = 200


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


def _fill(shop: Workshop, customer: Any, dice: random.Random, servers: list[Any]) -> list[str]:
    """Random licenses, as rows; their keys."""
    now, keys = shop.now(), [f"NP-{n:012}" for n in range(COUNT)]
    licenses, quotas = [], []
    for key in keys:
        row_id, state = new_id(), dice.choices(["active", "suspended", "cancelled"], [8, 1, 1])[0]
        ends = dice.choice([None, now + timedelta(days=dice.randint(-3, 30))])
        features = json.dumps(dice.sample(["ssh", "staging", "databases"], dice.randint(0, 3)))
        reasons = ["abuse"] if state == "suspended" else []
        licenses.append(
            (
                row_id,
                customer,
                "test",
                row_id,
                "pro",
                "Pro",
                features,
                "x",
                KEYS.hash(key),
                key[-4:],
                dice.choice(servers),
                state,
                reasons,
                ends,
                now,
                now,
            )
        )
        for resource in dice.sample(RESOURCES, dice.randint(0, 4)):
            limit = dice.choice([None, 0, 1, 5])
            quotas.append((row_id, resource, customer, limit, dice.randint(0, 5), dice.randint(0, 1)))
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        _copy(
            owner,
            "licensing_license (id, customer_id, reference_type, reference_id, plan_code, plan_name, features, key_sealed, key_hash, key_hint, server_id, state, suspension_reasons, expires_at, issued_at, changed_at)",
            licenses,
        )
        _copy(owner, "licensing_quota (license_id, resource, customer_id, limit_count, used_count, reserved_count)", quotas)
    return keys


def _copy(owner: psycopg.Connection[Any], into: str, rows: list[Any]) -> None:
    with owner.cursor().copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def plainly(owner: psycopg.Connection[Any], key_hash: bytes, feature: str | None, server: Any, now: datetime) -> dict[str, Any]:
    """One license, all its quotas, the rules one after the other."""
    rows = owner.execute("select * from licensing_license where key_hash = %s", (key_hash,)).fetchall()
    if not rows:
        return {"valid": False, "reason": "unknown_license"}
    license_ = rows[0]
    if server and license_["server_id"] and license_["server_id"] != server:
        return {"valid": False, "reason": "wrong_server"}
    if license_["state"] in ("cancelled", "suspended"):
        return {"valid": False, "reason": license_["state"]}
    if license_["expires_at"] and license_["expires_at"] <= now:
        return {"valid": False, "reason": "expired"}
    if feature is None:
        return {"valid": True, "remaining_quota": None, "resource": None}
    found = owner.execute("select * from licensing_quota where license_id = %s", (license_["id"],)).fetchall()
    quotas = {row["resource"]: row for row in found}
    noun = feature[len("create_") :] if feature.startswith("create_") else None
    for name in () if noun is None else (noun + "s", noun):
        if name in quotas:
            quota = quotas[name]
            left = None if quota["limit_count"] is None else max(0, quota["limit_count"] - quota["used_count"] - quota["reserved_count"])
            if left == 0:
                return {"valid": False, "reason": "quota_exceeded", "resource": name}
            return {"valid": True, "remaining_quota": left, "resource": name}
    if feature in license_["features"]:
        return {"valid": True, "remaining_quota": None, "resource": None}
    return {"valid": False, "reason": "unknown_feature"}


@pytest.mark.timeout(900)  # ten thousand plain readings, one after the other, beside other tests
async def test_ten_thousand_answers_are_those_of_the_plain_reading(shop: Workshop) -> None:
    import asyncio

    dice = random.Random(20260)
    customer, servers = await shop.customer(), [None, new_id(), new_id()]
    keys = _fill(shop, customer, dice, servers)
    proofs: dict[Any, list[tuple[bytes, bytes]]] = {}
    async with shop.writing() as tx:
        for server in servers:
            made = await identity.create_panel_key(tx, name="p", permissions=["validate"], server_id=server, cipher=shop.cipher, now=shop.now())
            proofs[server] = [(b"x-api-key", made.key_id.encode()), (b"x-api-secret", made.secret.encode())]
    lines = Lines(shop.database.url(Role.LICENSE))
    routes = make_panel_routes(shop.settings, clock=shop.clock, lines=lines, cipher=shop.cipher)
    validate = next(route.door for route in routes if route.path.endswith("/validate"))

    async def ask(key: str, feature: str | None, server: Any) -> dict[str, Any]:
        scope = {"method": "POST", "path": "/api/v1/licenses/validate", "query_string": b"", "headers": proofs[server], "client": ("127.0.0.1", 1)}
        answer = await validate(Asked(scope, json.dumps({"license_key": key, "feature": feature}).encode(), ""))
        return dict(json.loads(answer.body))

    questions = [(dice.choice(keys) if n % 200 else f"NP-X{n}", dice.choice(FEATURES), dice.choice(servers)) for n in range(COUNT)]
    answers: list[dict[str, Any]] = []
    for start in range(0, COUNT, TOGETHER):
        answers += await asyncio.gather(*(ask(*question) for question in questions[start : start + TOGETHER]))
    await lines.close()
    different, valid = [], 0
    url = shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, row_factory=dict_row) as owner:
        for (key, feature, server), answer in zip(questions, answers, strict=True):
            plain = plainly(owner, KEYS.hash(key), feature, server, datetime.now(UTC))
            said = {name: answer.get(name) for name in plain}
            valid += plain["valid"]
            if said != plain:
                different.append((key, feature, server, said, plain))
    assert different == []
    assert COUNT / 10 < valid < COUNT * 9 / 10
