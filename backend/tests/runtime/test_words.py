"""Everything that the product says, in every language that it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from string import Formatter

import pytest
from jinja2.ext import babel_extract
from pydantic_core._pydantic_core import list_all_errors

from nextbill.capabilities.hosting.http import welcome
from nextbill.capabilities.payments.http import pages
from nextbill.runtime import words
from nextbill.runtime.web import language, page
from nextbill.wiring import wire
from tests.support import sentences

FOREIGN = [other for other in words.LANGUAGES if other != words.SOURCE]
WITHOUT_A_CLASS = {
    "headers_too_large",
    "http_error",
    "internal_error",
    "malformed_request",
    "method_not_allowed",
    "unsupported_media_type",
}
FROM_ELSEWHERE = {
    "Not Found",
    "Method Not Allowed",
    "There was an error parsing the body",
    "{} leads to a private or reserved address, which is not on the list of allowed ones",
}
"""What the framework says, and what outbound calls refuse."""
NEVER_OF_A_REQUEST = {
    "no_such_attribute", "json_invalid", "needs_python_object", "frozen_field", "frozen_instance", "get_attribute_error", "dataclass_exact_type", "named_tuple_type",
    "default_factory_not_called", "iteration_error", "frozen_dict_type", "ordered_dict_type", "counter_type", "deque_type", "set_item_not_hashable", "missing_sentinel_error",
    "ellipsis_error", "is_instance_of", "is_subclass_of", "callable_type", "arguments_type", "missing_argument", "unexpected_keyword_argument", "missing_keyword_only_argument",
    "unexpected_positional_argument", "missing_positional_only_argument", "multiple_argument_values", "fraction_type", "fraction_parsing", "complex_type", "complex_str_parsing",
}  # fmt: skip
"""Errors of Python values, which JSON has none of; broken JSON has a code of its own."""
OWN_WORDS = {"value_error", "assertion_error"}


@pytest.fixture(autouse=True)
def _no_request() -> Iterator[None]:
    yield
    language.begin([])


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _of_templates() -> set[str]:
    options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    found: set[str] = set()
    for path in sentences.SOURCE.rglob("*.html.j2"):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "gettext"), [], options):
                parts = message if isinstance(message, tuple) else (message,)
                found |= {part for part in parts if part}
    return found


@pytest.mark.parametrize("foreign", FOREIGN)
def test_every_code_that_the_product_answers_has_a_title(foreign: str) -> None:
    assert wire, "all capabilities are imported, so that all their problems are known"
    codes = {kind.code for kind in sentences.problems()} | WITHOUT_A_CLASS
    assert set(words.catalog(foreign)["titles"]) == codes


def test_codes_without_a_class_are_all_those_that_the_web_layer_gives() -> None:
    rendered = "".join(path.read_text(encoding="utf-8") for path in (sentences.SOURCE / "runtime" / "web").glob("*.py"))
    given = set(re.findall(r'render\(\s*\d+,\s*"(\w+)"', rendered)) | set(re.findall(r'^    \d{3}: "(\w+)"', rendered, re.MULTILINE)) | {"http_error"}
    assert given - {kind.code for kind in sentences.problems()} == WITHOUT_A_CLASS


@pytest.mark.parametrize("foreign", FOREIGN)
def test_every_message_in_the_code_has_its_words_and_no_words_are_left_over(foreign: str) -> None:
    said = sentences.messages()
    assert len(said) > 100
    known = {sentences.blank(english) for english in words.catalog(foreign)["messages"]}
    assert {message: place for message, place in said.items() if message not in known} == {}
    assert known - set(said) == FROM_ELSEWHERE


@pytest.mark.parametrize("foreign", FOREIGN)
def test_messages_name_only_what_the_english_ones_name(foreign: str) -> None:
    wrong = {english: text for english, text in words.catalog(foreign)["messages"].items() if not _names(text) <= _names(english)}
    assert wrong == {}


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_message_is_found_by_its_own_pattern(foreign: str) -> None:
    for english, text in words.catalog(foreign)["messages"].items():
        values = {name: f"{name}-x1" for name in _names(english)}
        assert words.told(english.format_map(values), foreign) == text.format_map(values)


@pytest.mark.parametrize("foreign", FOREIGN)
def test_every_error_of_validation_that_a_request_can_cause_has_words(foreign: str) -> None:
    validation = words.catalog(foreign)["validation"]
    known = {error["type"]: error for error in list_all_errors()}
    assert set(validation) == set(known) - NEVER_OF_A_REQUEST - OWN_WORDS
    for kind, text in validation.items():
        assert _names(text) <= set(known[kind].get("example_context") or {}), kind


@pytest.mark.parametrize("foreign", FOREIGN)
def test_every_part_of_a_page_has_its_words_with_the_same_names_and_markup(foreign: str) -> None:
    dead = {text for pair in welcome._DEAD.values() for text in pair}
    said = _of_templates() | dead | set(pages._DECLINES.values()) | {pages._DECLINED}
    known = words.catalog(foreign)["pages"]
    assert said ^ set(known) == set()
    for english, text in known.items():
        assert sorted(set(re.findall(r"%\(\w+\)s|<[^>]+>", english))) == sorted(set(re.findall(r"%\(\w+\)s|<[^>]+>", text))), english


def test_no_words_stand_in_a_template_outside_of_what_is_translated() -> None:
    bare = {}
    for path in sentences.SOURCE.rglob("*.html.j2"):
        text = re.sub(
            r"\{% trans.*?%\}.*?\{% endtrans %\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|&#?\w+;", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        left = " ".join(text.split()).replace("·", "").strip()
        if left:
            bare[path.name] = left
    assert bare == {"sandbox.html.j2": "NextPanel Billing"}, "the product's name alone is no word"


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,de;q=0.2", "de"),
        ("en;q=0.2, de;q=0.9", "de"),
        ("DE", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr", None),
        ("*", None),
        ("", None),
        ("de;q=nan", None),
        ("de;q=2", None),
        (",;q=,-,;;;=", None),
    ],
)
def test_the_language_is_the_first_of_the_browsers_that_we_speak(accepted: str, found: str | None) -> None:
    assert language.preferred(accepted) == found


@pytest.mark.parametrize(
    ("cookie", "found"),
    [
        ("np_locale=de", "de"),
        ("a=b; np_locale=de; c=d", "de"),
        ("np_locale=fr", "en"),
        ("x_np_locale=de", "en"),
        ("np_locale=de\x00", "en"),
        ("", "en"),
    ],
)
def test_the_portals_choice_goes_before_the_browsers(cookie: str, found: str) -> None:
    language.begin([(b"cookie", cookie.encode("latin-1")), (b"accept-language", b"en")])
    assert language.current() == found


def test_amounts_and_choices_inside_a_message_are_the_languages() -> None:
    assert words.told("12.50 USD are left.", "de") == "12,50\xa0$ sind übrig."
    assert words.field("literal_error", "", {"expected": "'month' or 'year'"}, "de") == "eines davon: 'month' oder 'year'"
    assert words.told("needed: street and number", "de") == "wird gebraucht: Straße und Hausnummer"


@pytest.mark.parametrize("said", ["Do not honor", "Try again in {} seconds.", "x" * 5000])
def test_what_is_not_ours_stays_as_it_is(said: str) -> None:
    assert words.told(said, "de") in (said, "Versuchen Sie es in {} Sekunden noch einmal.")
    assert words.told(said, "en") == said


def test_moments_are_written_with_the_weekday() -> None:
    when = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    language.begin([(b"accept-language", b"de")])
    assert page.moment(when) == "Samstag, 21. November 2026, 09:05"
    language.begin([])
    assert page.moment(when) == "Saturday, 21 November 2026, 09:05"
    assert set(page.MOMENTS) == set(words.LANGUAGES)
