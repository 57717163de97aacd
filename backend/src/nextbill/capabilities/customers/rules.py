"""What makes a profile and an address good enough: for an invoice, a tax office, a registrar. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NewType, TypedDict
from uuid import UUID

import phonenumbers
import stdnum
from msgspec import Struct
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

CustomerId = NewType("CustomerId", UUID)
Status = Literal["consumer", "business"]

# ISO 3166-1 alpha-2. The phone library's list, without the codes that ISO has not given out.
COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS) - {"AC", "TA", "XK"}
# Where an address needs a state: its code and name, as post offices and registrars know them.
_STATES_TEXT = """\
US: AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, DE Delaware, DC District of Columbia, FL
    Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana, ME Maine, MD Maryland,
    MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi, MO Missouri, MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New
    Jersey, NM New Mexico, NY New York, NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, RI Rhode
    Island, SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia, WA Washington, WV West Virginia,
    WI Wisconsin, WY Wyoming, AS American Samoa, GU Guam, MP Northern Mariana Islands, PR Puerto Rico, VI Virgin Islands, AA Armed Forces
    Americas, AE Armed Forces Europe, AP Armed Forces Pacific
CA: AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, NL Newfoundland and Labrador, NS Nova Scotia, NT Northwest Territories,
    NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, YT Yukon
AU: ACT Australian Capital Territory, NSW New South Wales, NT Northern Territory, QLD Queensland, SA South Australia, TAS Tasmania, VIC
    Victoria, WA Western Australia
IN: AN Andaman and Nicobar Islands, AP Andhra Pradesh, AR Arunachal Pradesh, AS Assam, BR Bihar, CH Chandigarh, CG Chhattisgarh, DH Dadra
    and Nagar Haveli and Daman and Diu, DL Delhi, GA Goa, GJ Gujarat, HR Haryana, HP Himachal Pradesh, JK Jammu and Kashmir, JH Jharkhand,
    KA Karnataka, KL Kerala, LA Ladakh, LD Lakshadweep, MP Madhya Pradesh, MH Maharashtra, MN Manipur, ML Meghalaya, MZ Mizoram, NL
    Nagaland, OD Odisha, PY Puducherry, PB Punjab, RJ Rajasthan, SK Sikkim, TN Tamil Nadu, TS Telangana, TR Tripura, UP Uttar Pradesh, UK
    Uttarakhand, WB West Bengal
BR: AC Acre, AL Alagoas, AP Amapá, AM Amazonas, BA Bahia, CE Ceará, DF Distrito Federal, ES Espírito Santo, GO Goiás, MA Maranhão, MT Mato
    Grosso, MS Mato Grosso do Sul, MG Minas Gerais, PA Pará, PB Paraíba, PR Paraná, PE Pernambuco, PI Piauí, RJ Rio de Janeiro, RN Rio
    Grande do Norte, RS Rio Grande do Sul, RO Rondônia, RR Roraima, SC Santa Catarina, SP São Paulo, SE Sergipe, TO Tocantins
"""


def _read_states(text: str) -> dict[str, dict[str, str]]:
    """By country: code → name."""
    found: dict[str, dict[str, str]] = {}
    for country, listed in re.findall(r"^([A-Z]{2}): (.*(?:\n    .*)*)", text, re.MULTILINE):
        pairs = (pair.strip().partition(" ") for pair in " ".join(listed.split()).split(","))
        found[country] = {code: name for code, _, name in pairs}
    return found


STATES = _read_states(_STATES_TEXT)
_NO_POSTAL_CODES_TEXT = """
AE AG AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY HK JM KI KM KN KP ML MO MR MW NR NU PA QA RW SB SC SL
SR SS ST SX SY TD TG TK TL TO TV UG VU YE ZW
"""
_WITHOUT_POSTAL_CODE = frozenset(_NO_POSTAL_CODES_TEXT.split())
_POSTAL: dict[str, tuple[str, str]] = {
    "AT": (r"\d{4}", "1010"),
    "AU": (r"\d{4}", "2000"),
    "BE": (r"\d{4}", "1000"),
    "BR": (r"\d{5}-?\d{3}", "01310-100"),
    "CA": (r"[A-Z]\d[A-Z] ?\d[A-Z]\d", "K1A 0B1"),
    "CH": (r"\d{4}", "8001"),
    "CZ": (r"\d{3} ?\d{2}", "110 00"),
    "DE": (r"\d{5}", "10115"),
    "DK": (r"\d{4}", "1050"),
    "ES": (r"\d{5}", "28001"),
    "FI": (r"\d{5}", "00100"),
    "FR": (r"\d{5}", "75001"),
    "GB": (r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "SW1A 1AA"),
    "IN": (r"\d{6}", "110001"),
    "IT": (r"\d{5}", "00118"),
    "JP": (r"\d{3}-?\d{4}", "100-0001"),
    "MX": (r"\d{5}", "06000"),
    "NL": (r"\d{4} ?[A-Z]{2}", "1012 AB"),
    "NO": (r"\d{4}", "0150"),
    "PL": (r"\d{2}-\d{3}", "00-001"),
    "PT": (r"\d{4}-\d{3}", "1000-001"),
    "SE": (r"\d{3} ?\d{2}", "111 22"),
    "US": (r"\d{5}(-\d{4})?", "94105"),
}
_ANY_POSTAL = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,10}[A-Z0-9]")
_TAX_ID = re.compile(r"[A-Z0-9][A-Z0-9./-]{3,24}")


class Address(Struct, frozen=True, gc=False):
    """A postal address. `country` is ISO 3166-1 alpha-2; `state` a code where we know the country's, else free, "" where there is none."""

    line_1: str
    line_2: str
    city: str
    state: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class RegistrantContact:
    """Who will hold a domain name, as registrars ask for it. `phone` is E.164; what a person or country does not have is ""."""

    name: str
    company: str
    email: str
    phone: str
    address_line_1: str
    address_line_2: str
    city: str
    state: str
    postal_code: str
    country: str


