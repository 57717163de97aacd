"""What a mail says, taken apart for tests and people."""

from __future__ import annotations

import base64
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from nextbill_simulators.chassis import Document, World

URL = re.compile(r"https?://[^\s<>\"'\])]+")


class Mails:
    """Newest first, by a number that never repeats. The raw content lies beside, for attachments and the source view."""

    def __init__(self, world: World) -> None:
        self._world, self._store = world, world.store

    def keep(self, content: bytes, *, sender: str, recipients: list[str]) -> int:
        message = _read(content)
        number = self._store.next_number("mail")
        text, markup = _part(message, "plain"), _part(message, "html")
        mail = {
            "id": number,
            "message_id": str(message.get("Message-ID", "")).strip(),
            "from": str(message.get("From", sender)),
            "to": list(recipients),
            "envelope_from": sender,
            "subject": str(message.get("Subject", "")),
            "text": text,
            "html": markup,
            "links": _links(text, markup),
            "headers": [[name, str(value)] for name, value in message.items()],
            "attachments": [{"number": n, **_described(part)} for n, part in enumerate(message.iter_attachments(), start=1)],
            "received_at": self._world.clock.now().isoformat(),
        }
        with self._store.transaction():
            self._store.put("raw", str(number), {"content": base64.b64encode(content).decode()})
            self._store.put("mail", str(number), mail)
            for address in {address.lower() for address in recipients}:
                self._store.put("addressed", f"{address} {number}", {"recipient": address, "mail": number})
        return number

    def all(self, *, to: str | None = None, search: str | None = None) -> list[Document]:
        """`to`: an exact recipient; `search`: part of a recipient or of the subject. Case does not matter."""
        found = (self._addressed(to.strip().lower()) if to else self._store.find("mail"))[::-1]
        if search:
            part = search.strip().lower()
            found = [mail for mail in found if part in " ".join([*mail["to"], mail["subject"]]).lower()]
        return found

    def _addressed(self, recipient: str) -> list[Document]:
        numbers = [entry["mail"] for entry in self._store.find("addressed", recipient=recipient)]
        return [mail for number in numbers if (mail := self._store.get("mail", str(number)))]

    def count(self) -> int:
        return self._store.count("mail")

    def get(self, key: str) -> Document | None:
        return self._store.get("mail", key)

    def raw(self, key: str) -> bytes | None:
        found = self._store.get("raw", key)
        return base64.b64decode(found["content"]) if found else None

    def attachment(self, key: str, number: int) -> tuple[Document, bytes] | None:
        content = self.raw(key)
        if content is None:
            return None
        for found, part in enumerate(_read(content).iter_attachments(), start=1):
            if found == number:
                return _described(part), _bytes(part)
        return None

    def clear(self, *, to: str | None = None) -> int:
        mails = self.all(to=to)
        with self._store.transaction():
            for mail in mails:
                self._store.delete("mail", str(mail["id"]))
                self._store.delete("raw", str(mail["id"]))
        return len(mails)


def _read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    return message


def _part(message: EmailMessage, kind: str) -> str | None:
    body = message.get_body((kind,))
    if body is None:
        return None
    content: Any = body.get_content()
    return str(content).replace("\r\n", "\n")


def _described(part: EmailMessage) -> Document:
    return {"name": part.get_filename() or "attachment", "type": part.get_content_type(), "size": len(_bytes(part))}


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return part.as_bytes()
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href") if tag == "a" else None
        if target and target.startswith(("http://", "https://")):
            self.found.append(target)


def _links(text: str | None, markup: str | None) -> list[str]:
    """Addresses in the order of reading, each once: the HTML part's first, then what only the text part has."""
    anchors = _Anchors()
    anchors.feed(markup or "")
    in_text = [address.rstrip(".,;:!?") for address in URL.findall(text or "")]
    return list(dict.fromkeys([*anchors.found, *in_text]))
