"""The mailbox as a person sees it: a list and one mail. A mail's HTML is shown in a frame that can run nothing and load nothing."""

from __future__ import annotations

import html
import re
from datetime import datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nextbill_simulators.chassis import Document
from nextbill_simulators.mailbox.layout import page
from nextbill_simulators.mailbox.mails import Mails

# The frame's content: no script, no remote image, no form. Links leave it by <base target>, in a new tab.
FRAME_HEADERS = {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
SHOWN_IN_LIST = 200
HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)

SEARCH = """<form class="search" action="/" role="search"><label for="q">Search by address or subject</label>
<div class="row"><input id="q" name="q" type="search" value="{value}" placeholder="anna@example.com" autocomplete="off">
<button>Search</button></div></form>"""


def page_routes(mails: Mails) -> list[BaseRoute]:
    async def home(request: Request) -> Response:
        return page("Mailbox", _home(mails, request.query_params.get("q", "").strip()), refresh=mails.count())

    async def one(request: Request) -> Response:
        mail = mails.get(request.path_params["id"])
        if mail is None:
            return page("No such mail", '<h1>No such mail</h1><p>It may have been deleted. <a href="/">All mails</a></p>', status=404)
        return page(mail["subject"] or "No subject", _one(mail))

    async def frame(request: Request) -> Response:
        mail = mails.get(request.path_params["id"])
        if mail is None or mail["html"] is None:
            raise HTTPException(404, "No such HTML part")
        return HTMLResponse(_opening_outside(mail["html"]), headers=FRAME_HEADERS)

    async def source(request: Request) -> Response:
        content = mails.raw(request.path_params["id"])
        if content is None:
            raise HTTPException(404, "No such mail")
        return PlainTextResponse(content.decode("utf-8", "replace"), headers={"X-Content-Type-Options": "nosniff"})

    async def attachment(request: Request) -> Response:
        found = mails.attachment(request.path_params["id"], request.path_params["number"])
        if found is None:
            raise HTTPException(404, "No such attachment")
        facts, content = found
        disposition = f"attachment; filename*=UTF-8''{quote(facts['name'], safe='')}"
        return Response(content, headers={"Content-Type": facts["type"], "Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"})

    return [
        Route("/", home),
        Route("/mails/{id}", one),
        Route("/mails/{id}/html", frame),
        Route("/mails/{id}/source", source),
        Route("/mails/{id}/attachments/{number:int}", attachment),
    ]


def _opening_outside(markup: str) -> str:
    """Links open in a new tab. Put after <head>, so that the doctype stays first."""
    base = '<base target="_blank">'
    head = HEAD.search(markup)
    return f"{markup[: head.end()]}{base}{markup[head.end() :]}" if head else base + markup


def _home(mails: Mails, wanted: str) -> str:
    found = mails.all(search=wanted or None)
    heading = f"<h1>Mailbox</h1>{SEARCH.format(value=html.escape(wanted, quote=True))}"
    if not found:
        return heading + _empty(wanted)
    count = f"{len(found)} {'mail' if len(found) == 1 else 'mails'}"
    about = f"{count} matching “{html.escape(wanted)}” · <a href='/'>show all</a>" if wanted else f"{count}, newest first"
    if len(found) > SHOWN_IN_LIST:
        about += f" · the newest {SHOWN_IN_LIST} are shown"
    rows = "".join(_row(mail) for mail in found[:SHOWN_IN_LIST])
    return f'{heading}<p class="dim">{about}</p><ol class="mails">{rows}</ol>'


def _empty(wanted: str) -> str:
    if wanted:
        return f"<div class='empty'><p>No mail matches “{html.escape(wanted)}”.</p><p><a href='/'>Show all mails</a></p></div>"
    return (
        "<div class='empty'><p>No mail yet.</p><p class='dim'>Every mail that the shop sends in the sandbox appears here by itself: "
        "register in the portal, and its first mail asks you to confirm the address.</p></div>"
    )


def _row(mail: Document) -> str:
    preview = html.escape(" ".join((mail["text"] or "").split())[:140])
    subject = html.escape(mail["subject"] or "No subject")
    time = f'<time datetime="{mail["received_at"]}">{_when(mail)}</time>'
    return (
        f'<li><a href="/mails/{mail["id"]}"><span class="line"><strong>{subject}</strong>{time}</span>'
        f'<span class="line dim"><span>to {html.escape(", ".join(mail["to"]))}</span></span><span class="preview dim">{preview}</span></a></li>'
    )


def _one(mail: Document) -> str:
    facts = {"From": mail["from"], "To": ", ".join(mail["to"]), "Received": _when(mail), "Message-ID": mail["message_id"] or "none"}
    listed = "".join(f"<dt>{name}</dt><dd>{html.escape(fact)}</dd>" for name, fact in facts.items())
    parts = [
        f'<p><a href="/">← All mails</a></p><h1>{html.escape(mail["subject"] or "No subject")}</h1><dl>{listed}</dl>',
        _attachments(mail),
        _links(mail),
        _bodies(mail),
        _headers(mail),
    ]
    return "".join(parts)


def _attachments(mail: Document) -> str:
    items = "".join(
        f'<li><a href="/mails/{mail["id"]}/attachments/{part["number"]}">{html.escape(part["name"])}</a>'
        f' <span class="dim">{html.escape(part["type"])}, {part["size"]:,} bytes</span></li>'
        for part in mail["attachments"]
    )
    return f"<h2>Attachments</h2><ul>{items}</ul>" if items else ""


def _links(mail: Document) -> str:
    items = "".join(
        f'<li><a href="{html.escape(link, quote=True)}" rel="noreferrer noopener" target="_blank">{html.escape(link)}</a></li>'
        for link in mail["links"]
    )
    return f"<h2>Links</h2><ul>{items}</ul>" if items else ""


def _bodies(mail: Document) -> str:
    text = f"<pre>{html.escape(mail['text'])}</pre>" if mail["text"] is not None else "<p class='dim'>This mail has no text part.</p>"
    if mail["html"] is None:
        return f"<h2>Text</h2>{text}<p class='dim'>This mail has no HTML part.</p>"
    source = f"/mails/{mail['id']}/html"
    frame = f'<iframe src="{source}" title="The mail\'s HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
    return f"<h2>HTML</h2>{frame}<h2>Text</h2>{text}"


def _headers(mail: Document) -> str:
    lines = "\n".join(f"{html.escape(name)}: {html.escape(value)}" for name, value in mail["headers"])
    return f'<details><summary>Headers</summary><pre>{lines}</pre><p><a href="/mails/{mail["id"]}/source">Source as received</a></p></details>'


def _when(mail: Document) -> str:
    return datetime.fromisoformat(mail["received_at"]).strftime("%a %-d %b %Y, %H:%M:%S UTC")
