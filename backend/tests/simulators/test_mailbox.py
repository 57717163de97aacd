"""The mailbox: mail in by SMTP, out by JSON and pages."""

from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
import pytest_asyncio

from nextbill_simulators.mailbox.app import create_app

pytestmark = pytest.mark.asyncio


class Mailbox:
    def __init__(self, client: httpx.AsyncClient, port: int) -> None:
        self.client, self.port = client, port

    async def post(self, message: EmailMessage, *, login: tuple[str, str] | None = None) -> None:
        await asyncio.to_thread(self._post, message, login)

    def _post(self, message: EmailMessage, login: tuple[str, str] | None) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as connection:
            if login:
                connection.login(*login)
            connection.send_message(message)

    async def mails(self, **query: str) -> list[dict[str, Any]]:
        return list((await self.client.get("/api/mails", params=query)).json())

    async def mode(self, mode: str) -> httpx.Response:
        return await self.client.post("/_sim/mailbox/smtp", json={"mode": mode})


async def _opened(client: httpx.AsyncClient) -> Mailbox:
    return Mailbox(client, (await client.get("/_sim/mailbox/smtp")).json()["port"])


@pytest_asyncio.fixture
async def mailbox(serve: Any, world: Any) -> AsyncIterator[Mailbox]:
    async with serve(create_app(world("mailbox", smtp_port="0"))) as base_url, httpx.AsyncClient(base_url=base_url) as client:
        yield await _opened(client)


