"""Typst behind invoicing's port `PaperWriter`: a few threads with a compiler each. Typst works outside the interpreter's lock, so threads do."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

import fontpkg_inter
import noto_cjk_sans_otc
import structlog
import typst

from nextbill.adapters.typst.accounts import receipt_sheet, statement_sheet
from nextbill.adapters.typst.bills import bill_sheet
from nextbill.adapters.typst.sheet import Sheet, frame
from nextbill.adapters.typst.words import Tongue
from nextbill.adapters.typst.xmp import with_factur_x
from nextbill.capabilities.invoicing.ports import Bill, Letterhead, Paper, PaperWriter, Receipt, Statement, WriterBusy

WORKERS: Final = 2
WAITING: Final = 32
"""Documents that may wait or be written at once; more are asked to come again."""
TIMEOUT_SECONDS: Final = 20.0
LONG: Final = 24
"""More lines than this in its table need a second page. Fewer are tried on one, without what tells pages apart: that costs a second layout."""
_ROUNDS: Final = 8
_SUBSTITUTE: Final = "□"
_MISSING: Final = "could not be displayed"
_COUNT: Final = re.compile(rb"/Type/Pages/Count (\d+)")
_TEMPLATE: Final = Path(__file__).with_name("templates") / "paper.typ"
_OWN_FONTS: Final = (Path(fontpkg_inter.__file__).with_name("files"), Path(noto_cjk_sans_otc.__file__).parent)
_LOGO_TYPES: Final = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}
log = structlog.get_logger()


class Unprintable(Exception):
    """Typst refused the sheet: a defect of the template or of what it was given."""


class TypstPress(PaperWriter):
    """`fonts` is a folder with fonts for scripts that ours do not cover; `scratch` one to work in, the machine's own for such things where there
    is none. `close` it in the end: its threads and what it wrote go then."""

    def __init__(self, letterhead: Letterhead, *, fonts: Path | None = None, scratch: Path | None = None, workers: int = WORKERS) -> None:
        self._letterhead = letterhead
        self._scratch = scratch if scratch and scratch.is_dir() else None
        self._folders: list[tempfile.TemporaryDirectory[str]] = []
        self._font_folders = [*_OWN_FONTS, *([fonts] if fonts else [])]
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="press")
        self._threads = threading.local()
        self._taken = 0

    async def write(self, paper: Paper, *, e_invoice: bytes | None = None) -> bytes:
        if self._taken >= WAITING:
            raise WriterBusy
        self._taken += 1
        running = asyncio.get_running_loop().run_in_executor(self._pool, self.write_now, paper, e_invoice)
        running.add_done_callback(self._freed)
        try:
            # A thread cannot be stopped: its place is free again when it is done, not when we stop waiting.
            return await asyncio.wait_for(asyncio.shield(running), TIMEOUT_SECONDS)
        except TimeoutError:
            log.warning("a document took too long", waited_seconds=TIMEOUT_SECONDS)
            raise WriterBusy from None

    def write_now(self, paper: Paper, e_invoice: bytes | None = None) -> bytes:
        """In the caller's own thread."""
        tongue = Tongue.of(paper.language)
        sheet = self._sheet(paper, tongue)
        content: dict[str, Any] = {**sheet, "date": _parts(_day(paper)), "paged": sum(1 + len(row["notes"]) for row in sheet["rows"]) > LONG}
        place = self._place()
        place.write("frame", json.dumps({**frame(tongue, self._letterhead), "logo": place.logo}))
        pdf = self._printed(place, content if e_invoice is None else {**content, "e_invoice": e_invoice.decode()}, _day(paper))
        return pdf if e_invoice is None else with_factur_x(pdf)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for folder in self._folders:
            folder.cleanup()

    def _freed(self, running: asyncio.Future[bytes]) -> None:
        self._taken -= 1
        if not running.cancelled():
            running.exception()

    def _sheet(self, paper: Paper, tongue: Tongue) -> Sheet:
        match paper:
            case Bill():
                return bill_sheet(paper, tongue, self._letterhead)
            case Receipt():
                return receipt_sheet(paper, tongue, self._letterhead)
            case Statement():
                return statement_sheet(paper, tongue, self._letterhead)

    def _printed(self, place: _Place, content: dict[str, Any], day: date) -> bytes:
        """PDF/A allows no character without its sign: such a one becomes a box, and is told."""
        missing: set[str] = set()
        for _ in range(_ROUNDS):
            place.write("sheet", _without(content, missing))
            try:
                found = place.compile(day)
            except typst.TypstError as error:
                new = _unknown_signs(error) - missing
                if not new:
                    raise Unprintable(f"{error.message}\n{error.diagnostic}") from error
                missing |= new
                continue
            if not content["paged"] and _has_pages(found):
                content = {**content, "paged": True}
                continue
            if missing:
                log.warning("no font has a sign for some characters", characters=sorted(f"U+{ord(one):04X}" for one in missing))
            return found
        raise Unprintable("characters without a sign, more and more of them")

    def _fonts(self) -> typst.Fonts:
        return typst.Fonts(include_system_fonts=False, font_paths=self._font_folders)

    def _place(self) -> _Place:
        found: _Place | None = getattr(self._threads, "place", None)
        if found is None:
            folder = tempfile.TemporaryDirectory(prefix="nextbill-press-", dir=self._scratch)
            self._folders.append(folder)
            found = self._threads.place = _Place(Path(folder.name), self._fonts(), self._letterhead.logo)
        return found


