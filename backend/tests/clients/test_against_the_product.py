"""The client against the real thing, over real HTTP: what its own tests believe of the wire, the product says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import nextpanel_license as client
import pytest
from nextpanel_license.clock import Clock

from nextbill.capabilities import identity, licensing
from tests.capabilities.workshop import KEYS, Workshop, open_workshop

ALL = ("validate", "usage", "reservations", "leases")
T = TypeVar("T")


class Panel:
    """A panel with a key of its own, a license on its server, and both clients."""

    def __init__(self, shop: Workshop, folder: Path, license_id: UUID, license_key: str, made: identity.NewPanelKey, server_id: UUID) -> None:
        self.shop, self.license_id, self.server_id = shop, license_id, server_id
        self.known: dict[str, Any] = {
            "key_id": made.key_id, "secret": made.secret, "license_key": license_key, "server_id": str(server_id),
            "lease_file": folder / "leases", "usage_spool": folder / "usage", "clock": Clock(lambda: shop.now().timestamp()),
            "settings": client.Settings(issuer=shop.settings.api_url, pause=0.01),
        }  # fmt: skip

    def client(self, url: str | None = None, **changes: Any) -> client.AsyncLicenseClient:
        return client.AsyncLicenseClient(url or str(self.shop.client.base_url), **{**self.known, **changes})

    async def away(self, **changes: Any) -> client.AsyncLicenseClient:
        """As after a restart while billing is gone."""
        return self.client("http://127.0.0.1:9", **changes)

    async def used(self, resource: str = "databases") -> tuple[int, int]:
        found = await self.shop.rows("select used_count, reserved_count from licensing_quota where resource = :resource", resource=resource)
        return found[0].used_count, found[0].reserved_count


@pytest.fixture
async def panel(dsn: str, tmp_path: Path) -> AsyncIterator[Panel]:
    async with open_workshop(dsn, tmp_path) as shop:
        server_id = await shop.server()
        license_id, key = await shop.license(await shop.customer(), expires_at=shop.now() + timedelta(days=30), features=("priority_support",))
        async with shop.writing() as tx:
            await licensing.bind_server(tx, license_id=license_id, server_id=server_id, now=shop.now())
            await licensing.keep_signing_keys(tx, cipher=shop.cipher, now=shop.now())
            made = await identity.create_panel_key(tx, name="alpha", permissions=ALL, server_id=server_id, cipher=shop.cipher, now=shop.now())
        yield Panel(shop, tmp_path / "panel", license_id, key, made, server_id)


@pytest.mark.parametrize("sign", [True, False])
async def test_may_i(panel: Panel, sign: bool) -> None:
    async with panel.client(sign=sign) as asking:
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


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_changed_is_refused_at_once_and_voids_the_lease(panel: Panel, change: str) -> None:
    deed, reason = CHANGES[change]
    async with panel.client() as asking:
        await asking.validate()
        assert await asking.poll_revocations(now=True) == []
        async with panel.shop.writing() as tx:
            await deed(tx, panel)
        told: list[client.Revocation] = []
        while not told:  # the feed waits for every transaction under way, those of other tests included
            told = await asking.poll_revocations(now=True)
        assert [(one.license_id, one.reason) for one in told] == [(str(panel.license_id), change)]
        assert await asking.poll_revocations(now=True) == []
    async with await panel.away() as alone:
        with pytest.raises(client.Unreachable):
            await alone.validate()
    async with panel.client() as asking:
        assert (await asking.validate()).reason == reason


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
    async with panel.shop.writing() as tx:
        poor = await identity.create_panel_key(tx, name="poor", permissions=["validate"], cipher=panel.shop.cipher, now=panel.shop.now())
    async with panel.client(key_id=poor.key_id, secret=poor.secret, lease_file=None) as asking:
        assert await asking.validate("create_database")
        with pytest.raises(client.NotPermitted):
            await asking.poll_revocations()
        with pytest.raises(client.NotPermitted):
            await asking.reserve("databases").take()
        async with panel.shop.writing() as tx:
            await identity.revoke_panel_key(tx, key_id=poor.key_id, now=panel.shop.now())
        with pytest.raises(client.NotAuthenticated) as revoked:
            await asking.validate()
        assert revoked.value.code == "panel_key_invalid"
    async with panel.client(secret="nps_wrong") as asking:
        with pytest.raises(client.NotAuthenticated) as wrong:
            await asking.validate()
        assert wrong.value.code == "panel_not_authenticated"


@pytest.mark.parametrize("off", [-4000, 4000])
async def test_a_wrong_clock_is_made_up_for(panel: Panel, off: int) -> None:
    async with panel.client(clock=Clock(lambda: panel.shop.now().timestamp() + off)) as asking:
        assert await asking.validate("create_database")
        async with asking.reserve("databases"):
            pass


async def test_an_address_with_a_slash_at_its_end(panel: Panel) -> None:
    async with panel.client(f"{panel.shop.client.base_url}/", http=httpx.AsyncClient()) as asking:
        assert await asking.validate()