def mail(to: str = "anna@example.test", subject: str = "Confirm your address", *, markup: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "NextPanel Billing <shop@example.test>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<verify-1@example.test>"
    message.set_content("Grüße!\nOpen https://shop.example.test/verify?token=abc.\n")
    if markup:
        message.add_alternative(markup, subtype="html")
    return message


async def test_a_mail_is_kept_and_taken_apart(mailbox: Mailbox) -> None:
    await mailbox.post(mail(markup='<p><a href="https://shop.example.test/verify?token=abc&amp;lang=de">Confirm</a></p>'))
    (summary,) = await mailbox.mails(to="ANNA@example.test")
    found = (await mailbox.client.get(f"/api/mails/{summary['id']}")).json()
    assert found == summary
    assert found["message_id"] == "<verify-1@example.test>"
    assert found["from"] == "NextPanel Billing <shop@example.test>"
    assert found["to"] == ["anna@example.test"]
    assert found["subject"] == "Confirm your address"
    assert found["text"] == "Grüße!\nOpen https://shop.example.test/verify?token=abc.\n"
    assert found["links"] == ["https://shop.example.test/verify?token=abc&lang=de", "https://shop.example.test/verify?token=abc"]
    assert found["received_at"].endswith("+00:00")


async def test_a_mail_sent_twice_shows_twice_newest_first(mailbox: Mailbox) -> None:
    await mailbox.post(mail())
    await mailbox.post(mail())
    await mailbox.post(mail("bo@example.test", "Receipt"))
    assert [(found["id"], found["to"]) for found in await mailbox.mails()] == [
        (3, ["bo@example.test"]),
        (2, ["anna@example.test"]),
        (1, ["anna@example.test"]),
    ]
    assert [found["id"] for found in await mailbox.mails(to="anna@example.test")] == [2, 1]
    assert [found["id"] for found in await mailbox.mails(q="rece")] == [3]
    assert [found["id"] for found in await mailbox.mails(limit="1")] == [3]


async def test_blind_copies_are_found_by_their_recipient(mailbox: Mailbox) -> None:
    message = mail()
    message["Bcc"] = "archive@example.test"
    await mailbox.post(message)
    (found,) = await mailbox.mails(to="archive@example.test")
    assert "archive@example.test" not in str(found["headers"])


async def test_deleting_empties_the_mailbox_or_one_address(mailbox: Mailbox) -> None:
    for to in ("anna@example.test", "bo@example.test", "cy@example.test"):
        await mailbox.post(mail(to))
    assert (await mailbox.client.delete("/api/mails", params={"to": "bo@example.test"})).json() == {"deleted": 1}
    assert (await mailbox.client.delete("/api/mails")).json() == {"deleted": 2}
    assert await mailbox.mails() == []
    assert (await mailbox.client.get("/api/mails/1")).status_code == 404
    assert (await mailbox.client.get("/mails/1/source")).status_code == 404


async def test_an_attachment_comes_back_byte_for_byte(mailbox: Mailbox) -> None:
    message = mail()
    message.add_attachment(b"%PDF-1.7 \x00\xff", maintype="application", subtype="pdf", filename="INV-2026-000042.pdf")
    await mailbox.post(message)
    assert (await mailbox.mails())[0]["attachments"] == [{"number": 1, "name": "INV-2026-000042.pdf", "type": "application/pdf", "size": 11}]
    answer = await mailbox.client.get("/mails/1/attachments/1")
    assert answer.content == b"%PDF-1.7 \x00\xff"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert (await mailbox.client.get("/mails/1/attachments/2")).status_code == 404


async def test_rejected_and_deferred_mail_is_not_kept(mailbox: Mailbox) -> None:
    await mailbox.mode("reject")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as rejected:
        await mailbox.post(mail())
    await mailbox.mode("defer")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as deferred:
        await mailbox.post(mail())
    assert [next(iter(error.value.recipients.values()))[0] for error in (rejected, deferred)] == [550, 451]
    assert await mailbox.mails() == []
    await mailbox.mode("ok")
    await mailbox.post(mail())
    assert len(await mailbox.mails()) == 1


async def test_down_hangs_up_before_the_greeting(mailbox: Mailbox) -> None:
    await mailbox.mode("down")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        await mailbox.post(mail())
    assert (await mailbox.mode("nonsense")).status_code == 422
    assert (await mailbox.client.get("/_sim/mailbox/smtp")).json()["mode"] == "down"


@pytest.mark.parametrize(("mode", "kept"), [("lost_before", 0), ("lost_after", 1)])
async def test_the_answer_to_the_content_can_be_lost(mailbox: Mailbox, mode: str, kept: int) -> None:
    await mailbox.mode(mode)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        await mailbox.post(mail())
    assert len(await mailbox.mails()) == kept


async def test_a_login_is_asked_for_where_one_is_set(serve: Any, world: Any) -> None:
    app = create_app(world("mailbox", smtp_port="0", smtp_user="shop", smtp_password="right"))
    async with serve(app) as base_url, httpx.AsyncClient(base_url=base_url) as client:
        mailbox = await _opened(client)
        with pytest.raises(smtplib.SMTPSenderRefused):
            await mailbox.post(mail())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            await mailbox.post(mail(), login=("shop", "wrong"))
        await mailbox.post(mail(), login=("shop", "right"))
        assert len(await mailbox.mails()) == 1


async def test_the_pages_say_sandbox_and_show_what_came(mailbox: Mailbox) -> None:
    empty = (await mailbox.client.get("/")).text
    assert "Sandbox mailbox: nothing here left this machine" in empty
    assert "No mail yet" in empty
    await mailbox.post(mail(subject="<script>alert(1)</script>"))
    listed = (await mailbox.client.get("/", params={"q": "anna"})).text
    assert "&lt;script&gt;alert(1)" in listed
    assert "No mail matches" in (await mailbox.client.get("/", params={"q": '"><b>'})).text
    one = (await mailbox.client.get("/mails/1")).text
    assert "<script>alert" not in listed + one
    assert "https://shop.example.test/verify?token=abc" in one
    assert (await mailbox.client.get("/mails/9")).status_code == 404


async def test_a_mails_html_is_framed_so_that_it_can_run_and_load_nothing(mailbox: Mailbox) -> None:
    markup = (
        "<!doctype html><html><head><title>x</title></head><body><script>alert(1)</script><img src='https://track.example.test/p.gif'></body></html>"
    )
    await mailbox.post(mail(markup=markup))
    frame = await mailbox.client.get("/mails/1/html")
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert frame.text.startswith('<!doctype html><html><head><base target="_blank">')
    page = (await mailbox.client.get("/mails/1")).text
    assert 'src="/mails/1/html"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page


async def test_a_taken_port_is_an_error_of_the_mailbox_alone(serve: Any, world: Any) -> None:
    """Not the end of the process: other servers share its event loop."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(RuntimeError, match="did not start"):
            async with serve(create_app(world("mailbox", smtp_port=str(taken.getsockname()[1])))):
                pass