class _Place:
    """A thread's own folder and compiler. The folder holds the template, the logo and the sheet; the compiler can read nothing else."""

    def __init__(self, folder: Path, fonts: typst.Fonts, logo: bytes | None) -> None:
        self._folder = folder
        self._written: dict[str, str] = {}
        self.logo = _name_of(logo) if logo else None
        (folder / _TEMPLATE.name).write_bytes(_TEMPLATE.read_bytes())
        if logo and self.logo:
            (folder / self.logo).write_bytes(logo)
        self._compiler = typst.Compiler(folder / _TEMPLATE.name, root=folder, font_paths=fonts, ignore_system_fonts=True)

    def write(self, name: str, content: str) -> None:
        if self._written.get(name) != content:
            (self._folder / f"{name}.json").write_text(content, encoding="utf-8")
            self._written[name] = content

    def compile(self, day: date) -> bytes:
        """Dated on the paper's day: the same sheet gives the same bytes."""
        stamp = datetime.combine(day, time(), UTC)
        return self._compiler.compile(format="pdf", pdf_standards=["a-3b"], timestamp=stamp, pdf_tags=False)  # type: ignore[return-value]  # one PDF


def _has_pages(pdf: bytes) -> bool:
    """More than one, as the root of its tree of pages tells."""
    return _COUNT.findall(pdf) != [b"1"]


def _name_of(logo: bytes) -> str:
    return f"logo.{next((ending for start, ending in _LOGO_TYPES.items() if logo.startswith(start)), 'svg')}"


def _without(content: dict[str, Any], missing: set[str]) -> str:
    """As JSON; the e-invoice keeps every character."""
    exact = content.get("e_invoice")
    text = json.dumps({key: value for key, value in content.items() if key != "e_invoice"}, ensure_ascii=False)
    for one in missing:
        text = text.replace(one, _SUBSTITUTE)
    return text if exact is None else f"{text[:-1]}, {json.dumps('e_invoice')}: {json.dumps(exact, ensure_ascii=False)}}}"


def _unknown_signs(error: typst.TypstError) -> set[str]:
    """Out of `the text "中" could not be displayed with font "Inter"`, as often as it is said."""
    found: set[str] = set()
    for line in f"{error.message}\n{error.diagnostic}".splitlines():
        if _MISSING in line and "`" in line:
            quoted = line.split("`")[1]
            found |= set(json.loads(quoted) if quoted.startswith('"') and "\\u{" not in quoted else _unescaped(quoted))
    return {one for one in found if one != _SUBSTITUTE}


def _unescaped(quoted: str) -> str:
    """Rust writes what has no width by its number, as in u{200b}."""
    return "".join(chr(int(code, 16)) for code in re.findall(r"\\u\{([0-9a-f]+)\}", quoted))


def _day(paper: Paper) -> date:
    match paper:
        case Bill():
            return paper.issued_on
        case Receipt():
            return paper.received_on
        case Statement():
            return paper.made_on


def _parts(day: date) -> list[int]:
    return [day.year, day.month, day.day]
