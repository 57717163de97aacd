"""A workshop: licensing, hosting and domains with real HTTP, a real database and simulated vendors, the jobs run on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import text
from starlette.middleware import Middleware

from nextbill.adapters.nextpanel import NextPanel
from nextbill.adapters.registrars.resellerclub import ResellerClub
from nextbill.capabilities import catalog, customers, domains, hosting, identity, licensing
from nextbill.capabilities.domains import http as domains_http
from nextbill.capabilities.domains import jobs as domains_jobs
from nextbill.capabilities.domains.invariants import INVARIANTS as DOMAINS
from nextbill.capabilities.hosting import http as hosting_http
from nextbill.capabilities.hosting import jobs as hosting_jobs
from nextbill.capabilities.hosting.invariants import INVARIANTS as HOSTING
from nextbill.capabilities.identity import http as identity_http
from nextbill.capabilities.licensing import http as licensing_http
from nextbill.capabilities.licensing.invariants import INVARIANTS as LICENSING
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.ids import new_id
from nextbill.runtime import invariants, steps
from nextbill.runtime.batching import Lines
from nextbill.runtime.clock import MovableClock
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database, Role, role_urls
from nextbill.runtime.outbound import guarded_client
from nextbill.runtime.settings import Settings
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Context
from nextbill.runtime.web.frame import Frame
from nextbill.runtime.web.table import Table
from nextbill.runtime.worker import Worker
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.nextpanel.app import create_app as nextpanel_app
from nextbill_simulators.resellerclub.app import create_app as resellerclub_app
from tests.support.databases import SECRET_KEY

PASSWORD = "correct horse battery"
KEYS = licensing.LicenseKeys.from_secret(SECRET_KEY)
LIMITS: dict[str, int | None] = {"accounts": 5, "databases": 2, "emails": None}
APPS = {"nextpanel": nextpanel_app, "resellerclub": resellerclub_app}
ADA = {
    "name": "Ada Byron", "company": "", "email": "ada@example.com", "phone": "+442071838750", "address_line_1": "12 Square",
    "address_line_2": "", "city": "London", "state": "", "postal_code": "W1 1AA", "country": "GB",
}  # fmt: skip
LINE = "orders.line"


@dataclass
class Workshop:
    settings: Settings
    database: Database
    clock: MovableClock
    cipher: FieldCipher
    worker: Worker
    client: httpx.AsyncClient
    outside: httpx.AsyncClient
    sims: dict[str, str]
    shared: SharedClock
    registrar: ResellerClub

    def writing(self) -> Any:
        return self.database.writing(Role.WORK)

    def now(self) -> datetime:
        return self.clock.now()

    async def drain(self, patience: float = 1.5) -> None:
        await self.worker.drain(patience=timedelta(seconds=patience))

    def advance(self, **by: float) -> None:
        self.shared.advance(timedelta(**by).total_seconds())

    async def customer(self, email: str = "ada@example.com") -> UUID:
        async with self.writing() as tx:
            hashed = await identity.hash_password(PASSWORD)
            return await customers.register_customer(tx, email=email, password_hash=hashed, name="Ada Byron", now=self.now())

    async def token(self, email: str = "ada@example.com") -> str:
        answer = await self.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def staff(self, role: identity.RoleName = "admin") -> str:
        email = f"{role}@example.com"
        async with self.writing() as tx:
            hashed = await identity.hash_password(PASSWORD)
            await identity.create_admin(tx, email=email, password_hash=hashed, role=role, now=self.now())
        return await self.token(email)

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        shown = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=shown)

    async def server(self, name: str = "alpha", *, capacity: int = 10) -> UUID:
        async with self.writing() as tx:
            return await hosting.add_server(
                tx, name=name, base_url=self.sims[f"nextpanel:{name}"], api_key="npk_panel", api_secret="nps_panel",
                nameservers=[f"ns1.{name}.example.net", f"ns2.{name}.example.net"], capacity=capacity, cipher=self.cipher, actor="system", now=self.now(),
            )  # fmt: skip

    async def license(self, customer_id: UUID, *, expires_at: datetime | None = None, features: tuple[str, ...] = ()) -> tuple[UUID, str]:
        """A license and its key."""
        async with self.writing() as tx:
            license_id = await licensing.issue_license(
                tx, customer_id=customer_id, reference_type=LINE, reference_id=new_id(), plan_code="professional", plan_name="Professional",
                limits=LIMITS, features=features, expires_at=expires_at, cipher=self.cipher, keys=KEYS, now=self.now(),
            )  # fmt: skip
            return license_id, await licensing.key_for_delivery(tx, license_id=license_id, cipher=self.cipher)

    async def account(
        self, customer_id: UUID, *, domain: str | None = "shopfoo.com", reference_id: UUID | None = None, license_key: str | None = None
    ) -> hosting.AccountRequested:
        async with self.writing() as tx:
            return await hosting.request_account(
                tx, customer_id=customer_id, reference_type=LINE, reference_id=reference_id or new_id(), plan_code="professional", limits=LIMITS,
                license_id=None, license_key=license_key, domain=domain, email="ada@example.com", full_name="Ada Byron", cipher=self.cipher, now=self.now(),
            )  # fmt: skip

    async def see_account(self, account_id: UUID) -> hosting.Account:
        async with self.database.reading(Role.WORK) as tx:
            return await hosting.get_account(tx, account_id)

    async def domain(self, customer_id: UUID, wanted: str = "shopfoo.com", *, reference_id: UUID | None = None, **registrant: str) -> UUID:
        async with self.writing() as tx:
            return await domains.request_registration(
                tx, customer_id=customer_id, reference_type=LINE, reference_id=reference_id or new_id(), name=DomainName.parse(wanted), years=1,
                nameservers=["ns1.alpha.example.net", "ns2.alpha.example.net"], registrant=ADA | registrant, cipher=self.cipher, now=self.now(),
            )  # fmt: skip

    async def see_domain(self, domain_id: UUID) -> domains.Domain:
        async with self.database.reading(Role.WORK) as tx:
            return await domains.get_domain(tx, domain_id)

    async def panel_accounts(self, name: str = "alpha") -> list[dict[str, Any]]:
        return list((await self.outside.get(f"{self.sims[f'nextpanel:{name}']}/_sim/nextpanel/accounts")).json())

    async def vendor(self, name: str, path: str, **body: Any) -> Any:
        """The vendor's control plane: a POST where there is a body."""
        url = f"{self.sims[name]}/_sim/{path}"
        answer = await (self.outside.post(url, json=body) if body else self.outside.get(url))
        answer.raise_for_status()
        return answer.json()

    async def calls(self, name: str, method: str, path: str) -> int:
        return sum(call["method"] == method and call["path"] == path for call in await self.vendor(name, "calls"))

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.reading(Role.WORK) as tx:
            return list((await tx.execute(text(statement), values)).all())

    async def facts(self, prefix: str) -> list[str]:
        """Names of the capability's events, in order."""
        return [row.name for row in await self.rows("select name from runtime_event where name like :like order by seq", like=f"{prefix}.%")]

    async def retry(self, name: str, subject_id: UUID) -> bool:
        """Staff's button."""
        async with self.writing() as tx:
            step = await steps.state_of(tx, name, subject_id=subject_id)
            assert step is not None
            return await steps.retry(tx, step.id, now=self.now())

    async def violations(self) -> list[str]:
        findings = await invariants.check(self.database, self.clock, [*LICENSING, *HOSTING, *DOMAINS])
        return [line for finding in findings for line in finding.violations]