class ProfileChanges(TypedDict, total=False):
    """What is to change; None empties what may be empty."""

    name: str
    company: str | None
    phone: str | None
    status: Status
    tax_id: str | None
    locale: str
    invoice_email: str | None
    buyer_reference: str | None


def checked_address(address: Address) -> tuple[Address, dict[str, str]]:
    """The address in its normal form, and what is wrong by field (`line_1`, `state` …)."""
    country = address.country.strip().upper()
    if country not in COUNTRIES:
        return address, {"country": "two letters by ISO 3166, such as US or DE"}
    wrong = {
        name: f"needed: {what}"
        for name, what in (("line_1", "street and number"), ("city", "the city or town"))
        if not getattr(address, name).strip()
    }
    postal_code, state = " ".join(address.postal_code.upper().split()), " ".join(address.state.split())
    postal_problem, state_problem = _postal_problem(postal_code, country), None
    if country in STATES:
        state, state_problem = _state_code(state, country)
    wrong |= {name: problem for name, problem in (("postal_code", postal_problem), ("state", state_problem)) if problem}
    return Address(address.line_1.strip(), address.line_2.strip(), address.city.strip(), state, postal_code, country), wrong


def _postal_problem(postal_code: str, country: str) -> str | None:
    if not postal_code:
        return None if country in _WITHOUT_POSTAL_CODE else "needed in this country"
    if country in _POSTAL:
        pattern, example = _POSTAL[country]
        return None if re.fullmatch(pattern, postal_code) else f"not a postal code of this country; one looks like {example}"
    return None if _ANY_POSTAL.fullmatch(postal_code) else "3 to 12 letters, digits, spaces and hyphens"


def _state_code(state: str, country: str) -> tuple[str, str | None]:
    """The code, given as code or name."""
    known = STATES[country]
    if state.upper() in known:
        return state.upper(), None
    for code, name in known.items():
        if name.casefold() == state.casefold():
            return code, None
    return state, f"needed in this country: one of {', '.join(known)}" if not state else f"not a state of this country; one of {', '.join(known)}"


def checked_phone(text: str, country: str | None) -> str:
    """E.164. ValueError says what to do; without + the number is read as one of `country`."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise ValueError("write the number with its country code, such as +1 415 555 0123") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("there is no such phone number: check country code and digits")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_country(phone: str) -> str | None:
    """The country of an E.164 number by ISO 3166; None where it belongs to none, such as a satellite phone's."""
    found = phonenumbers.region_code_for_number(phonenumbers.parse(phone, None))
    return found if found in COUNTRIES else None


def checked_tax_id(text: str, country: str | None) -> str:
    """The compact form. EU numbers are known by their prefix, others by the address's country; where we know no form, any is taken. ValueError."""
    compact = re.sub(r"[\s]", "", text).upper()
    if not _TAX_ID.fullmatch(compact):
        raise ValueError("4 to 25 letters and digits")
    prefix = compact[:2].lower().replace("el", "gr")
    member = (country or "").lower() in eu_vat.MEMBER_STATES
    try:
        if prefix in eu_vat.MEMBER_STATES and (member or country is None):
            return str(eu_vat.validate(compact))
        if member:
            return str(eu_vat.validate(f"{_vat_prefix(country or '')}{compact}"))
        module = stdnum.get_cc_module(country, "vat") if country else None
        return str(module.validate(compact)) if module else compact
    except ValidationError:
        raise ValueError("not a tax number of your country: check its digits") from None


def _vat_prefix(country: str) -> str:
    """Greece writes EL."""
    return "EL" if country == "GR" else country


def missing_for_registrar(contact: RegistrantContact) -> dict[str, str]:
    """Each field that a registrar asks for and we do not have, with what to do."""
    wanted: Mapping[str, tuple[str, str]] = {
        "name": (contact.name, "add your name to the profile"),
        "phone": (contact.phone, "add a phone number with its country code to the profile, such as +1 415 555 0123"),
        "address.line_1": (contact.address_line_1, "add street and number to the address"),
        "address.city": (contact.city, "add the city to the address"),
        "address.country": (contact.country, "add the country to the address"),
    }
    missing = {field: what for field, (value, what) in wanted.items() if not value}
    if not contact.postal_code and contact.country not in _WITHOUT_POSTAL_CODE:
        missing["address.postal_code"] = "add the postal code to the address"
    if not contact.state and contact.country in STATES:
        missing["address.state"] = "add the state to the address"
    return missing
