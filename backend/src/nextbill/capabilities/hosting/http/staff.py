"""Staff's servers and accounts. Each change is audited with its reason."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, status

from nextbill.capabilities import customers
from nextbill.capabilities.hosting.commands import (
    add_server,
    delete_account,
    move_account,
    record_probe,
    request_account,
    set_server_state,
    suspend_account,
    unsuspend_account,
)
from nextbill.capabilities.hosting.errors import (
    AccountMayExist,
    AccountNotFound,
    AccountNotReady,
    PanelRefused,
    PanelUnreachable,
    ServerKnown,
    ServerNotFound,
)
from nextbill.capabilities.hosting.http import shapes
from nextbill.capabilities.hosting.ports import ControlPanel, PanelCapabilities
from nextbill.capabilities.hosting.queries import Server, get_account, get_server, list_accounts, list_servers, server_access
from nextbill.kernel.errors import Conflict, Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.outbound import AddressRefused, check_address
from nextbill.runtime.vendors import VendorError, VendorRejected
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

REFERENCE = "hosting.staff"
SEES_SERVERS = [Depends(needs("servers.read"))]
SEES_ACCOUNTS = [Depends(needs("hosting.read_all"))]
ManagesServers = Annotated[Caller, Depends(needs("servers.manage"))]
ManagesAccounts = Annotated[Caller, Depends(needs("hosting.manage"))]
_STAFF = (NotAuthenticated, NotPermitted)
log = structlog.get_logger()


def make_staff_router(panel: ControlPanel) -> APIRouter:
    router = APIRouter(prefix="/nextpanel", tags=["nextpanel"])
    _servers(router, panel)
    _fleet(router)
    _provision(router)
    _suspensions(router)
    _accounts(router, panel)
    return router


def _servers(router: APIRouter, panel: ControlPanel) -> None:
    @router.post("/servers", status_code=status.HTTP_201_CREATED, responses=problem.responses(*_STAFF, ServerKnown, PanelRefused, Invalid))
    async def create_server(ctx: Ctx, caller: ManagesServers, body: shapes.NewServerBody) -> shapes.ServerBody:
        """Adds a server and tests the connection. One that does not answer yet is added all the same, and says so in `problem`."""
        await _check(ctx, body.base_url)
        actor = _actor(caller)
        async with ctx.database.writing(Role.WORK) as tx:
            server_id = await add_server(tx, **body.model_dump(), cipher=ctx.cipher, actor=actor, now=ctx.clock.now())
        return shapes.ServerBody.of(await _test(ctx, panel, server_id))

    @router.post("/servers/{server_id}/test", dependencies=[Depends(needs("servers.manage"))], responses=problem.responses(*_STAFF, ServerNotFound))
    async def test_server(ctx: Ctx, server_id: UUID) -> shapes.ServerBody:
        """Probes what the panel can do; changes nothing there."""
        return shapes.ServerBody.of(await _test(ctx, panel, server_id))

    @router.put("/servers/{server_id}/status", responses=problem.responses(*_STAFF, ServerNotFound))
    async def change_server_status(ctx: Ctx, caller: ManagesServers, server_id: UUID, body: shapes.ServerStateBody) -> shapes.ServerBody:
        """Draining and disabled servers take no new accounts; what is on them stays."""
        async with ctx.database.writing(Role.WORK) as tx:
            await set_server_state(tx, server_id=server_id, state=body.status, actor=_actor(caller), now=ctx.clock.now())
            await tx.flush()
            return shapes.ServerBody.of(await get_server(tx, server_id))


def _fleet(router: APIRouter) -> None:
    @router.get("/servers", dependencies=SEES_SERVERS, responses=problem.responses(*_STAFF))
    async def list_all_servers(ctx: Ctx) -> shapes.ServersBody:
        async with ctx.database.reading(Role.WORK) as tx:
            return shapes.ServersBody(items=[shapes.ServerBody.of(server) for server in await list_servers(tx)])

    @router.get("/servers/status", dependencies=SEES_SERVERS, responses=problem.responses(*_STAFF))
    async def get_fleet_status(ctx: Ctx) -> shapes.FleetBody:
        """As the last health checks saw it."""
        async with ctx.database.reading(Role.WORK) as tx:
            servers = await list_servers(tx)
        return _fleet_body(servers)


def _provision(router: APIRouter) -> None:
    refusals = problem.responses(*_STAFF, customers.UnknownCustomer, ServerNotFound)

    @router.post("/provision", status_code=status.HTTP_202_ACCEPTED, dependencies=[Depends(needs("hosting.manage"))], responses=refusals)
    async def provision_account(ctx: Ctx, body: shapes.ProvisionBody) -> shapes.StaffAccountBody:
        """An account by the same path as a sold one: a place, a password, then the step that has the panel make it."""
        async with ctx.database.writing(Role.WORK) as tx:
            customer = await customers.get_customer(tx, body.customer_id)
            if body.server_id is not None:
                await get_server(tx, body.server_id)
            requested = await request_account(
                tx,
                customer_id=body.customer_id,
                reference_type=REFERENCE,
                reference_id=body.external_id,
                plan_code=body.plan,
                limits={name.removeprefix("max_"): limit for name, limit in body.features.items()},
                license_id=None,
                license_key=body.license_key,
                domain=body.domain,
                email=body.email or customer.email,
                full_name=body.full_name or customer.name,
                phone=customer.phone,
                company=customer.company,
                server_id=body.server_id,
                cipher=ctx.cipher,
                now=ctx.clock.now(),
            )
            return shapes.StaffAccountBody.of(await get_account(tx, requested.account_id))

    @router.post("/accounts/{account_id}/move", responses=problem.responses(*_STAFF, AccountNotFound, AccountNotReady, AccountMayExist))
    async def move_parked_account(ctx: Ctx, caller: ManagesAccounts, account_id: UUID, body: shapes.MoveBody) -> shapes.StaffAccountBody:
        """A parked account to another server, where it is certain that the first one has made nothing."""
        async with ctx.database.writing(Role.WORK) as tx:
            actor, now = _actor(caller), ctx.clock.now()
            await move_account(tx, account_id=account_id, server_id=body.server_id, actor=actor, reason=body.note, now=now)
            return shapes.StaffAccountBody.of(await get_account(tx, account_id))


def _suspensions(router: APIRouter) -> None:
    refusals = problem.responses(*_STAFF, AccountNotFound, AccountNotReady)

    @router.post("/accounts/{account_id}/suspend", status_code=status.HTTP_202_ACCEPTED, responses=refusals)
    async def suspend_panel_account(ctx: Ctx, caller: ManagesAccounts, account_id: UUID, body: shapes.SuspendBody) -> shapes.ChangeBody:
        """Adds a reason; with the first one the panel is told."""
        actor, now = _actor(caller), ctx.clock.now()
        async with ctx.database.writing(Role.WORK) as tx:
            change = await suspend_account(tx, account_id=account_id, reason=body.reason, actor=actor, note=body.note, now=now)
        return _changed(account_id, change)

    @router.post("/accounts/{account_id}/unsuspend", status_code=status.HTTP_202_ACCEPTED, responses=refusals)
    async def unsuspend_panel_account(ctx: Ctx, caller: ManagesAccounts, account_id: UUID, body: shapes.SuspendBody) -> shapes.ChangeBody:
        """Takes back one reason; with the last one the panel is told."""
        actor, now = _actor(caller), ctx.clock.now()
        async with ctx.database.writing(Role.WORK) as tx:
            change = await unsuspend_account(tx, account_id=account_id, reason=body.reason, actor=actor, note=body.note, now=now)
        return _changed(account_id, change)

    @router.delete("/accounts/{account_id}", status_code=status.HTTP_202_ACCEPTED, responses=refusals)
    async def delete_panel_account(ctx: Ctx, caller: ManagesServers, account_id: UUID, body: shapes.DeleteBody) -> shapes.ChangeBody:
        """For good, with everything in it."""
        async with ctx.database.writing(Role.WORK) as tx:
            change = await delete_account(tx, account_id=account_id, actor=_actor(caller), note=body.note, now=ctx.clock.now())
        return _changed(account_id, change)


def _accounts(router: APIRouter, panel: ControlPanel) -> None:
    @router.get("/accounts", dependencies=SEES_ACCOUNTS, responses=problem.responses(*_STAFF))
    async def list_all_accounts(
        ctx: Ctx, pages: Pages, customer_id: UUID | None = None, server_id: UUID | None = None
    ) -> Page[shapes.StaffAccountBody]:
        async with ctx.database.reading(Role.WORK) as tx:
            found = await list_accounts(tx, paging=pages, customer_id=customer_id, server_id=server_id)
        return pages.page(found, shapes.StaffAccountBody.of, lambda one: one.id)

    @router.get("/accounts/{account_id}", dependencies=SEES_ACCOUNTS, responses=problem.responses(*_STAFF, AccountNotFound))
    async def get_panel_account(ctx: Ctx, account_id: UUID) -> shapes.StaffAccountBody:
        async with ctx.database.reading(Role.WORK) as tx:
            return shapes.StaffAccountBody.of(await get_account(tx, account_id))

    refusals = problem.responses(*_STAFF, AccountNotFound, AccountNotReady, PanelUnreachable, PanelRefused)

    @router.get("/accounts/{account_id}/stats", dependencies=SEES_ACCOUNTS, responses=refusals)
    async def get_panel_account_stats(ctx: Ctx, account_id: UUID) -> shapes.StatsBody:
        """Asked of the panel now."""
        async with ctx.database.reading(Role.WORK) as tx:
            account = await get_account(tx, account_id)
            if account.panel_ref is None or account.server_id is None or account.state == "deleted":
                raise AccountNotReady
            access = await server_access(tx, account.server_id, cipher=ctx.cipher)
        try:
            return shapes.StatsBody.of(await panel.stats(access, account.panel_ref))
        except VendorError as error:
            raise _told(error) from error


async def _test(ctx: Ctx, panel: ControlPanel, server_id: UUID) -> Server:
    """Wrong credentials are a finding like any other: the server stays, and says so."""
    async with ctx.database.reading(Role.WORK) as tx:
        access = await server_access(tx, server_id, cipher=ctx.cipher)
    try:
        found = await panel.probe(access)
    except VendorError as error:
        found = PanelCapabilities(reachable=False, problem=str(error))
    async with ctx.database.writing(Role.WORK) as tx:
        return await record_probe(tx, server_id=server_id, found=found, now=ctx.clock.now())


async def _check(ctx: Ctx, url: str) -> None:
    """An address that leads into our own network is refused at the form, and again at each connection."""
    allow = [entry.strip() for entry in ctx.settings.outbound_allow.split(",") if entry.strip()]
    try:
        await check_address(url, allow=allow)
    except AddressRefused as error:
        raise Invalid(fields={"base_url": str(error)}) from error
    except (ValueError, OSError) as error:
        raise Invalid(fields={"base_url": "this name does not lead to a server"}) from error


def _told(error: VendorError) -> Conflict | PanelRefused | PanelUnreachable:
    log.warning("panel did not answer a question of staff", reason=error.reason, detail=error.detail)
    return PanelRefused(f"The server refused: {error.reason}.") if isinstance(error, VendorRejected) else PanelUnreachable("Try again in a minute.")


def _changed(account_id: UUID, change: UUID | None) -> shapes.ChangeBody:
    return shapes.ChangeBody(account_id=account_id, status="unchanged" if change is None else "requested")


def _fleet_body(servers: list[Server]) -> shapes.FleetBody:
    rows = [
        shapes.ServerStatusBody(
            id=server.id,
            name=server.name,
            status=server.state,
            health=server.health,
            used=server.used,
            capacity=server.capacity,
            checked_at=server.checked_at,
        )
        for server in servers
    ]
    free = sum(server.capacity - server.used for server in servers if server.state == "active" and server.health != "down")
    return shapes.FleetBody(servers=rows, capacity=sum(server.capacity for server in servers), used=sum(server.used for server in servers), free=free)


def _actor(caller: Caller) -> str:
    return f"staff:{caller.login_id}"