@asynccontextmanager
async def open_workshop(dsn: str, folder: Path, *, panel: dict[str, str] | None = None) -> AsyncIterator[Workshop]:
    """`panel`: options of the simulated panel servers."""
    async with AsyncExitStack() as stack:
        clock_file = folder / "clock.json"
        shared = SharedClock(clock_file)
        panels = {"api_key": "npk_panel", "api_secret": "nps_panel", **(panel or {})}
        options = {"nextpanel:alpha": panels, "nextpanel:beta": panels, "resellerclub": {"user_id": "4711", "api_key": "sesame", "balance": "100.00"}}
        sims = {name: await _simulate(stack, folder, shared, name, chosen) for name, chosen in options.items()}
        settings = Settings(
            database_url=dsn,
            database_pool_size=8,
            secret_key=SECRET_KEY,
            outbound_allow="127.0.0.0/8",
            nextbill_clock_file=clock_file,
            _env_file=None,
        )
        clock, cipher = MovableClock(clock_file), FieldCipher.from_setting(None, SECRET_KEY)
        database = Database(role_urls(settings), pool_size=8)
        stack.push_async_callback(database.close)
        http = await stack.enter_async_context(guarded_client(timeout=3.0, allow=["127.0.0.0/8"]))
        nextpanel = NextPanel(http)
        registrar = ResellerClub(http, base_url=f"{sims['resellerclub']}/api", user_id="4711", api_key="sesame", currency="USD")
        procedures: list[Any] = [
            hosting_jobs.CreateAccount(nextpanel, cipher),
            hosting_jobs.SetFirstPassword(nextpanel, cipher),
            hosting_jobs.ChangeAccount(nextpanel, cipher),
            domains_jobs.PrepareRegistrant(registrar, cipher),
            domains_jobs.RegisterDomain(registrar, cipher, resend_after=timedelta(minutes=10), time_zone="UTC"),
            domains_jobs.RenewDomain(registrar, resend_after=timedelta(minutes=10), time_zone="UTC"),
        ]
        runner = steps.StepRunner(database, clock, procedures, lease=timedelta(seconds=30))
        handlers = {steps.RUN: runner, hosting_jobs.CHECK: hosting_jobs.CheckServer(nextpanel, cipher, database)}
        worker = Worker(database, clock, handlers, hosting_jobs.TICKS, heartbeat=timedelta(seconds=30))
        context = Context(settings, database, clock, cipher, runner)
        lines = Lines(role_urls(settings)[Role.LICENSE])
        stack.push_async_callback(lines.close)
        panels = licensing_http.make_panel_routes(settings, clock=clock, lines=lines, cipher=cipher)
        url = await stack.enter_async_context(serve(Table(panels, _app(context, nextpanel, registrar), clock=clock), date_header=False))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
        outside = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        async with database.writing(Role.WORK) as tx:
            await catalog.seed_catalog(tx, now=clock.now())
        yield Workshop(settings, database, clock, cipher, worker, client, outside, sims, shared, registrar)


