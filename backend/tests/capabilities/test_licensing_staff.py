"""What staff and owners change of a license: each with its reason, audited, and nothing that is not theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from nextbill.capabilities import licensing
from nextbill.kernel.ids import new_id
from tests.capabilities.workshop import Workshop, open_workshop
from tests.support.panels import Panel, open_panel


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


@pytest.fixture
async def panel(shop: Workshop) -> AsyncIterator[Panel]:
    async with open_panel(shop) as opened:
        yield opened


async def test_suspending_for_two_reasons_takes_two_to_lift(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    token, path = await shop.staff("billing"), f"/admin/licenses/{license_id}/status"
    for reason in ("unpaid", "abuse"):
        answer = await shop.ask("PUT", path, {"status": "suspended", "reason": reason, "note": "seen by hand"}, token=token)
        assert answer.json()["status"] == "suspended"
    lifted = await shop.ask("PUT", path, {"status": "active", "reason": "unpaid", "note": "paid"}, token=token)
    assert (lifted.json()["status"], lifted.json()["suspension_reasons"]) == ("suspended", ["abuse"])
    assert (await panel.validate(key))["reason"] == "suspended"
    assert (await shop.ask("PUT", path, {"status": "active", "reason": "abuse", "note": "cleaned"}, token=token)).json()["status"] == "active"
    assert (await panel.validate(key))["valid"] is True
    without = await shop.ask("PUT", path, {"status": "suspended", "note": "why not"}, token=token)
    assert (without.status_code, without.json()["fields"][0]["field"]) == (422, "reason")
    assert (await shop.ask("PUT", path, {"status": "cancelled", "note": "by wish"}, token=token)).json()["status"] == "cancelled"
    final = await shop.ask("PUT", path, {"status": "active", "reason": "unpaid", "note": "never"}, token=token)
    assert (final.status_code, final.json()["code"]) == (409, "license_cancelled")
    audited = await shop.rows("select reason from identity_audit where action = 'license.status_changed' order by id")
    assert [row.reason for row in audited] == ["seen by hand", "seen by hand", "paid", "cleaned", "by wish"]


async def test_own_limits_win_over_the_plans_until_given_back_and_survive_another_plan(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer(), features=("ssh",))
    token, path = await shop.staff(), f"/admin/licenses/{license_id}/limits"
    body = {"limits": {"databases": 7, "sites": 2, "accounts": None}, "features": {"ssh": False, "staging": True}, "reason": "promised by sales"}
    changed = (await shop.ask("PUT", path, body, token=token)).json()
    quotas = {quota["resource"]: quota for quota in changed["quotas"]}
    assert (quotas["databases"]["limit"], quotas["databases"]["plan_limit"], quotas["databases"]["overridden"]) == (7, 2, True)
    assert (quotas["sites"]["limit"], quotas["accounts"]["limit"]) == (2, None)
    assert (await panel.validate(key, "create_site"))["remaining_quota"] == 2
    assert [(await panel.validate(key, feature))["valid"] for feature in ("ssh", "staging")] == [False, True]
    async with shop.writing() as tx:
        await licensing.change_plan(
            tx, license_id=license_id, plan_code="enterprise", plan_name="Enterprise", limits={"databases": 50, "emails": 10, "domains": 3},
            features=["ssh", "backups"], now=shop.now(),
        )  # fmt: skip
    assert (await panel.validate(key, "create_database"))["remaining_quota"] == 7
    assert (await panel.validate(key, "create_domain"))["remaining_quota"] == 3
    assert (await panel.validate(key, "create_email"))["remaining_quota"] == 10
    assert [(await panel.validate(key, feature))["valid"] for feature in ("ssh", "staging", "backups")] == [False, True, True]
    back = {"limits": {"databases": "plan"}, "features": {"ssh": "plan"}, "reason": "back to normal"}
    assert (await shop.ask("PUT", path, back, token=token)).status_code == 200
    assert (await panel.validate(key, "create_database"))["remaining_quota"] == 50
    assert (await panel.validate(key, "ssh"))["valid"] is True
    unknown = await shop.ask("PUT", path, {"limits": {"unicorns": "plan"}, "reason": "nonsense"}, token=token)
    assert [entry["field"] for entry in unknown.json()["fields"]] == ["limits.unicorns"]
    negative = await shop.ask("PUT", path, {"limits": {"databases": -1}, "reason": "nonsense"}, token=token)
    assert negative.status_code == 422


async def test_an_end_is_only_moved_later(shop: Workshop) -> None:
    ends = shop.now() + timedelta(days=3)
    license_id, _ = await shop.license(await shop.customer(), expires_at=ends)
    token, path = await shop.staff(), f"/admin/licenses/{license_id}/extend"
    later = (ends + timedelta(days=5)).isoformat()
    assert (await shop.ask("POST", path, {"expires_at": later, "reason": "goodwill"}, token=token)).status_code == 200
    early = await shop.ask("POST", path, {"expires_at": ends.isoformat(), "reason": "mistake"}, token=token)
    assert (early.status_code, early.json()["fields"][0]["field"]) == (422, "expires_at")


async def test_a_license_moves_to_servers_that_there_are(shop: Workshop) -> None:
    license_id, _ = await shop.license(await shop.customer())
    server, token, path = await shop.server(), await shop.staff(), f"/admin/licenses/{license_id}/move"
    assert (await shop.ask("POST", path, {"server_id": str(new_id()), "reason": "a typo"}, token=token)).json()["fields"][0]["field"] == "server_id"
    moved = await shop.ask("POST", path, {"server_id": str(server), "reason": "old one retires"}, token=token)
    assert moved.json()["server_id"] == str(server)


async def test_owners_replace_their_own_keys_only_and_support_none(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await shop.customer("bob@example.com")
    bob, ada, support = await shop.token("bob@example.com"), await shop.token(), await shop.staff("support")
    assert (await shop.ask("POST", f"/licenses/{license_id}/rotate", token=bob)).status_code == 404
    assert (await panel.validate(key))["valid"] is True
    fresh = (await shop.ask("POST", f"/licenses/{license_id}/rotate", token=ada)).json()["license_key"]
    assert (await panel.validate(key))["reason"] == "unknown_license"
    assert (await panel.validate(fresh))["valid"] is True
    for path in ("rotate", "reveal", "status", "limits", "move", "extend"):
        method = "PUT" if path in ("status", "limits") else "POST"
        assert (await shop.ask(method, f"/admin/licenses/{license_id}/{path}", {"reason": "because"}, token=support)).status_code == 403
    audited = await shop.rows("select actor from identity_audit where action = 'license.key_rotated'")
    assert [row.actor.split(":")[0] for row in audited] == ["customer"]
    stored = await shop.rows("select l::text as everything from licensing_license l")
    assert fresh not in stored[0].everything


async def test_reservations_are_seen_by_staff(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await panel.reserve(key, external_id="install-7")
    found = (await shop.ask("GET", f"/admin/licenses/{license_id}/reservations", token=await shop.staff("support"))).json()["items"]
    assert [(hold["external_id"], hold["status"], hold["quantity"]) for hold in found] == [("install-7", "held", 1)]
