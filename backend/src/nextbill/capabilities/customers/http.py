"""Registering, and one's own profile and address."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from nextbill.capabilities import identity
from nextbill.capabilities.customers.commands import check_registration, register_customer, set_address, update_profile
from nextbill.capabilities.customers.errors import UnknownCustomer
from nextbill.capabilities.customers.queries import Customer, get_customer
from nextbill.capabilities.customers.rules import Address, ProfileChanges, Status
from nextbill.kernel.email_address import parse_email
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.web import language, problem
from nextbill.runtime.web.access import CustomerCaller, NotAuthenticated, NotPermitted, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.shapes import Body

router = APIRouter()
CALLER_PROBLEMS = (NotAuthenticated, NotPermitted, identity.BadAccessToken, identity.TokenExpired, identity.SessionEnded)

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_PRINTABLE)]
MayBeEmpty = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=_PRINTABLE)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=_PRINTABLE)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(parse_email)]
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=1024)]


class AddressBody(Body):
    """`state` where the country's addresses have one (US, CA, AU, IN, BR: its code or name); `country` by ISO 3166, two letters."""

    line_1: MayBeEmpty = Field(examples=["1 Market Street"])
    line_2: MayBeEmpty = ""
    city: MayBeEmpty = Field(examples=["San Francisco"])
    state: MayBeEmpty = Field(default="", examples=["CA"])
    postal_code: Short = Field(default="", examples=["94105"])
    country: Short = Field(examples=["US"])

    def address(self) -> Address:
        return Address(self.line_1, self.line_2, self.city, self.state, self.postal_code, self.country)

    @classmethod
    def of(cls, address: Address) -> AddressBody:
        return cls(
            line_1=address.line_1,
            line_2=address.line_2,
            city=address.city,
            state=address.state,
            postal_code=address.postal_code,
            country=address.country,
        )


class RegisterBody(Body):
    """Only e-mail address, password and name are needed now; a phone number and an address before the first order."""

    email: Email = Field(examples=["ada@example.com"])
    password: Password = Field(examples=["correct horse battery"])
    name: Line = Field(examples=["Ada Lovelace"])
    company: MayBeEmpty | None = None
    phone: Short | None = Field(default=None, examples=["+14155550123"])
    status: Status = "consumer"
    tax_id: Short | None = None
    locale: Short | None = Field(default=None, description="Language of mails; without it that of the request, else the shop's", examples=["de"])
    address: AddressBody | None = None

    def changes(self, locale: str) -> ProfileChanges:
        return {"company": self.company, "phone": self.phone, "status": self.status, "tax_id": self.tax_id, "locale": locale}


class Registered(BaseModel):
    """The same answer whether there was such a login before. Log in to go on; a link in the mail confirms the address."""

    status: str = Field(examples=["check_your_mail"])


class ProfileBody(Body):
    """What is left out stays; null empties."""

    name: Line = Field(default="-", examples=["Ada Lovelace"])
    company: MayBeEmpty | None = None
    phone: Short | None = Field(default=None, examples=["+14155550123"])
    status: Status = "consumer"
    tax_id: Short | None = None
    locale: Short = "en"
    invoice_email: Email | None = Field(default=None, description="Where documents go instead", examples=["accounts@example.com"])
    buyer_reference: Short | None = Field(
        default=None, description="What e-invoices have to bear, such as a routing id", examples=["04011000-12345-67"]
    )

    def changes(self) -> ProfileChanges:
        return cast("ProfileChanges", self.model_dump(exclude_unset=True))


class CustomerBody(BaseModel):
    id: UUID
    number: str = Field(examples=["CUS-000042"])
    name: str
    company: str | None
    email: str
    email_verified: bool
    phone: str | None = Field(examples=["+14155550123"])
    status: Status
    tax_id: str | None
    address: AddressBody | None
    locale: str = Field(examples=["en"])
    invoice_email: str | None
    buyer_reference: str | None
    created_at: datetime

    @classmethod
    def of(cls, customer: Customer) -> CustomerBody:
        return cls(
            id=customer.id,
            number=customer.number,
            name=customer.name,
            company=customer.company,
            email=customer.email,
            email_verified=customer.email_verified,
            phone=customer.phone,
            status=customer.status,
            tax_id=customer.tax_id,
            address=AddressBody.of(customer.address) if customer.address else None,
            locale=customer.locale,
            invoice_email=customer.invoice_email,
            buyer_reference=customer.buyer_reference,
            created_at=customer.created_at,
        )


@router.post(
    "/auth/register",
    status_code=202,
    tags=["auth"],
    responses=problem.responses(Invalid, identity.WeakPassword, identity.TooManyAttempts, identity.TooBusy),
)
async def register(body: RegisterBody, request: Request, ctx: Ctx) -> Registered:
    """Opens an account: log in with the same address and password at once. A taken address gets the same answer; its owner gets a mail."""
    identity.check_password(body.password, email=body.email)
    address = body.address.address() if body.address else None
    locale = body.locale or language.wished() or ctx.settings.company_language
    check_registration(changes=body.changes(locale), address=address)
    limits = identity.limits(live=ctx.settings.live)
    attempt = identity.Attempt.mail(limits, email=body.email, address=request.client.host if request.client else "unknown")
    async with ctx.database.writing(Role.WORK) as tx:
        await identity.count_attempt(tx, attempt, now=ctx.clock.now())
    password_hash = await identity.hash_password(body.password, email=body.email)
    now = ctx.clock.now()
    try:
        async with ctx.database.writing(Role.WORK) as tx:
            await register_customer(
                tx,
                email=body.email,
                password_hash=password_hash,
                name=body.name,
                company=body.company,
                phone=body.phone,
                status=body.status,
                tax_id=body.tax_id,
                address=address,
                locale=locale,
                now=now,
            )
    except identity.EmailTaken:
        async with ctx.database.writing(Role.WORK) as tx:
            await identity.note_repeated_registration(tx, email=body.email, now=now)
    return Registered(status="check_your_mail")


@router.get("/customers/me", tags=["customers"], responses=problem.responses(UnknownCustomer, *CALLER_PROBLEMS))
async def read_own_profile(caller: CustomerCaller, ctx: Ctx) -> CustomerBody:
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        return CustomerBody.of(await get_customer(tx, own_id(caller)))


@router.patch("/customers/me", tags=["customers"], responses=problem.responses(Invalid, UnknownCustomer, *CALLER_PROBLEMS))
async def change_own_profile(body: ProfileBody, caller: CustomerCaller, ctx: Ctx) -> CustomerBody:
    """Phone numbers are read with the country of the address where they have no country code. Only a business has a tax id."""
    async with ctx.database.writing(Role.APP, customer_id=own_id(caller)) as tx:
        return CustomerBody.of(await update_profile(tx, customer_id=own_id(caller), changes=body.changes(), now=ctx.clock.now()))


@router.put("/customers/me/address", tags=["customers"], responses=problem.responses(Invalid, UnknownCustomer, *CALLER_PROBLEMS))
async def put_own_address(body: AddressBody, caller: CustomerCaller, ctx: Ctx) -> CustomerBody:
    """The whole address. What a country's addresses need is asked for by name."""
    async with ctx.database.writing(Role.APP, customer_id=own_id(caller)) as tx:
        return CustomerBody.of(await set_address(tx, customer_id=own_id(caller), address=body.address(), now=ctx.clock.now()))
