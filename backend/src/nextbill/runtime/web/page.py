"""The shell of the few pages that this server shows to people: no script, one style allowed by its hash, every value escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import babel.dates
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from nextbill.kernel.errors import Invalid, Problem
from nextbill.runtime import words
from nextbill.runtime.settings import Settings
from nextbill.runtime.web import language

SHELL = Path(__file__).with_name("templates")
STYLE = (SHELL / "page.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# A token in the address is a key: it goes to no other site and into no search engine.
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
MOMENTS = {"en": "EEEE, d MMMM y, HH:mm", "de": "EEEE, d. MMMM y, HH:mm"}


class ForeignForm(Problem):
    code: ClassVar[str] = "foreign_form"
    status: ClassVar[int] = 403
    title: ClassVar[str] = "This came from another site"


class Templates:
    """A capability's own pages, each of which extends `page.html.j2`."""

    def __init__(self, folder: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader([folder, SHELL]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        # Added by the extension, whose methods the types do not know.
        install = getattr(self._environment, "install_gettext_callables")  # noqa: B009  # see above
        install(_page_words, _page_plural, newstyle=True)
        self._environment.filters |= {"sentence": sentence, "told": _told_here, "moment": moment}
        self._environment.tests["web_address"] = is_web_address

    def page(
        self, name: str, settings: Settings, *, status: int = 200, refresh: int | None = None, headers: dict[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """`refresh`: seconds after which the browser loads the page again. A value that the template asks for and is not given is an error."""
        house = {"company": settings.company_name, "address": settings.company_address, "support": settings.company_email}
        place = {"portal": settings.portal_url, "sandbox": not settings.live, "style": STYLE, "refresh": refresh, "language": language.current()}
        text = self._environment.get_template(name).render(house | place | values)
        return HTMLResponse(text, status, HEADERS | language.headers() | (headers or {}))


class PageRoute(APIRoute):
    """A refusal is told as a page, and a form is taken from our own pages only."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            settings: Settings = request.app.state.context.settings
            try:
                _refuse_foreign_form(request, settings)
                return await _told(handle, request)
            except Problem as problem:
                return refused(problem, settings)

        return answer


async def _told(handle: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """The framework's refusals of what it can't read, in our words."""
    try:
        return await handle(request)
    except (RequestValidationError, HTTPException) as error:
        raise Invalid("The form could not be read. Go back and send it again.") from error


def refused(problem: Problem, settings: Settings) -> HTMLResponse:
    headers = {"Retry-After": str(problem.extra["retry_after"])} if "retry_after" in problem.extra else {}
    spoken = language.current()
    title, detail = words.title(problem.code, problem.title, spoken), "" if problem.detail == problem.title else words.told(problem.detail, spoken)
    return _SHELL.page("problem.html.j2", settings, status=problem.status, headers=headers, title=title, detail=detail)


def is_web_address(address: str) -> bool:
    """What comes from a vendor becomes a link only where it is http or https."""
    return urlsplit(address).scheme in ("http", "https")


def sentence(text: str) -> str:
    """The API's words for a field, as a sentence."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"


def moment(when: datetime) -> str:
    """With the weekday, to the minute; the zone is said beside it."""
    spoken = language.current()
    return babel.dates.format_datetime(when, MOMENTS[spoken], locale=spoken)


def _page_words(english: str) -> str:
    return words.page(english, language.current())


def _page_plural(one: str, many: str, number: int) -> str:
    return _page_words(one if number == 1 else many)


def _told_here(english: str) -> str:
    """A message of the API's on a page."""
    return words.told(english, language.current())


def _refuse_foreign_form(request: Request, settings: Settings) -> None:
    """The link's token is the authority, no cookie is; all the same nobody else's page makes a visitor's browser send our forms.

    Browsers that send no Sec-Fetch-Site are judged by Origin. It is `null` from our own forms too, since our pages send no
    referrer, so that `null` has to pass; what is neither is no browser.
    """
    if request.method in ("GET", "HEAD"):
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    hosts = {request.headers.get("host"), urlsplit(settings.api_url).netloc, urlsplit(settings.portal_url).netloc}
    ours = site in ("same-origin", "none") if site else origin == "null" or urlsplit(origin).netloc in hosts
    if not ours:
        raise ForeignForm("Nothing was done. Open the link from your mail again and use the button there.")


_SHELL = Templates(SHELL)
