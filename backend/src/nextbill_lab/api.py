"""The product's HTTP API as any client uses it: JSON in, JSON out, problems as exceptions."""

from __future__ import annotations

from typing import Any

import httpx

from nextbill_lab.trouble import Refused

PREFIX = "/api/v1"
TIMEOUT_SECONDS = 30.0


class Api:
    """One caller with its own connections and, once logged in, its token."""

    def __init__(self, url: str, *, headers: dict[str, str] | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False, headers=headers)

    async def close(self) -> None:
        await self._http.aclose()

    def carry(self, token: str) -> None:
        """Send this access token from now on."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    @property
    def authorization(self) -> str:
        return str(self._http.headers.get("Authorization", ""))

    async def get(self, path: str, **query: str | int) -> Any:
        return await self.call("GET", path, query=query)

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return await self.call("POST", path, body=body, key=key)

    async def call(self, method: str, path: str, *, body: Any = None, query: dict[str, str | int] | None = None, key: str | None = None) -> Any:
        """The decoded answer; None where there is none. `key`: an Idempotency-Key.

        Raises:
            Refused: any status from 400.
            httpx.HTTPError: no answer.
        """
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self._http.request(method, f"{PREFIX}{path}", json=body, params=query or None, headers=headers)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(f"{method} {path}", status=answer.status_code, problem=_problem(answer))
        return answer.json() if answer.content else None


def _problem(answer: httpx.Response) -> dict[str, object]:
    if "json" not in answer.headers.get("Content-Type", ""):
        return {"detail": answer.text[:200]}
    found = answer.json()
    return found if isinstance(found, dict) else {"detail": str(found)[:200]}
