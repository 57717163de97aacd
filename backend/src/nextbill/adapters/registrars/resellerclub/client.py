"""One exchange with the LogicBoxes API. Reads are GET, writes are POST with a form, so that our keys stay out of the addresses of writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx

from nextbill.adapters.registrars.resellerclub.answers import lost, settle
from nextbill.runtime.outbound import AddressRefused
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable

CONNECTIONS_MAX = 2
"""The vendor drops excess connections of one account and blocks addresses that go on."""

Parameter = tuple[str, str]


class Client:
    """`base_url` ends with the vendor's `/api` folder. Arrays repeat their key, so parameters are pairs."""

    def __init__(self, client: httpx.AsyncClient, *, base_url: str, user_id: str, api_key: str) -> None:
        self._http = client
        self._base_url = base_url.rstrip("/")
        self._keys = [("auth-userid", user_id), ("api-key", api_key)]
        self._turn = asyncio.Semaphore(CONNECTIONS_MAX)

    async def read(self, method: str, parameters: Sequence[Parameter]) -> Any:
        """Raises VendorRejected or VendorUnavailable."""
        return await self._exchange("GET", method, charges=False, params=[*self._keys, *parameters])

    async def write(self, method: str, parameters: Sequence[Parameter]) -> Any:
        """For writes that cost nothing and may be repeated. Raises VendorRejected or VendorUnavailable."""
        return await self._exchange("POST", method, charges=False, data=_form([*self._keys, *parameters]))

    async def charge(self, method: str, parameters: Sequence[Parameter]) -> Any:
        """For writes that cost money. VendorUnknown for whatever is not a clear answer once the request was on its way."""
        return await self._exchange("POST", method, charges=True, data=_form([*self._keys, *parameters]))

    async def _exchange(self, verb: str, method: str, *, charges: bool, **content: Any) -> Any:
        try:
            async with self._turn:
                answer = await self._http.request(verb, f"{self._base_url}/{method}.json", **content)
        except AddressRefused as error:
            raise VendorRejected("not_allowed", str(error)) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise VendorUnavailable("unreachable", type(error).__name__) from error
        except httpx.RequestError as error:
            raise lost("no_answer", type(error).__name__, charges=charges) from error
        return settle(answer, charges=charges)


def _form(parameters: Sequence[Parameter]) -> dict[str, list[str]]:
    """A list becomes a repeated key in httpx."""
    form: dict[str, list[str]] = {}
    for name, value in parameters:
        form.setdefault(name, []).append(value)
    return form
