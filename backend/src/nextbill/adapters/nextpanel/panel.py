"""`ControlPanel` over NextPanel's HTTP calls. Which optional calls a server has is found by `probe`, never assumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from nextbill.adapters.nextpanel.answers import account_of, accounts_of, limits_on_wire, stats_of
from nextbill.adapters.nextpanel.wire import Wire
from nextbill.capabilities.hosting.ports import (
    AccountStats,
    ControlPanel,
    Limits,
    NewAccount,
    PanelAccount,
    PanelCapabilities,
    Provisioning,
    ServerAccess,
)
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown

ACCOUNTS = "/api/v1/billing/accounts"
PROVISION = "/api/v1/licenses/provision"
PAGES_MAX = 200
NOBODY = "00000000-0000-0000-0000-000000000000"
"""An id that no account has: what a probe asks for."""


class NextPanel(ControlPanel):
    """`http` is a guarded client; one serves all servers."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._wire = Wire(http)

    async def is_up(self, server: ServerAccess) -> bool:
        return await self._wire.is_up(server)

    async def probe(self, server: ServerAccess) -> PanelCapabilities:
        if not await self._wire.is_up(server):
            return PanelCapabilities(reachable=False, problem="the health check does not answer")
        try:
            return await self._look_around(server)
        except (VendorUnavailable, VendorUnknown) as error:
            return PanelCapabilities(reachable=False, problem=str(error))

    async def _look_around(self, server: ServerAccess) -> PanelCapabilities:
        """Empty bodies and an id that nobody has: refused by what knows the call, changing nothing."""
        one = f"{ACCOUNTS}/{NOBODY}"
        return PanelCapabilities(
            reachable=True,
            finds_by_billing_id=await self._finds(server),
            lists_accounts=await self._lists(server),
            provisioning=await self._provisioning(server),
            changes_limits=await self._knows(server, "PATCH", one),
            resets_password=await self._knows(server, "POST", f"{one}/password"),
            login_token=await self._knows(server, "POST", f"{one}/login-token"),
        )

    async def _finds(self, server: ServerAccess) -> bool:
        """A server that ignores the filter answers with somebody's account, or with a list that is not empty."""
        try:
            body = await self._wire.read(server, ACCOUNTS, params={"billing_id": NOBODY})
        except VendorRejected as error:
            if error.reason in ("auth_failed", "not_allowed", "address_refused", "invalid_address"):
                raise
            return error.reason == "not_found"
        return body in ([], {"items": []}, {"accounts": []})

    async def _lists(self, server: ServerAccess) -> bool:
        try:
            return accounts_of(await self._wire.read(server, ACCOUNTS, params={"page": "1"}), server) is not None
        except VendorRejected:
            return False

    async def _provisioning(self, server: ServerAccess) -> Provisioning | None:
        if await self._knows(server, "POST", ACCOUNTS):
            return "accounts"
        return "license" if await self._knows(server, "POST", PROVISION) else None

    async def _knows(self, server: ServerAccess, method: str, path: str) -> bool:
        try:
            await self._wire.write(server, method, path, body={})
        except VendorRejected as error:
            return error.reason in ("not_found", "invalid", "refused")
        return True

    async def create_account(self, server: ServerAccess, order: NewAccount) -> PanelAccount:
        if server.provisioning == "license":
            path, body = PROVISION, _license_order(order)
        else:
            path, body = ACCOUNTS, _account_order(order)
        answer = await self._wire.write(server, "POST", path, body=body, hide=(order.password, order.license_key))
        account = account_of(answer, server, username=order.username, email=order.email)
        if account is None:
            raise VendorUnknown("unparsable", "the server says done, but names no account")
        return account

    async def find_account(self, server: ServerAccess, *, billing_id: UUID, license_key: str | None) -> PanelAccount | None:
        """By license key where the server makes accounts from it, else by billing id. Only an account that carries ours is returned."""
        by_license = server.provisioning == "license" and license_key is not None
        params = {"license_key": license_key} if by_license and license_key else {"billing_id": str(billing_id)}

        def is_ours(account: PanelAccount) -> bool:
            return account.license_key == license_key if by_license else account.billing_id == billing_id

        try:
            body = await self._wire.read(server, ACCOUNTS, params=params)
        except VendorRejected as error:
            if error.reason == "not_found":
                return None
            if error.reason in ("unsupported", "invalid"):
                return await self._search(server, is_ours)
            raise
        found = accounts_of([body] if isinstance(body, dict) and "id" in body else body, server)
        if found is not None and not found:
            return None
        return next((account for account in found or () if is_ours(account)), None) or await self._search(server, is_ours)

    async def _search(self, server: ServerAccess, is_ours: Callable[[PanelAccount], bool]) -> PanelAccount | None:
        """Page by page, for servers without the filter. What can't be seen whole is not called absent."""
        before: Sequence[PanelAccount] = ()
        for page in range(1, PAGES_MAX + 1):
            try:
                accounts = await self.list_accounts(server, page=page)
            except VendorRejected as error:
                if error.reason not in ("unsupported", "invalid"):
                    raise
                raise VendorUnknown("cannot_look", "this server neither finds by billing id nor lists its accounts") from error
            found = next((account for account in accounts if is_ours(account)), None)
            if found is not None or not accounts:
                return found
            if [account.ref for account in accounts] == [account.ref for account in before]:
                raise VendorUnknown("cannot_look", "this server shows the same page of accounts again and again")
            before = accounts
        raise VendorUnknown("cannot_look", f"more than {PAGES_MAX} pages of accounts")

    async def suspend(self, server: ServerAccess, ref: str, *, reason: str) -> None:
        await self._wire.write(server, "POST", f"{_one(ref)}/suspend", body={"reason": reason})

    async def unsuspend(self, server: ServerAccess, ref: str) -> None:
        await self._wire.write(server, "POST", f"{_one(ref)}/unsuspend", body={})

    async def delete(self, server: ServerAccess, ref: str) -> None:
        try:
            await self._wire.write(server, "DELETE", _one(ref))
        except VendorRejected as error:
            if error.reason != "not_found":
                raise

    async def stats(self, server: ServerAccess, ref: str) -> AccountStats:
        found = stats_of(await self._wire.read(server, f"{_one(ref)}/stats"), ref)
        if found is None:
            raise VendorUnavailable("unparsable", "the statistics are no JSON object")
        return found

    async def list_accounts(self, server: ServerAccess, *, page: int) -> Sequence[PanelAccount]:
        found = accounts_of(await self._wire.read(server, ACCOUNTS, params={"page": str(page)}), server)
        if found is None:
            raise VendorRejected("unsupported", "the server answers the listing with something that is no list")
        return found

    async def change_limits(self, server: ServerAccess, ref: str, *, limits: Limits) -> None:
        await self._wire.write(server, "PATCH", _one(ref), body={"limits": limits_on_wire(limits)})

    async def reset_password(self, server: ServerAccess, ref: str, *, password: str) -> None:
        await self._wire.write(server, "POST", f"{_one(ref)}/password", body={"password": password}, hide=(password,))

    async def login_url(self, server: ServerAccess, ref: str) -> str:
        answer = await self._wire.write(server, "POST", f"{_one(ref)}/login-token", body={})
        url = answer.get("url") if isinstance(answer, dict) else None
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise VendorUnavailable("unparsable", "the login token comes without an address")
        return url


def _one(ref: str) -> str:
    return f"{ACCOUNTS}/{quote(ref, safe='')}"


def _account_order(order: NewAccount) -> dict[str, Any]:
    metadata = {"license_key": order.license_key, "limits": limits_on_wire(order.limits), "domain": order.domain}
    return {
        "username": order.username,
        "email": order.email,
        "password": order.password,
        "full_name": order.full_name,
        "phone": order.phone,
        "company": order.company,
        "package_id": order.package,
        "billing_id": str(order.billing_id),
        "metadata": {name: value for name, value in metadata.items() if value is not None},
    }


def _license_order(order: NewAccount) -> dict[str, Any]:
    if order.license_key is None:
        raise VendorRejected("invalid", "this server makes accounts from a license key only", {"license_key": "missing"})
    return {"license_key": order.license_key, "email": order.email, "plan": order.package, "features": limits_on_wire(order.limits)}
