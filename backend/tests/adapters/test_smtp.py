"""The SMTP adapter against the sandbox mailbox: what was certainly not taken, what was refused, and what nobody knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from nextbill.adapters.smtp import SmtpSettings, SmtpTransport
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.mailbox.app import create_app

pytestmark = pytest.mark.asyncio


@dataclass
class Post:
    """The sandbox's mailbox and a transport to it."""

    client: httpx.AsyncClient
    port: int

    def transport(self, **settings: Any) -> SmtpTransport:
        return SmtpTransport(SmtpSettings("127.0.0.1", self.port, **{"starttls": False, "timeout_seconds": 5.0, **settings}))

    async def mode(self, mode: str) -> None:
        assert (await self.client.post("/_sim/mailbox/smtp", json={"mode": mode})).status_code == 200

    async def mails(self) -> list[dict[str, Any]]:
        return list((await self.client.get("/api/mails")).json())


Posts = Callable[..., AbstractAsyncContextManager[Post]]


@pytest.fixture
def posts(tmp_path: Path) -> Posts:
    @asynccontextmanager
    async def start(**options: str) -> AsyncIterator[Post]:
        store = Store(tmp_path / "mailbox.sqlite")
        world = World("mailbox", "", store, SharedClock(tmp_path / "clock.json"), Faults(1), {"smtp_port": "0", **options})
        async with serve(create_app(world)) as base_url, httpx.AsyncClient(base_url=base_url) as client:
            yield Post(client, (await client.get("/_sim/mailbox/smtp")).json()["port"])
        store.close()

    return start


@pytest_asyncio.fixture
async def post(posts: Posts) -> AsyncIterator[Post]:
    async with posts() as post:
        yield post


def welcome(to: str = "Anna Ek <anna@example.test>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "NextPanel Billing <shop@example.test>"
    message["To"] = to
    message["Subject"] = "Willkommen, schön dass Sie da sind"
    message["Message-ID"] = "<welcome-1@example.test>"
    message.set_content("Grüße\n.\nein Punkt allein auf einer Zeile\n")
    message.add_alternative("<p>Grüße</p>", subtype="html")
    return message


async def test_a_message_arrives_as_it_was_written(post: Post) -> None:
    await post.transport().send(welcome())
    (mail,) = await post.mails()
    assert (mail["message_id"], mail["to"], mail["subject"]) == (
        "<welcome-1@example.test>",
        ["anna@example.test"],
        "Willkommen, schön dass Sie da sind",
    )
    assert mail["from"] == "NextPanel Billing <shop@example.test>"
    assert mail["text"] == "Grüße\n.\nein Punkt allein auf einer Zeile\n"
    assert mail["html"] == "<p>Grüße</p>\n"


async def test_sending_leaves_the_message_as_it_was_and_may_be_repeated(post: Post) -> None:
    message = welcome()
    before = message.as_bytes()
    await post.transport().send(message)
    await post.transport().send(message)
    assert message.as_bytes() == before
    assert [mail["message_id"] for mail in await post.mails()] == ["<welcome-1@example.test>"] * 2


async def test_blind_copies_reach_their_recipient_unseen(post: Post) -> None:
    message = welcome()
    message["Bcc"] = "archive@example.test"
    await post.transport().send(message)
    (mail,) = await post.mails()
    assert mail["to"] == ["anna@example.test", "archive@example.test"]
    assert "archive" not in (await post.client.get(f"/mails/{mail['id']}/source")).text


async def test_an_address_beyond_ascii_arrives(post: Post) -> None:
    await post.transport().send(welcome("jörg@bücher.example"))
    assert (await post.mails())[0]["to"] == ["jörg@bücher.example"]


async def test_a_refused_recipient_is_final(post: Post) -> None:
    await post.mode("reject")
    with pytest.raises(VendorRejected) as refused:
        await post.transport().send(welcome())
    assert (refused.value.reason, refused.value.fields) == ("recipient_refused", {"to": "550"})
    assert await post.mails() == []


async def test_a_deferred_recipient_is_certainly_not_done(post: Post) -> None:
    await post.mode("defer")
    with pytest.raises(VendorUnavailable, match="deferred: 451"):
        await post.transport().send(welcome())
    assert await post.mails() == []
    await post.mode("ok")
    await post.transport().send(welcome())
    assert len(await post.mails()) == 1


async def test_a_host_that_is_down_or_hangs_up_is_certainly_not_done(post: Post) -> None:
    await post.mode("down")
    with pytest.raises(VendorUnavailable, match="unreachable"):
        await post.transport().send(welcome())
    nobody = listening_socket()
    port = nobody.getsockname()[1]
    nobody.close()
    with pytest.raises(VendorUnavailable, match="unreachable"):
        await SmtpTransport(SmtpSettings("127.0.0.1", port, starttls=False)).send(welcome())


@pytest.mark.parametrize(("mode", "kept"), [("lost_before", 0), ("lost_after", 1)])
async def test_an_answer_lost_after_the_content_is_unknown(post: Post, mode: str, kept: int) -> None:
    await post.mode(mode)
    with pytest.raises(VendorUnknown, match="no_answer"):
        await post.transport().send(welcome())
    assert len(await post.mails()) == kept


async def test_content_that_is_too_large_is_final(posts: Posts) -> None:
    message = welcome()
    message.add_attachment(b"x" * 20_000, maintype="application", subtype="octet-stream", filename="large.bin")
    async with posts(largest_mail="10000") as post:
        with pytest.raises(VendorRejected, match="content_refused: 552"):
            await post.transport().send(message)


async def test_a_host_without_starttls_gets_no_mail_where_it_is_asked_for(post: Post) -> None:
    with pytest.raises(VendorUnavailable, match="STARTTLS"):
        await post.transport(starttls=True).send(welcome())
    assert await post.mails() == []


async def test_the_login_is_used_and_a_wrong_one_is_not_the_messages_fault(posts: Posts) -> None:
    async with posts(smtp_user="shop", smtp_password="right-password") as post:
        await post.transport(user="shop", password="right-password").send(welcome())
        assert len(await post.mails()) == 1
        with pytest.raises(VendorUnavailable, match="auth_failed") as refused:
            await post.transport(user="shop", password="wrong-password").send(welcome())
        assert "wrong-password" not in str(refused.value)
        assert "wrong-password" not in repr(SmtpSettings("127.0.0.1", post.port, "shop", "wrong-password"))
        with pytest.raises(VendorRejected, match="sender_refused: 530"):
            await post.transport().send(welcome())


@pytest.mark.parametrize("header", ["From", "To"])
async def test_a_message_without_sender_or_recipient_is_refused_here(post: Post, header: str) -> None:
    message = welcome()
    del message[header]
    with pytest.raises(VendorRejected, match="invalid"):
        await post.transport().send(message)


async def test_a_message_without_its_fixed_id_is_our_mistake(post: Post) -> None:
    message = welcome()
    del message["Message-ID"]
    with pytest.raises(ValueError, match="Message-ID"):
        await post.transport().send(message)
    assert await post.mails() == []
