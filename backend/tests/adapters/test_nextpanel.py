"""The NextPanel adapter against the simulated panel, fault by fault: what is certain is said so, what is not is Unknown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from nextbill.adapters.nextpanel import NextPanel
from nextbill.capabilities.hosting.ports import NewAccount, PanelCapabilities, ServerAccess
from nextbill.runtime.outbound import guarded_client
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.nextpanel.app import create_app

pytestmark = pytest.mark.asyncio

OURS = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
OTHER = UUID("01890a5d-ac96-774b-bcce-b302099a8058")
KEY = "NP-7K4M-Q2XD-9TRW"
CREATE = "POST /api/v1/billing/accounts$"
ORDER = NewAccount(
    billing_id=OURS,
    username="anna",
    email="anna@example.test",
    password="correct-horse",
    full_name="Anna Ek",
    phone="+46701234567",
    company=None,
    package="starter",
    license_key=KEY,
    limits={"domains": 5, "databases": None},
    domain="anna.example",
)


@dataclass
class Site:
    """One simulated server, the adapter that calls it, and a hand on its controls."""

    panel: NextPanel
    server: ServerAccess
    control: httpx.AsyncClient

    async def strike(self, effect: str, pattern: str = ".*", **rule: Any) -> None:
        answer = await self.control.post("/_sim/faults", json={"effect": effect, "pattern": pattern, **rule})
        assert answer.status_code == 200

    async def accounts(self) -> list[dict[str, Any]]:
        return list((await self.control.get("/_sim/nextpanel/accounts")).json())

    async def find(self, billing_id: UUID = OURS, license_key: str | None = None) -> Any:
        return await self.panel.find_account(self.server, billing_id=billing_id, license_key=license_key)


Sites = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    @asynccontextmanager
    async def start(
        *, provisioning: Any = "accounts", allow: Sequence[str] = ("127.0.0.0/8",), timeout: float = 5, **options: str
    ) -> AsyncIterator[Site]:
        listener = listening_socket()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        store = Store(tmp_path / f"{listener.getsockname()[1]}.sqlite")
        settings = {"api_key": "npk_1", "api_secret": "nps_1", "provisioning": "license" if provisioning == "license" else "both", **options}
        app = create_app(World("nextpanel:alpha", base_url, store, SharedClock(tmp_path / "clock.json"), Faults(1), settings))
        server = ServerAccess(base_url, "npk_1", "nps_1", provisioning)
        async with (
            serve(app, listener=listener),
            guarded_client(timeout=timeout, allow=allow) as http,
            httpx.AsyncClient(base_url=base_url) as control,
        ):
            yield Site(NextPanel(http), server, control)
        store.close()

    return start


@pytest_asyncio.fixture
async def site(sites: Sites) -> AsyncIterator[Site]:
    async with sites() as site:
        yield site


async def test_an_account_is_made_with_our_billing_id_limits_and_domain(site: Site) -> None:
    made = await site.panel.create_account(site.server, ORDER)
    assert (made.username, made.email, made.billing_id, made.state) == ("anna", "anna@example.test", OURS, "active")
    assert made.url == f"{site.server.base_url}/login"
    assert made.limits == {"domains": 5, "databases": None}
    (kept,) = await site.accounts()
    assert (str(kept["id"]), kept["package_id"], kept["metadata"]["domain"]) == (made.ref, "starter", "anna.example")
    assert await site.find() == made
    login = await site.control.post("/login", data={"username": "anna", "password": "correct-horse"})
    assert login.status_code == 200


async def test_the_look_finds_ours_only(site: Site) -> None:
    assert await site.find() is None
    await site.panel.create_account(site.server, ORDER)
    assert await site.find(OTHER) is None


@pytest.mark.parametrize(
    ("effect", "kept"), [("lost_before", 0), ("lost_after", 1), ("error_before", 0), ("error_after", 1), ("html", 0), ("hang", 0)]
)
async def test_an_uncertain_creation_is_unknown_and_the_look_tells(sites: Sites, effect: str, kept: int) -> None:
    async with sites(timeout=0.5) as site:
        await site.strike(effect, CREATE)
        with pytest.raises(VendorUnknown):
            await site.panel.create_account(site.server, ORDER)
        assert (await site.find() is not None) == bool(kept)
        assert len(await site.accounts()) == kept


async def test_a_blind_retry_after_a_lost_answer_is_a_conflict_not_a_failure(site: Site) -> None:
    await site.strike("lost_after", CREATE)
    for reason in ("no_answer", "conflict"):
        with pytest.raises(VendorUnknown) as unknown:
            await site.panel.create_account(site.server, ORDER)
        assert unknown.value.reason == reason
    found = await site.find()
    assert (found.billing_id, len(await site.accounts())) == (OURS, 1)


async def test_a_user_name_taken_by_another_is_a_conflict_that_the_look_clears_up(site: Site) -> None:
    await site.panel.create_account(site.server, replace(ORDER, billing_id=OTHER, email="other@example.test"))
    with pytest.raises(VendorUnknown, match="conflict: Username already taken"):
        await site.panel.create_account(site.server, ORDER)
    assert await site.find() is None


async def test_throttling_is_certainly_not_done(sites: Sites) -> None:
    async with sites(hourly_limit="0") as site:
        await site.strike("throttled", CREATE)
        with pytest.raises(VendorUnavailable, match="throttled"):
            await site.panel.create_account(site.server, ORDER)
    async with sites(hourly_limit="1") as site:
        assert await site.find() is None
        with pytest.raises(VendorUnavailable, match="throttled") as throttled:
            await site.panel.create_account(site.server, ORDER)
        assert throttled.value.retry_after is not None
        assert 3500 < throttled.value.retry_after <= 3601


async def test_a_server_that_cannot_be_reached_is_certainly_not_done(site: Site) -> None:
    nobody = listening_socket()
    closed = replace(site.server, base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}")
    nobody.close()
    with pytest.raises(VendorUnavailable, match="unreachable"):
        await site.panel.create_account(closed, ORDER)
    assert await site.panel.is_up(closed) is False


async def test_a_panel_that_is_down_is_unknown_to_writes_and_unavailable_to_reads(site: Site) -> None:
    assert await site.panel.is_up(site.server) is True
    await site.control.post("/_sim/nextpanel/down", json={"down": True})
    assert await site.panel.is_up(site.server) is False
    with pytest.raises(VendorUnknown, match="unparsable"):
        await site.panel.create_account(site.server, ORDER)
    with pytest.raises(VendorUnavailable, match="unparsable"):
        await site.find()
    assert await site.panel.probe(site.server) == PanelCapabilities(reachable=False, problem="the health check does not answer")


async def test_wrong_credentials_and_a_foreign_address_are_final(sites: Sites) -> None:
    async with sites() as site:
        wrong = replace(site.server, api_secret="nps_2")
        for call in (site.panel.create_account(wrong, ORDER), site.panel.probe(wrong), site.panel.stats(wrong, "1")):
            with pytest.raises(VendorRejected, match="auth_failed"):
                await call
    async with sites(allowed_addresses="10.0.0.9") as site:
        with pytest.raises(VendorRejected, match="not_allowed: IP address not allowed"):
            await site.panel.create_account(site.server, ORDER)


async def test_a_full_server_refuses_for_good(sites: Sites) -> None:
    async with sites(max_accounts="1") as site:
        await site.panel.create_account(site.server, replace(ORDER, billing_id=OTHER, username="other", email="other@example.test"))
        with pytest.raises(VendorRejected, match="not_allowed"):
            await site.panel.create_account(site.server, ORDER)


async def test_a_malformed_order_names_its_fields_and_echoes_nothing(site: Site) -> None:
    with pytest.raises(VendorRejected) as refused:
        await site.panel.create_account(site.server, replace(ORDER, username="A!", password="short"))
    assert refused.value.reason == "invalid"
    assert refused.value.fields == {"username": "string_pattern_mismatch", "password": "string_too_short"}
    assert "short'" not in str(refused.value)


async def test_a_private_address_is_refused_unless_allowed(sites: Sites) -> None:
    async with sites(allow=()) as site:
        with pytest.raises(VendorRejected, match="address_refused"):
            await site.panel.create_account(site.server, ORDER)
        assert await site.panel.is_up(site.server) is False
        assert await site.accounts() == []


@pytest.mark.parametrize("base_url", ["nonsense", "ftp://127.0.0.1", "http://[::1"])
async def test_a_base_url_that_is_none_is_final(site: Site, base_url: str) -> None:
    with pytest.raises(VendorRejected, match="invalid_address"):
        await site.panel.create_account(replace(site.server, base_url=base_url), ORDER)


async def test_suspend_unsuspend_and_delete_may_be_repeated(site: Site) -> None:
    ref = (await site.panel.create_account(site.server, ORDER)).ref
    for _ in range(2):
        await site.panel.suspend(site.server, ref, reason="unpaid")
    assert (await site.find()).state == "suspended"
    for _ in range(2):
        await site.panel.unsuspend(site.server, ref)
    assert (await site.find()).state == "active"
    for _ in range(2):
        await site.panel.delete(site.server, ref)
    assert await site.accounts() == []
    with pytest.raises(VendorRejected, match="not_found"):
        await site.panel.suspend(site.server, ref, reason="unpaid")


async def test_a_lost_answer_to_a_write_is_unknown_and_to_a_read_unavailable(site: Site) -> None:
    ref = (await site.panel.create_account(site.server, ORDER)).ref
    await site.strike("lost_after", "suspend")
    with pytest.raises(VendorUnknown, match="no_answer"):
        await site.panel.suspend(site.server, ref, reason="unpaid")
    await site.strike("lost_after", "stats")
    with pytest.raises(VendorUnavailable, match="no_answer"):
        await site.panel.stats(site.server, ref)
    await site.strike("error_before", "stats")
    with pytest.raises(VendorUnavailable, match="broken"):
        await site.panel.stats(site.server, ref)


async def test_stats_speak_our_words(site: Site) -> None:
    ref = (await site.panel.create_account(site.server, ORDER)).ref
    usage = {"domains": 1, "databases": 2, "emails": 3, "certificates": 4, "storage": 4096}
    await site.control.patch(f"/_sim/nextpanel/accounts/{ref}", json={"usage": usage})
    stats = await site.panel.stats(site.server, ref)
    assert (stats.domains, stats.databases, stats.emails, stats.certificates, stats.storage_bytes) == (1, 2, 3, 4, 4096)
    assert (stats.ref, stats.username, stats.last_login, stats.age_days) == (ref, "anna", None, 0)


async def test_the_probe_finds_what_a_server_can_do_and_changes_nothing(sites: Sites) -> None:
    async with sites() as site:
        found = await site.panel.probe(site.server)
        assert found == PanelCapabilities(
            reachable=True, provisioning="accounts", finds_by_billing_id=True, lists_accounts=True, changes_limits=True, resets_password=True
        )
    async with sites(supports="login-token", provisioning="license") as site:
        assert await site.panel.probe(site.server) == PanelCapabilities(reachable=True, provisioning="license", login_token=True)
        assert await site.accounts() == []
    async with sites(supports="page") as site:
        await site.panel.create_account(site.server, ORDER)
        assert await site.panel.probe(site.server) == PanelCapabilities(reachable=True, provisioning="accounts", lists_accounts=True)


async def test_optional_calls_work_where_supported(sites: Sites) -> None:
    async with sites(supports="find,page,patch,password,login-token") as site:
        ref = (await site.panel.create_account(site.server, ORDER)).ref
        await site.panel.change_limits(site.server, ref, limits={"domains": 9, "emails": None})
        assert (await site.find()).limits == {"domains": 9, "databases": None, "emails": None}
        await site.panel.reset_password(site.server, ref, password="another-one")
        assert (await site.control.post("/login", data={"username": "anna", "password": "another-one"})).status_code == 200
        url = await site.panel.login_url(site.server, ref)
        assert "This is where the hosting panel would be" in (await site.control.get(url)).text
        assert [account.ref for account in await site.panel.list_accounts(site.server, page=1)] == [ref]
        assert list(await site.panel.list_accounts(site.server, page=2)) == []


async def test_optional_calls_are_unsupported_where_absent(sites: Sites) -> None:
    async with sites(supports="") as site:
        ref = (await site.panel.create_account(site.server, ORDER)).ref
        for call in (
            site.panel.change_limits(site.server, ref, limits={"domains": 9}),
            site.panel.reset_password(site.server, ref, password="another-one"),
            site.panel.login_url(site.server, ref),
            site.panel.list_accounts(site.server, page=1),
        ):
            with pytest.raises(VendorRejected, match="unsupported"):
                await call


async def test_without_the_filter_the_look_reads_page_by_page(sites: Sites) -> None:
    async with sites(supports="page") as site:
        for number in range(60):
            await site.panel.create_account(
                site.server, replace(ORDER, billing_id=UUID(int=number), username=f"user{number}", email=f"user{number}@example.test")
            )
        assert await site.find() is None
        made = await site.panel.create_account(site.server, ORDER)
        assert (await site.find()).ref == made.ref


async def test_a_server_that_offers_no_look_leaves_it_unknown(sites: Sites) -> None:
    async with sites(supports="") as site:
        with pytest.raises(VendorUnknown, match="cannot_look"):
            await site.find()


async def test_a_license_makes_the_account_and_is_what_the_look_goes_by(sites: Sites) -> None:
    async with sites(provisioning="license") as site:
        made = await site.panel.create_account(site.server, ORDER)
        assert (made.email, made.billing_id) == ("anna@example.test", None)
        assert made.password
        assert made.password != "correct-horse"
        login = await site.control.post("/login", data={"username": made.username, "password": made.password})
        assert login.status_code == 200
        with pytest.raises(VendorUnknown, match="conflict"):
            await site.panel.create_account(site.server, ORDER)
        found = await site.find(license_key=KEY)
        assert (found.ref, found.license_key, found.limits["domains"]) == (made.ref, KEY, 5)
        assert await site.find(license_key="NP-2222-3333-4444") is None
        with pytest.raises(VendorRejected, match="invalid"):
            await site.panel.create_account(site.server, replace(ORDER, license_key=None))
