"""Mail comes in by SMTP and is kept as it came. Nothing is deduplicated: a mail that was sent twice shows twice."""

from __future__ import annotations

import asyncio
import hmac
import socket
from typing import Literal, get_args

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from nextbill_simulators.chassis import World
from nextbill_simulators.mailbox.mails import Mails

Mode = Literal["ok", "reject", "defer", "down", "lost_before", "lost_after"]
"""`reject` and `defer` answer each recipient with 550 and 451; `down` hangs up at once; `lost_before` and `lost_after` hang up
when the content has arrived, without and with keeping it."""

MODES: tuple[str, ...] = get_args(Mode)
HOST = "127.0.0.1"
DEFAULT_PORT = 1025
LARGEST_MAIL = 30_000_000


class PostOffice:
    """Options: `smtp_port` (0 takes a free one), `smtp_user` and `smtp_password` (a login is required where both are set), `largest_mail` (bytes)."""

    def __init__(self, world: World, mails: Mails) -> None:
        self._world, self._mails = world, mails
        self._wanted_port = int(world.options.get("smtp_port", str(DEFAULT_PORT)))
        self._user, self._password = world.options.get("smtp_user", ""), world.options.get("smtp_password", "")
        self._asks_login = bool(self._user and self._password)
        self.largest_mail = int(world.options.get("largest_mail", str(LARGEST_MAIL)))
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()
        self.port = 0

    @property
    def mode(self) -> str:
        found = self._world.store.get("switch", "smtp")
        return str(found["mode"]) if found else "ok"

    def set_mode(self, mode: str) -> None:
        self._world.store.put("switch", "smtp", {"mode": mode})

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, HOST, self._wanted_port, family=socket.AF_INET)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for transport in list(self._open):
            transport.close()
        await self._server.wait_closed()

    def _protocol(self) -> asyncio.Protocol:
        return Conversation(self, self._open, login=self._asks_login)

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, auth_data: object) -> AuthResult:
        """The authenticator that aiosmtpd asks: a wrong pair is answered with 535."""
        if mechanism not in ("PLAIN", "LOGIN") or not isinstance(auth_data, LoginPassword):
            return AuthResult(success=False, handled=False)
        known = hmac.compare_digest(auth_data.login, self._user.encode())
        return AuthResult(success=known and hmac.compare_digest(auth_data.password, self._password.encode()), handled=False)

    async def handle_MAIL(self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 (aiosmtpd's name)
        """The login is asked for here: aiosmtpd's own switch for it warns at every connection without TLS."""
        if self._asks_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.mode == "reject":
            return "550 5.1.1 Recipient address rejected: user unknown"
        if self.mode == "defer":
            return "451 4.7.1 Greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        mode = self.mode
        if mode != "lost_before":
            content = envelope.original_content or b""
            number = self._mails.keep(content, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos)
        if mode in ("lost_before", "lost_after") and server.transport is not None:
            server.transport.close()
            return "250 never heard"
        return f"250 OK kept as {number}"


class Conversation(SMTP):
    """One conversation. Hangs up before the greeting while the post office is down."""

    def __init__(self, office: PostOffice, open_now: set[asyncio.BaseTransport], *, login: bool) -> None:
        super().__init__(
            office,
            data_size_limit=office.largest_mail,
            enable_SMTPUTF8=True,
            hostname="sandbox.mailbox.test",
            ident="NextPanel Billing sandbox mailbox",
            auth_require_tls=False,
            auth_exclude_mechanism=() if login else ("PLAIN", "LOGIN"),
            authenticator=office.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._office, self._open_now = office, open_now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._office.mode == "down":
            transport.close()
            return
        self._open_now.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is None:
            return
        self._open_now.discard(self.transport)
        super().connection_lost(error)
