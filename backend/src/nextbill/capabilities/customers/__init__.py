"""Who buys: profile, address, tax id."""

from __future__ import annotations

from nextbill.capabilities.customers.commands import check_registration, register_customer, set_address, update_profile
from nextbill.capabilities.customers.errors import IncompleteContact, UnknownCustomer
from nextbill.capabilities.customers.events import CustomerRegistered, TaxDataChanged
from nextbill.capabilities.customers.queries import Customer, Payer, contact_for_registrar, get_customer, get_customers, get_payers
from nextbill.capabilities.customers.rules import Address, CustomerId, ProfileChanges, RegistrantContact, Status, phone_country

__all__ = [
    "Address",
    "Customer",
    "CustomerId",
    "CustomerRegistered",
    "IncompleteContact",
    "Payer",
    "ProfileChanges",
    "RegistrantContact",
    "Status",
    "TaxDataChanged",
    "UnknownCustomer",
    "check_registration",
    "contact_for_registrar",
    "get_customer",
    "get_customers",
    "get_payers",
    "phone_country",
    "register_customer",
    "set_address",
    "update_profile",
]
