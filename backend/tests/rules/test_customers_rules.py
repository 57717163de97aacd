"""What makes an address, a phone number and a tax id good enough."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from nextbill.capabilities.customers.rules import (
    COUNTRIES,
    STATES,
    Address,
    RegistrantContact,
    checked_address,
    checked_phone,
    checked_tax_id,
    missing_for_registrar,
)

BERLIN = Address("Unter den Linden 1", "", "Berlin", "", "10117", "DE")
WHOLE = RegistrantContact("Ada", "", "ada@example.com", "+14155550123", "1 Market Street", "", "San Francisco", "CA", "94105", "US")


@pytest.mark.parametrize(
    "address",
    [
        BERLIN,
        Address("1 Market Street", "", "San Francisco", "ca", "94105-1234", "us"),
        Address("1 Market Street", "", "San Francisco", "California", "94105", "US"),
        Address("10 Downing Street", "", "London", "", "sw1a 2aa", "GB"),
        Address("Avenida Paulista 1", "", "São Paulo", "São Paulo", "01310-100", "BR"),
        Address("Sheikh Zayed Road 1", "", "Dubai", "", "", "AE"),
    ],
)
def test_good_addresses(address: Address) -> None:
    normal, wrong = checked_address(address)
    assert wrong == {}
    assert checked_address(normal) == (normal, {})


@pytest.mark.parametrize("country", sorted(STATES))
def test_countries_with_states_ask_for_one(country: str) -> None:
    for state in ("", "Nowhere"):
        assert "state" in checked_address(Address("1 Street", "", "City", state, "", country))[1]


@given(st.sampled_from(sorted(STATES)), st.data())
def test_a_state_is_taken_by_code_or_name(country: str, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(STATES[country])))
    for given_as in (code.lower(), STATES[country][code].upper()):
        normal, wrong = checked_address(Address("1 Street", "", "City", given_as, "", country))
        assert "state" not in wrong
        assert normal.state == code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"line_1": " "}, "line_1"),
        ({"city": ""}, "city"),
        ({"postal_code": ""}, "postal_code"),
        ({"postal_code": "1011"}, "postal_code"),
        ({"country": "XX"}, "country"),
    ],
)
def test_each_missing_field_is_named(change: dict[str, str], field: str) -> None:
    assert list(checked_address(structs.replace(BERLIN, **change))[1]) == [field]


def test_countries_are_those_of_iso_3166() -> None:
    assert {"US", "DE", "BR", "JP", "ZA"} <= COUNTRIES
    assert not {"XK", "EU", "UK", "AC"} & COUNTRIES


@pytest.mark.parametrize(
    ("typed", "country", "normal"),
    [
        ("+1 415 555 0123", None, "+14155550123"),
        ("(415) 555-0123", "US", "+14155550123"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+49 30 901820", "US", "+4930901820"),
    ],
)
def test_phone_numbers_become_e164(typed: str, country: str | None, normal: str) -> None:
    assert checked_phone(typed, country) == normal
    assert checked_phone(normal, None) == normal


@pytest.mark.parametrize("typed", ["", "call me", "415 555 0123", "+1 415", "+999 123456789"])
def test_bad_phone_numbers_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="country code"):
        checked_phone(typed, None)


@pytest.mark.parametrize(
    ("typed", "country", "normal"),
    [
        ("DE 136 695 976", "DE", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("de136695976", None, "DE136695976"),
        ("GB 980 7806 84", "GB", "980780684"),
        ("12-3456789", "US", "12-3456789"),
        ("ATU33864707", "AT", "ATU33864707"),
        ("EL 094259216", "GR", "EL094259216"),
        ("51 824 753 556", "AU", "51824753556"),
    ],
)
def test_tax_ids_are_checked_where_the_form_is_known(typed: str, country: str | None, normal: str) -> None:
    assert checked_tax_id(typed, country) == normal


@pytest.mark.parametrize(("typed", "country"), [("DE136695977", "DE"), ("1", "US"), ("FR123", "FR"), ("51824753557", "AU"), ("<script>", None)])
def test_bad_tax_ids_are_refused(typed: str, country: str | None) -> None:
    with pytest.raises(ValueError, match="tax number|letters and digits"):
        checked_tax_id(typed, country)


def test_a_whole_contact_lacks_nothing() -> None:
    assert missing_for_registrar(WHOLE) == {}


@given(st.sets(st.sampled_from(["name", "phone", "address_line_1", "city", "state", "postal_code", "country"])))
def test_every_missing_field_of_a_contact_is_named_with_what_to_do(emptied: set[str]) -> None:
    missing = missing_for_registrar(replace(WHOLE, **dict.fromkeys(emptied, "")))
    names = {
        "address_line_1": "address.line_1",
        "city": "address.city",
        "postal_code": "address.postal_code",
        "country": "address.country",
        "state": "address.state",
    }
    # Without a country nobody knows whether it has states.
    expected = {names.get(field, field) for field in emptied if field != "state" or "country" not in emptied}
    assert set(missing) == expected
    assert all(what.startswith("add ") for what in missing.values())
