"""The other people and machines that talk to the product: staff, and a panel that asks whether a license allows something."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx

from nextbill_lab.api import PREFIX, Api
from nextbill_lab.system import Login, PanelKey, System
from nextbill_lab.trouble import Missing, Refused
from nextbill_lab.vendors import Control


class Staff:
    def __init__(self, system: System) -> None:
        self.api = Api(system.api)

    async def close(self) -> None:
        await self.api.close()

    async def log_in(self, login: Login) -> None:
        session = await self.api.post("/auth/login", {"email": login.email, "password": login.password})
        self.api.carry(str(session["access_token"]))

    async def make_panel_key(self) -> PanelKey:
        """One that may validate; it ends by being revoked."""
        made = await self.api.post("/admin/panel-keys", {"name": "demo", "permissions": ["validate"]})
        return PanelKey(str(made["key_id"]), str(made["secret"]))

    async def revoke(self, key: PanelKey) -> None:
        await self.api.call("DELETE", f"/admin/panel-keys/{key.key}", query={"reason": "the demo is over"})

    async def trial_balance(self) -> dict[str, int]:
        """By currency, in minor units: zero everywhere, or money appeared or vanished."""
        answer = await self.api.get("/admin/ledger/trial-balance")
        return {str(currency): int(amount) for currency, amount in answer["balances"].items()}


class Panel:
    """A panel that asks, signed, so that its secret never travels. `clock`: where that is moved, so is the signature's time."""

    def __init__(self, system: System, key: PanelKey, clock: Control) -> None:
        self._http = httpx.AsyncClient(base_url=system.api, timeout=30, trust_env=False)
        self._key, self._clock = key, clock

    async def close(self) -> None:
        await self._http.aclose()

    async def validate(self, license_key: str, feature: str) -> dict[str, Any]:
        """The verdict; a refusal is one too."""
        path = f"{PREFIX}/licenses/validate"
        body = json.dumps({"license_key": license_key, "feature": feature}).encode()
        at = int((await self._clock.now()).timestamp())
        headers = {"Content-Type": "application/json", **signature(self._key, method="POST", path=path, body=body, at=at)}
        answer = await self._http.post(path, content=body, headers=headers)
        if answer.status_code != httpx.codes.OK:
            raise Refused(f"POST {path}", status=answer.status_code, problem=answer.json())
        return dict(answer.json())


def signature(key: PanelKey, *, method: str, path: str, body: bytes, at: int) -> dict[str, str]:
    """The headers: HMAC-SHA256 over time, method, path and query, and the body's hash, a line each. `at`: unix seconds."""
    message = "\n".join([str(at), method, path, hashlib.sha256(body).hexdigest()])
    return {"X-API-Key": key.key, "X-Timestamp": str(at), "X-Signature": hmac.new(key.secret.encode(), message.encode(), hashlib.sha256).hexdigest()}


async def staff_of(system: System) -> Staff:
    """Logged in. Raises Missing: no staff login is known."""
    login = system.staff()
    if login is None:
        raise Missing("no staff login is known", where="running.json (logins), or say --staff EMAIL:PASSWORD")
    staff = Staff(system)
    await staff.log_in(login)
    return staff