def _app(context: Context, nextpanel: NextPanel, registrar: ResellerClub) -> FastAPI:
    app = FastAPI(middleware=[Middleware(Frame)])
    app.state.context = context
    app.state.authenticate = identity_http.authenticator(context.settings, context.database, context.clock)
    app.state.idempotency_scope = identity_http.idempotency_scope(context.settings)
    problem.install(app)
    api = [
        identity_http.router,
        licensing_http.make_router(KEYS),
        licensing_http.make_usage_router(KEYS),
        licensing_http.make_staff_router(KEYS, server_is_known=hosting.server_is_known),
        hosting_http.router,
        hosting_http.make_staff_router(nextpanel),
        domains_http.make_router(registrar),
        domains_http.staff_router,
    ]
    for router in api:
        app.include_router(router, prefix="/api/v1")
    app.include_router(hosting_http.welcome_router)
    return app


async def _simulate(stack: AsyncExitStack, folder: Path, shared: SharedClock, name: str, options: dict[str, str]) -> str:
    bound = listening_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    store = Store(folder / f"{name.replace(':', '-')}.sqlite")
    stack.callback(store.close)
    world = World(name, url, store, shared, Faults(1), options)
    await stack.enter_async_context(serve(APPS[name.partition(":")[0]](world), listener=bound))
    return url
