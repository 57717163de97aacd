"""Calls to addresses that people typed: guarded against reaching into our own network.

The address is checked where the connection is made, on the very address that is dialled, so that a name which resolves
differently the second time gains nothing. No redirects, no proxies from the environment, one deadline for the whole
exchange, a limit on the answer, TLS always verified.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore
import httpx

from nextbill.runtime.vendors import note_request

ANSWER_BYTES_MAX = 1_000_000
CONNECTIONS_MAX = 50

IPAddress = IPv4Address | IPv6Address

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port → addresses as text, in the order to try. Raises OSError where there are none."""

# Special although Python 3.11 calls them global: protocol assignments, a cloud's metadata address, relays and tunnels, documentation.
_SPECIAL: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
# All that is handed out for the public IPv6 network; the rest is refused without a list of its parts.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(httpx.RequestError):
    """The name leads into a network that we do not call. Nothing was sent."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} leads to a private or reserved address, which is not on the list of allowed ones")
        self.host = host


class AnswerTooLarge(httpx.ReadError):
    """The answer passed the limit, or came compressed although we asked for it plain. The deed may have been done."""


async def system_resolver(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressGuard:
    """`allow` names the exceptions: networks (`10.0.0.0/8`, `127.0.0.1/32`) or host names (`panel.internal`)."""

    def __init__(self, allow: Sequence[str], resolve: Resolve) -> None:
        self._resolve = resolve
        self._hosts: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        for entry in allow:
            try:
                self._networks.append(ip_network(entry))
            except ValueError:
                if "/" in entry:
                    raise
                self._hosts.add(_plain(entry))

    async def addresses(self, host: str, port: int) -> list[str]:
        """All addresses of the host, in the resolver's order. One refused address refuses the host: honest names have none.

        Raises AddressRefused, or OSError where the name does not resolve.
        """
        addresses = await self._resolve(host, port)
        if _plain(host) not in self._hosts and not all(self._permits(address) for address in addresses):
            raise AddressRefused(host)
        return addresses

    def _permits(self, text: str) -> bool:
        address = _unwrapped(ip_address(text))
        return any(address in network for network in self._networks) or _is_public(address)


def _plain(host: str) -> str:
    return host.strip().rstrip(".").lower()


def _is_public(address: IPAddress) -> bool:
    if address.is_multicast or any(address in network for network in _SPECIAL):
        return False
    return address.is_global and (isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST)


def _unwrapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


async def check_address(url: str, *, allow: Sequence[str], resolve: Resolve = system_resolver) -> None:
    """For the form where a base URL is typed, so that staff hear of it at once; the client checks again at each connection.

    Raises AddressRefused, ValueError for what is no http(s) address, OSError for a name that does not resolve.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from error
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise ValueError("expected an http or https address without a login in it")
    await AddressGuard(allow, resolve).addresses(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80))


def guarded_client(
    *, timeout: float, allow: Sequence[str], answer_bytes_max: int = ANSWER_BYTES_MAX, resolve: Resolve = system_resolver
) -> httpx.AsyncClient:
    """`timeout`: seconds for the whole exchange. `allow`: networks and hosts that may be private."""
    # httpx logs each address that it calls, and a look-up may carry a license key in its query.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    transport = _LimitedTransport(_GuardedTransport(AddressGuard(allow, resolve)), answer_bytes_max)
    return _DeadlineClient(
        transport=transport,
        deadline=timeout,
        timeout=httpx.Timeout(timeout, connect=timeout / 2),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "NextPanel-Billing"},
    )


class _DeadlineClient(httpx.AsyncClient):
    """httpx limits each single wait; a server that drips a byte a second would hold us for ever."""

    def __init__(self, *, deadline: float, **settings: Any) -> None:
        super().__init__(**settings)
        self._deadline = deadline

    async def send(self, request: httpx.Request, **settings: Any) -> httpx.Response:
        try:
            async with asyncio.timeout(self._deadline):
                answer = await super().send(request, **settings)
        except TimeoutError:
            raise httpx.ReadTimeout("the deadline of the whole exchange has passed", request=request) from None
        note_request(answer.headers.get("x-request-id"))
        return answer


@cache
def _tls() -> ssl.SSLContext:
    """The public authorities, read once."""
    return httpx.create_ssl_context(trust_env=False)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx offers no way to hand over a network backend, so its pool is replaced by the same pool with ours."""

    def __init__(self, guard: AddressGuard) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=CONNECTIONS_MAX,
            keepalive_expiry=5.0,
            network_backend=_GuardedBackend(guard),
        )


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves, checks, and dials the checked address. TLS still names and verifies the host that was asked for."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                return await self._dial(await self._resolve(host, port), port, local_address, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no connection to {host}:{port} in time") from None

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        try:
            return await self._guard.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} does not resolve") from error

    async def _dial(
        self, addresses: list[str], port: int, local_address: str | None, socket_options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        options = list(socket_options) if socket_options is not None else None
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, local_address=local_address, socket_options=options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _LimitedTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, most: int) -> None:
        self._inner, self._most = inner, most

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            await answer.aclose()
            raise AnswerTooLarge("the answer is compressed, so its size is unknown", request=request)
        if isinstance(answer.stream, httpx.AsyncByteStream):
            answer.stream = _LimitedStream(answer.stream, self._most)
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


class _LimitedStream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, most: int) -> None:
        self._inner, self._most = inner, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._inner:
            size += len(part)
            if size > self._most:
                raise AnswerTooLarge(f"the answer is larger than {self._most} bytes")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()
