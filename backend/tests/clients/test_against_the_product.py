"""The client against the real thing, over real HTTP: what its own tests believe of the wire, the product says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import nextpanel_license as client
import pytest
from nextpanel_license.clock import Clock

from nextbill.capabilities import identity, licensing
from nextbill.kernel.ids import new_id
from tests.capabilities.workshop import KEYS, Workshop, open_workshop

ALL = ("validate", "usage", "reservations", "leases")


class Panel:
    """A panel with a key of its own, a license on its server, and the client."""

    def __init__(self, shop: Workshop, folder: Path, server_id: UUID) -> None:
        self.shop, self.server_id = shop, server_id
        self.license_id = server_id
        self.known: dict[str, Any] = {
            "server_id": str(server_id), "lease_file": folder / "leases", "usage_spool": folder / "usage",
            "clock": Clock(lambda: shop.now().timestamp()), "settings": client.Settings(issuer=shop.settings.api_url, pause=0.01),
        }  # fmt: skip

    async def new_license(self) -> None:
        customer_id = await self.shop.customer(f"{new_id()}@example.com")
        ends = self.shop.now() + timedelta(days=30)
        self.license_id, self.known["license_key"] = await self.shop.license(customer_id, expires_at=ends, features=("priority_support",))
        async with self.shop.writing() as tx:
            await licensing.bind_server(tx, license_id=self.license_id, server_id=self.server_id, now=self.shop.now())

    async def revision(self) -> int:
        found = await self.shop.rows("select revision from licensing_license where id = :id", id=self.license_id)
        return int(found[0].revision)

    async def new_key(self, *permissions: str, server_id: UUID | None = None) -> dict[str, str]:
        async with self.shop.writing() as tx:
            made = await identity.create_panel_key(
                tx, name="alpha", permissions=permissions, server_id=server_id, cipher=self.shop.cipher, now=self.shop.now()
            )
        return {"key_id": made.key_id, "secret": made.secret}

    def client(self, url: str | None = None, **changes: Any) -> client.AsyncLicenseClient:
        return client.AsyncLicenseClient(url or str(self.shop.client.base_url), **{**self.known, **changes})

    async def away(self, **changes: Any) -> client.AsyncLicenseClient:
        """As after a restart while billing is gone."""
        return self.client("http://127.0.0.1:9", **changes)

    async def used(self, resource: str = "databases") -> tuple[int, int]:
        found = await self.shop.rows(
            "select used_count, reserved_count from licensing_quota where license_id = :id and resource = :resource",
            id=self.license_id,
            resource=resource,
        )
        return found[0].used_count, found[0].reserved_count


@pytest.fixture
async def panel(dsn: str, tmp_path: Path) -> AsyncIterator[Panel]:
    async with open_workshop(dsn, tmp_path) as shop:
        opened = Panel(shop, tmp_path / "panel", await shop.server())
        async with shop.writing() as tx:
            await licensing.keep_signing_keys(tx, cipher=shop.cipher, now=shop.now())
        opened.known |= await opened.new_key(*ALL, server_id=opened.server_id)
        await opened.new_license()
        yield opened


async def test_may_i(panel: Panel) -> None:
    async with panel.client(sign=False) as asking:
        assert (await asking.validate("create_database")).source == "billing"
    async with panel.client() as asking:
        yes = (await asking.validate("create_database")).require()
        assert (yes.source, yes.resource, yes.remaining_quota, yes.plan) == ("billing", "databases", 2, "professional")
        assert (await asking.validate("create_email")).remaining_quota is None
        assert await asking.validate("priority_support")
        assert (await asking.validate("teleport")).reason == "unknown_feature"
        assert (await asking.validate(license_key="NP-2222-2222-2222")).reason == "unknown_license"


async def test_the_synchronous_client(panel: Panel) -> None:
    def work() -> tuple[str, str, int]:
        with client.LicenseClient(str(panel.shop.client.base_url), **panel.known) as asking:
            verdict = asking.validate("create_database").require()
            with asking.reserve("databases") as held:
                asking.usage.created("accounts")
            asking.poll_revocations()
            return verdict.source, held.status, len(asking.usage.flush().results)

    assert await asyncio.to_thread(work) == ("billing", "committed", 1)
    assert (await panel.used(), await panel.used("accounts")) == ((1, 0), (1, 0))


async def test_the_lease_opens_while_billing_is_gone_and_not_after(panel: Panel) -> None:
    async with panel.client() as asking:
        assert await asking.validate()
    async with await panel.away() as alone:
        yes = (await alone.validate("create_database")).require()
        assert (yes.source, yes.remaining_quota, yes.plan) == ("lease", 2, "professional")
        assert (await alone.validate("create_email")).remaining_quota is None
        assert await alone.validate("priority_support")
        assert (await alone.validate("create_database", used=2)).reason == "quota_exceeded"
        panel.shop.advance(hours=72)
        with pytest.raises(client.Unreachable, match="run out"):
            await alone.validate()
    async with await panel.away(settings=client.Settings(issuer="https://elsewhere.example")) as stranger:
        with pytest.raises(client.Unreachable):
            await stranger.validate()


async def _suspend(tx: Any, panel: Panel) -> None:
    await licensing.suspend_license(tx, license_id=panel.license_id, reason="unpaid", now=panel.shop.now())


async def _cancel(tx: Any, panel: Panel) -> None:
    await licensing.cancel_license(tx, license_id=panel.license_id, now=panel.shop.now())


async def _rotate(tx: Any, panel: Panel) -> None:
    await licensing.rotate_key(tx, license_id=panel.license_id, actor="staff", cipher=panel.shop.cipher, keys=KEYS, now=panel.shop.now())


async def _move(tx: Any, panel: Panel) -> None:
    other = await panel.shop.server("beta")
    await licensing.move_license(tx, license_id=panel.license_id, server_id=other, now=panel.shop.now())


CHANGES: dict[str, tuple[Callable[..., Any], str]] = {
    "suspended": (_suspend, "suspended"),
    "cancelled": (_cancel, "cancelled"),
    "rotated": (_rotate, "unknown_license"),
    "moved": (_move, "wrong_server"),
}


async def test_what_is_changed_is_refused_at_once_and_voids_the_lease(panel: Panel) -> None:
    for change, (deed, reason) in CHANGES.items():
        await panel.new_license()
        async with panel.client() as asking:
            await asking.validate()
            await asking.poll_revocations(now=True)
            async with panel.shop.writing() as tx:
                await deed(tx, panel)
            # The feed waits for every transaction under way, those of other tests included: what came before this change may still be in it.
            revision = await panel.revision()
            told: list[client.Revocation] = []
            while revision not in [one.revision for one in told]:
                told += [one for one in await asking.poll_revocations(now=True) if one.license_id == str(panel.license_id)]
            assert told[-1].reason == change
            assert await asking.poll_revocations(now=True) == []
        async with await panel.away() as alone:
            with pytest.raises(client.Unreachable):
                await alone.validate()
        async with panel.client() as asking:
            assert (await asking.validate()).reason == reason, change


async def test_a_refusal_alone_voids_the_lease(panel: Panel) -> None:
    async with panel.client() as asking:
        await asking.validate()
        async with panel.shop.writing() as tx:
            await _suspend(tx, panel)
        assert (await asking.validate()).reason == "suspended"
    async with await panel.away() as alone:
        with pytest.raises(client.Unreachable):
            await alone.validate()
    async with panel.shop.writing() as tx:
        await licensing.activate_license(tx, license_id=panel.license_id, reason="unpaid", now=panel.shop.now())
    panel.shop.advance(seconds=2)
    async with panel.client() as asking:
        assert await asking.validate()
    async with await panel.away() as alone:
        assert (await alone.validate()).source == "lease"


async def test_a_key_in_wrong_hands_takes_its_leases_along(panel: Panel) -> None:
    passed = 0.0
    async with panel.client(clock=Clock(lambda: panel.shop.now().timestamp(), lambda: passed)) as asking:
        await asking.validate()
        async with panel.shop.writing() as tx:
            await licensing.rotate_signing_key(tx, actor="staff", reason="stolen", compromised=True, cipher=panel.shop.cipher, now=panel.shop.now())
        passed = 301.0
        await asking.poll_revocations(now=True)
    async with await panel.away() as alone:
        with pytest.raises(client.Unreachable):
            await alone.validate()
    async with panel.client() as asking:
        assert await asking.validate()
    async with await panel.away() as alone:
        assert (await alone.validate()).source == "lease"


async def test_reserve_commit_and_release(panel: Panel) -> None:
    async with panel.client() as asking:
        async with asking.reserve("databases", quantity=2) as held:
            assert await panel.used() == (0, 2)
            with pytest.raises(client.QuotaExceeded) as full:
                await asking.reserve("databases").take()
        assert (held.status, full.value.resource, full.value.remaining_quota) == ("committed", "databases", 0)
        assert await panel.used() == (2, 0)
        with pytest.raises(RuntimeError):
            async with asking.reserve("accounts"):
                raise RuntimeError
        assert await panel.used("accounts") == (0, 0)
        with pytest.raises(client.InvalidRequest):
            await asking.reserve("teleporters").take()
        with pytest.raises(client.LicenseRefused) as unknown:
            await asking.reserve("databases", license_key="NP-2222-2222-2222").take()
        assert unknown.value.reason == "unknown_license"


async def test_one_external_id_is_one_reservation(panel: Panel) -> None:
    async with panel.client() as asking:
        first = await asking.reserve("databases", external_id="db-17").take()
        async with asking.reserve("databases", external_id="db-17") as held:
            assert held.reservation.id == first.id
        with pytest.raises(client.Conflict) as reused:
            await asking.reserve("databases", quantity=2, external_id="db-17").take()
        assert reused.value.code == "external_id_reused"
        async with asking.reserve("databases", external_id="db-17") as again:
            assert again.status == "committed"
    assert await panel.used() == (1, 0)


async def test_a_hold_that_ran_out_is_counted_once_all_the_same(panel: Panel) -> None:
    async with panel.client() as asking:
        async with asking.reserve("databases", ttl_seconds=5) as held:
            panel.shop.advance(seconds=6)
        assert held.status == "counted"
        await asking.usage.flush()
    assert (await panel.used())[0] == 1


async def test_made_within_the_lease_told_later(panel: Panel) -> None:
    async with panel.client() as asking:
        await asking.validate()
    async with await panel.away() as alone:
        async with alone.reserve("databases", external_id="db-18") as held:
            assert held.reservation.source == "lease"
        await alone.usage.created("accounts", 3)
    assert await panel.used() == (0, 0)
    async with panel.client() as asking:
        assert len(await asking.usage.flush()) == 2
    assert (await panel.used(), await panel.used("accounts")) == ((1, 0), (3, 0))


async def test_usage_counts_once_and_is_refused_in_words(panel: Panel) -> None:
    async with panel.client() as asking:
        for _ in range(2):
            await asking.usage.created("databases", 3, event_id="e1")
            await asking.usage.deleted("databases", 9, event_id="e2")
            await asking.usage.set("accounts", 4, event_id="e3")
            await asking.usage.created("teleporters", event_id="e4")
            await asking.usage.created("databases", license_key="NP-2222-2222-2222", event_id="e5")
            told = {one.event_id: (one.status, one.code, one.over_limit) for one in (await asking.usage.flush()).results}
        assert told == {
            "e1": ("known", None, True),
            "e2": ("refused", "usage_below_zero", None),
            "e3": ("known", None, False),
            "e4": ("refused", "invalid", None),
            "e5": ("refused", "license_not_found", None),
        }
        assert asking.usage.waiting == 0
    assert (await panel.used(), await panel.used("accounts")) == ((3, 0), (4, 0))


async def test_a_revoked_panel_key_and_a_missing_permission(panel: Panel) -> None:
    poor = await panel.new_key("validate")
    async with panel.client(**poor, lease_file=None) as asking:
        assert await asking.validate("create_database")
        with pytest.raises(client.NotPermitted):
            await asking.poll_revocations()
        with pytest.raises(client.NotPermitted):
            await asking.reserve("databases").take()
        async with panel.shop.writing() as tx:
            await identity.revoke_panel_key(tx, key_id=poor["key_id"], now=panel.shop.now())
        with pytest.raises(client.NotAuthenticated) as revoked:
            await asking.validate()
        assert revoked.value.code == "panel_key_invalid"
    async with panel.client(secret="nps_wrong") as asking:
        with pytest.raises(client.NotAuthenticated) as wrong:
            await asking.validate()
        assert wrong.value.code == "panel_not_authenticated"


async def test_a_wrong_clock_is_made_up_for(panel: Panel) -> None:
    for off in (-4000, 4000):
        fast_or_slow = Clock(lambda off=off: panel.shop.now().timestamp() + off)  # type: ignore[misc]  # the loop's value is kept
        async with panel.client(f"{panel.shop.client.base_url}/", clock=fast_or_slow) as asking:
            assert await asking.validate("create_database")
            async with asking.reserve("databases"):
                pass
    assert await panel.used() == (2, 0)
