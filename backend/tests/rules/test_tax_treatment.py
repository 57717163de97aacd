"""Where a sale is taxed and how: seller × buyer × kind × threshold × what the register says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from nextbill.capabilities.tax.rules import Exemption, Policy, Proof, Situation, Treatment, decide, in_words, judge
from nextbill.capabilities.tax.rules.rates import STANDARD_RATES
from nextbill.capabilities.tax.rules.union import MEMBERS, territory, union_id
from nextbill.capabilities.tax.rules.wording import _WORDS, LANGUAGES
from nextbill.kernel.ids import new_id

GERMAN = Policy(new_id(), 1, date(2026, 1, 1), "DE", "EUR", threshold_minor=1_000_000)
SMALL, FRENCH_SMALL = replace(GERMAN, small_business=True), replace(GERMAN, seller_country="FR", small_business=True)
REGISTERED, BELOW = replace(GERMAN, oss="registered"), replace(GERMAN, oss="below_threshold")
AMERICAN, AMERICAN_OSS = replace(GERMAN, seller_country="US"), replace(GERMAN, seller_country="US", oss="registered")
EXPORTER = replace(GERMAN, third_country="G")
C, B = "consumer", "business"

# seller, buyer's country, postal code, kind, state of the id, past the threshold → scheme, place, category, code, reason
MATRIX: list[tuple[Policy | None, str, str, str, Any, bool, tuple[Any, ...]]] = [
    (GERMAN, "DE", "10115", C, "none", False, ("domestic", "DE", "S", None, "rate")),
    (GERMAN, "DE", "10115", B, "valid", True, ("domestic", "DE", "S", None, "rate")),
    (GERMAN, "FR", "75001", C, "none", False, ("home", "DE", "S", None, "rate")),
    (GERMAN, "FR", "75001", C, "none", True, ("destination", "FR", "S", None, "rate")),
    (GERMAN, "FR", "75001", B, "valid", False, ("reverse_charge", None, "AE", "VATEX-EU-AE", "reverse_charge")),
    (GERMAN, "FR", "75001", B, "valid", True, ("reverse_charge", None, "AE", "VATEX-EU-AE", "reverse_charge")),
    (GERMAN, "FR", "75001", B, "none", False, ("home", "DE", "S", None, "rate")),
    *[(GERMAN, "FR", "75001", B, state, False, ("home", "DE", "S", None, "rate")) for state in ("pending", "invalid", "unavailable", "stale")],
    *[(GERMAN, "FR", "75001", B, state, True, ("destination", "FR", "S", None, "rate")) for state in ("pending", "invalid", "unavailable", "stale")],
    (GERMAN, "FR", "75001", C, "valid", False, ("home", "DE", "S", None, "rate")),
    (REGISTERED, "FR", "75001", C, "none", False, ("destination", "FR", "S", None, "rate")),
    (BELOW, "FR", "75001", C, "none", True, ("home", "DE", "S", None, "rate")),
    (GERMAN, "GR", "10431", B, "valid", False, ("reverse_charge", None, "AE", "VATEX-EU-AE", "reverse_charge")),
    (GERMAN, "MC", "98000", C, "none", True, ("destination", "FR", "S", None, "rate")),
    (GERMAN, "US", "94105", C, "none", False, ("outside", "US", "O", "VATEX-EU-O", "outside_scope")),
    (GERMAN, "CH", "8001", B, "unchecked", False, ("outside", "CH", "O", "VATEX-EU-O", "outside_scope")),
    (EXPORTER, "CH", "8001", B, "unchecked", False, ("outside", "CH", "G", "VATEX-EU-G", "export")),
    (GERMAN, "GB", "BT1 5GS", B, "valid", False, ("outside", "GB", "O", "VATEX-EU-O", "outside_scope")),
    (GERMAN, "ES", "35001", C, "none", True, ("outside", "ES", "O", "VATEX-EU-O", "outside_scope")),
    (GERMAN, "DE", "78266", C, "none", False, ("outside", "DE", "O", "VATEX-EU-O", "outside_scope")),
    (GERMAN, "FI", "22100", B, "valid", False, ("outside", "FI", "O", "VATEX-EU-O", "outside_scope")),
    (SMALL, "DE", "10115", C, "none", False, ("small_business", None, "E", None, "small_business")),
    (SMALL, "FR", "75001", C, "none", False, ("small_business", None, "E", None, "small_business")),
    (SMALL, "FR", "75001", C, "none", True, ("destination", "FR", "S", None, "rate")),
    (SMALL, "FR", "75001", B, "valid", False, ("reverse_charge", None, "AE", "VATEX-EU-AE", "reverse_charge")),
    (SMALL, "US", "94105", C, "none", False, ("outside", "US", "O", "VATEX-EU-O", "outside_scope")),
    (FRENCH_SMALL, "FR", "75001", C, "none", False, ("small_business", None, "E", "VATEX-FR-FRANCHISE", "small_business")),
    (AMERICAN, "US", "94105", C, "none", True, ("rules", "US", "S", None, "rate")),
    (AMERICAN, "FR", "75001", C, "none", True, ("rules", "FR", "S", None, "rate")),
    (AMERICAN_OSS, "FR", "75001", C, "none", False, ("destination", "FR", "S", None, "rate")),
    (AMERICAN_OSS, "FR", "75001", B, "valid", False, ("reverse_charge", None, "AE", "VATEX-EU-AE", "reverse_charge")),
    (None, "FR", "75001", C, "none", True, ("rules", "FR", "S", None, "rate")),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "country", "postal_code", "status", "id_state", "past", "expected"), MATRIX)
def test_the_matrix(policy: Policy | None, country: str, postal_code: str, status: str, id_state: Any, past: bool, expected: tuple[Any, ...]) -> None:
    found = decide(policy, Situation(territory(country, postal_code), status, id_state, past))
    assert (found.scheme, found.place, found.category, found.exemption_code, found.reason) == expected
    assert (found.category in ("S", "O", "G")) or found.place is None


@pytest.mark.parametrize("policy", [None, GERMAN, SMALL, AMERICAN_OSS])
def test_a_certificate_frees_whoever_sells(policy: Policy | None) -> None:
    situation = Situation(territory("DE", "10115"), C, "none", exemption=Exemption("EX-1", "DE"))
    assert decide(policy, situation) == Treatment("certificate", None, "E", None, "certificate", {"number": "EX-1", "country": "DE"})


def test_no_vat_only_with_a_proven_id() -> None:
    """Whatever else is so, a sale into another member state goes without VAT for nothing but a valid id of a business."""
    for policy in (GERMAN, REGISTERED, BELOW):
        for country in sorted(MEMBERS - {"DE"}):
            for status in (C, B):
                for state in ("none", "pending", "valid", "invalid", "unavailable", "stale", "unchecked"):
                    found = decide(policy, Situation(territory(country, None), status, state, True))  # type: ignore[arg-type]  # every state
                    assert (found.category == "AE") == (status == B and state == "valid")
                    assert found.category in ("AE", "S")


@pytest.mark.parametrize("reason", sorted(_WORDS))
@pytest.mark.parametrize("language", [*LANGUAGES, "de-AT", "fr"])
def test_every_reason_has_words(reason: str, language: str) -> None:
    said = in_words(reason, {"name": "VAT 19 % (DE)", "country": "US", "seller": "DE", "number": "EX-1"}, language)
    assert said
    assert "{" not in said


def test_words_are_the_country_s_or_the_shop_s() -> None:
    german = decide(SMALL, Situation(territory("DE", None), C, "none"))
    assert in_words(german.reason, german.params, "de") == "Gemäß § 19 UStG wird keine Umsatzsteuer berechnet."
    own = decide(replace(SMALL, small_business_notes={"de": "Kleinunternehmer."}), Situation(territory("DE", None), C, "none"))
    assert in_words(own.reason, own.params, "de") == "Kleinunternehmer."
    assert in_words(own.reason, own.params, "en") == "No VAT is charged under § 19 UStG (small business)"
    abroad = decide(GERMAN, Situation(territory("CH", None), C, "none"))
    assert in_words(abroad.reason, abroad.params, "de").endswith("(Schweiz)")


@pytest.mark.parametrize(
    ("country", "postal_code", "taxed_as", "member", "region"),
    [
        ("DE", "10115", "DE", True, None), ("DE", "27498", "DE", False, None), ("ES", "28001", "ES", True, None), ("ES", "51001", "ES", False, None),
        ("ES", "52 006", "ES", False, None), ("FR", "97400", "FR", False, None), ("GR", "630 86", "GR", False, None), ("GR", "63087", "GR", True, None),
        ("IT", "23041", "IT", False, None), ("IT", "22061", "IT", False, None), ("PT", "9000-001", "PT", True, "PT-30"), ("PT", "9500-100", "PT", True, "PT-20"),
        ("PT", "1000-001", "PT", True, None), ("AT", "6992", "AT", True, "AT-JM"), ("MC", "98000", "FR", True, None), ("IM", "IM1 1AA", "GB", False, None),
        ("GP", "97100", "GP", False, None), ("DE", None, "DE", True, None),
    ],
)  # fmt: skip
def test_territories(country: str, postal_code: str | None, taxed_as: str, member: bool, region: str | None) -> None:
    found = territory(country, postal_code)
    assert (found.country, found.member, found.region) == (taxed_as, member, region)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("DE136695976", "DE", "DE136695976"), ("de 136 695 976", "DE", "DE136695976"), ("136695976", "DE", "DE136695976"), ("094259216", "GR", "EL094259216"),
        ("EL094259216", "GR", "EL094259216"), ("XI110305878", "GB", "XI110305878"), ("110305878", "GB", None), ("DE136695977", "DE", None), ("FR123", "FR", None),
        ("12-3456789", "US", None), ("ATU13585627", "AT", "ATU13585627"), ("NL004495445B01", "NL", "NL004495445B01"),
    ],
)  # fmt: skip
def test_ids_of_the_union(text: str, country: str, expected: str | None) -> None:
    found = union_id(text, country)
    assert (str(found) if found else None) == expected


def test_every_member_has_one_standard_rate_a_day() -> None:
    for day in (date(2025, 1, 1), date(2025, 12, 31), date(2026, 11, 21), date(2030, 1, 1)):
        held = [
            rate for rate in STANDARD_RATES if rate.region is None and rate.valid_from <= day and (rate.valid_until is None or day < rate.valid_until)
        ]
        assert sorted(rate.country for rate in held) == sorted(MEMBERS)
    now = {rate.country: rate.rate_ppm for rate in STANDARD_RATES if rate.region is None and rate.valid_until is None}
    assert (now["DE"], now["FI"], now["EE"], now["SK"], now["RO"], now["HU"], now["LU"]) == (
        190_000,
        255_000,
        240_000,
        230_000,
        210_000,
        270_000,
        170_000,
    )


@pytest.mark.parametrize(
    ("proofs", "verdict"),
    [
        ([], "single"),
        ([("billing_address", "FR")], "single"),
        ([("billing_address", "FR"), ("ip_address", "FR")], "proven"),
        ([("billing_address", "FR"), ("ip_address", "FR"), ("card", "US")], "proven"),
        ([("billing_address", "FR"), ("ip_address", "ES")], "conflict"),
        ([("ip_address", "ES"), ("card", "ES")], "conflict"),
        ([("billing_address", "FR"), ("billing_address", "FR")], "single"),
    ],
)
def test_two_proofs(proofs: list[tuple[Any, str]], verdict: str) -> None:
    assert judge([Proof(kind, country) for kind, country in proofs], charged_for="FR") == verdict


@pytest.mark.parametrize(
    ("name", "said"), [("VAT 19 % (DE)", "USt. 19 % (DE)"), ("VAT 5.5 % (ES-CN)", "USt. 5,5 % (ES-CN)"), ("VAT for streaming", "VAT for streaming")]
)
def test_standard_rates_are_named_in_german_and_those_of_staff_as_they_wrote_them(name: str, said: str) -> None:
    assert in_words("rate", {"name": name}, "de-AT") == said
    assert in_words("rate", {"name": name}, "en") == name
