"""The one page: ports → adapters, events → reactions, steps, jobs, ticks, invariants, routers. Plain lists, nothing registers itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import httpx
from fastapi import APIRouter

from nextbill.adapters.cii import CrossIndustryInvoice
from nextbill.adapters.nextpanel import NextPanel
from nextbill.adapters.registrars.resellerclub import ResellerClub
from nextbill.adapters.smtp import SmtpSettings, SmtpTransport
from nextbill.adapters.stripe import StripeGateway
from nextbill.adapters.taxjar import TaxJar
from nextbill.adapters.typst import TypstPress
from nextbill.adapters.vies import Vies
from nextbill.capabilities import hosting, identity, invoicing, licensing, orders, subscriptions, tax
from nextbill.capabilities.admin import http as admin_http
from nextbill.capabilities.catalog import http as catalog_http
from nextbill.capabilities.catalog import invariants as catalog_invariants
from nextbill.capabilities.customers import http as customers_http
from nextbill.capabilities.domains import http as domains_http
from nextbill.capabilities.domains import invariants as domains_invariants
from nextbill.capabilities.domains import jobs as domains_jobs
from nextbill.capabilities.domains.ports import Registrar
from nextbill.capabilities.hosting import http as hosting_http
from nextbill.capabilities.hosting import invariants as hosting_invariants
from nextbill.capabilities.hosting import jobs as hosting_jobs
from nextbill.capabilities.hosting.ports import ControlPanel
from nextbill.capabilities.identity import http as identity_http
from nextbill.capabilities.identity import invariants as identity_invariants
from nextbill.capabilities.identity import jobs as identity_jobs
from nextbill.capabilities.invoicing import http as invoicing_http
from nextbill.capabilities.invoicing import invariants as invoicing_invariants
from nextbill.capabilities.invoicing import reactions as invoicing_reactions
from nextbill.capabilities.invoicing.http.documents import make_documents_router
from nextbill.capabilities.ledger import http as ledger_http
from nextbill.capabilities.ledger import invariants as ledger_invariants
from nextbill.capabilities.licensing import http as licensing_http
from nextbill.capabilities.licensing import invariants as licensing_invariants
from nextbill.capabilities.licensing import jobs as licensing_jobs
from nextbill.capabilities.notifications import http as notifications_http
from nextbill.capabilities.notifications import jobs as notifications_jobs
from nextbill.capabilities.notifications import reactions as notifications_reactions
from nextbill.capabilities.notifications.ports import MailTransport
from nextbill.capabilities.orders import http as orders_http
from nextbill.capabilities.orders import invariants as orders_invariants
from nextbill.capabilities.payments import http as payments_http
from nextbill.capabilities.payments import invariants as payments_invariants
from nextbill.capabilities.payments import jobs as payments_jobs
from nextbill.capabilities.subscriptions import http as subscriptions_http
from nextbill.capabilities.subscriptions import invariants as subscriptions_invariants
from nextbill.capabilities.subscriptions import jobs as subscriptions_jobs
from nextbill.capabilities.subscriptions import reactions as subscriptions_reactions
from nextbill.capabilities.tax import http as tax_http
from nextbill.capabilities.tax import invariants as tax_invariants
from nextbill.capabilities.tax import jobs as tax_jobs
from nextbill.capabilities.tax.ports import IdRegister, TaxProvider
from nextbill.kernel.clock import Clock
from nextbill.processes.changes.jobs import ChangeJobs
from nextbill.processes.changes.reactions import Changes
from nextbill.processes.dunning.jobs import Dunning
from nextbill.processes.dunning.reactions import Debts
from nextbill.processes.purchase import http as purchase_http
from nextbill.processes.purchase import jobs as purchase_jobs
from nextbill.processes.purchase.commands import Means
from nextbill.processes.purchase.reactions import Purchase
from nextbill.processes.renewal import http as renewal_http
from nextbill.processes.renewal.jobs import Renewal
from nextbill.processes.renewal.queries import days_of
from nextbill.processes.renewal.reactions import Renewals
from nextbill.processes.taxation import http as taxation_http
from nextbill.processes.taxation.jobs import TaxationJobs
from nextbill.processes.taxation.reactions import Taxation
from nextbill.runtime import events, invariants, steps, travel
from nextbill.runtime.batching import Lines
from nextbill.runtime.crypto import FieldCipher, derive
from nextbill.runtime.database import Database, ReadTx, Role, role_urls
from nextbill.runtime.invariants import Invariant
from nextbill.runtime.jobs import Handler
from nextbill.runtime.outbound import guarded_client
from nextbill.runtime.settings import Settings
from nextbill.runtime.web import company, start
from nextbill.runtime.web.access import Authenticate
from nextbill.runtime.web.context import Context
from nextbill.runtime.web.idempotency import Scope
from nextbill.runtime.web.table import Route
from nextbill.runtime.worker import Tick
from nextbill.stationery import letterhead_of, seller_of
from nextbill.unheard import UNHEARD

__all__ = ["INVARIANTS", "TICKS", "UNHEARD", "Adapters", "Wired", "make_adapters", "wire"]

CALLS_IN_A_STEP = 5
"""The most calls that one step makes at a vendor's (a registrar's customer and contact, found or made); its lease covers them all."""

TICKS = [*identity_jobs.TICKS, *hosting_jobs.TICKS, *payments_jobs.TICKS, *purchase_jobs.TICKS, *tax_jobs.TICKS]
HOURLY_CHECK = Tick("runtime.check_invariants", timedelta(hours=1), invariants.ask)


@dataclass(frozen=True, slots=True)
class Adapters:
    gateway: StripeGateway
    registrar: Registrar
    panel: ControlPanel
    transport: MailTransport
    press: TypstPress
    e_invoices: CrossIndustryInvoice
    id_register: IdRegister
    tax_provider: TaxProvider | None
    http: httpx.AsyncClient


@dataclass(frozen=True, slots=True)
class Wired:
    """The product, ready for an entry point to start."""

    settings: Settings
    context: Context
    adapters: Adapters
    authenticate: Authenticate
    idempotency_scope: Scope
    handlers: Mapping[str, Handler]
    ticks: Sequence[Tick]
    invariants: Sequence[Invariant]
    routers: Sequence[APIRouter]
    pages: Sequence[APIRouter]
    lines: Lines
    panel_routes: Sequence[Route]
    described: Sequence[Callable[[dict[str, Any]], None]]
    reactions: Sequence[events.Reaction]

    @property
    def database(self) -> Database:
        return self.context.database

    async def close(self) -> None:
        await self.adapters.http.aclose()
        await self.lines.close()
        await self.adapters.gateway.close()
        self.adapters.press.close()
        await self.database.close()


def wire(settings: Settings, clock: Clock) -> Wired:
    secret = settings.secret_key.get_secret_value()
    cipher = FieldCipher.from_setting(settings.field_keys.get_secret_value() if settings.field_keys else None, secret)
    keys = licensing.LicenseKeys.from_secret(secret)
    adapters = make_adapters(settings)
    means = Means(cipher, keys, settings.company_time_zone)
    reactions = _reactions(settings, cipher, means)
    wired_to = events.wired_to(reactions)
    database = Database(role_urls(settings), pool_size=settings.database_pool_size, reactions=wired_to, home_currency=settings.currency)
    lease = timedelta(seconds=settings.vendor_timeout_seconds * CALLS_IN_A_STEP)
    lines = Lines(role_urls(settings)[Role.LICENSE])
    by_day = _by_day(settings, database)
    upkeep = licensing_jobs.Upkeep(lines, cipher=cipher)
    archive = _archive(settings, database, adapters)
    runner = steps.StepRunner(database, clock, _procedures(settings, cipher, adapters, archive), lease=lease)
    ticks = [*TICKS, *(tick for each in by_day for tick in each.ticks()), *upkeep.ticks(), HOURLY_CHECK]
    return Wired(
        settings=settings,
        context=Context(settings, database, clock, cipher, runner),
        adapters=adapters,
        authenticate=identity_http.authenticator(settings, database, clock),
        idempotency_scope=identity_http.idempotency_scope(settings),
        handlers={
            events.REACT: events.Reactor(database, clock, reactions),
            steps.RUN: runner,
            hosting_jobs.CHECK: hosting_jobs.CheckServer(adapters.panel, cipher, database),
            **identity_jobs.handlers(database),
            **payments_jobs.handlers(database, adapters.gateway, settings, cipher),
            **purchase_jobs.PurchaseJobs(database, means).handlers(),
            **{name: handler for each in by_day for name, handler in each.handlers().items()},
            **TaxationJobs(database).handlers(),
            **tax_jobs.handlers(adapters.id_register, adapters.tax_provider, cipher, database),
            invariants.CHECK: invariants.Checker(database, clock, INVARIANTS),
            travel.TRAVEL: travel.Traveller(database, clock, ticks),
        },
        ticks=ticks,
        invariants=INVARIANTS,
        routers=_routers(settings, adapters, keys, means, archive),
        lines=lines,
        panel_routes=licensing_http.make_panel_routes(settings, clock=clock, lines=lines, cipher=cipher),
        pages=[
            start.router,
            identity_http.pages,
            payments_http.make_pages(find_purchase=_find_purchase),
            hosting_http.welcome_router,
            invoicing_http.make_pages(_till(settings, adapters)),
        ],
        described=[licensing_http.describe_panels],
        reactions=reactions,
    )


def _by_day(settings: Settings, database: Database) -> tuple[ChangeJobs, Renewal, Dunning, subscriptions_jobs.Reminders, domains_jobs.Reminders]:
    """What falls due by the seller's days, and has to know which day it is."""
    zone = settings.company_time_zone
    changes = ChangeJobs(database, zone)
    return (
        changes,
        Renewal(
            database,
            seller=seller_of(settings),
            zone=zone,
            before=changes.find_due,
            live=settings.live,
            days=days_of(settings),
            brake=settings.billing_run_max_lines,
        ),
        Dunning(database, zone),
        subscriptions_jobs.Reminders(database, settings),
        domains_jobs.Reminders(database, settings),
    )


def make_adapters(settings: Settings) -> Adapters:
    """Ports → adapters. A credential that is missing was refused by the settings in live mode; in sandbox it is named here."""
    allow = [part.strip() for part in settings.outbound_allow.split(",") if part.strip()]
    http = guarded_client(timeout=settings.vendor_timeout_seconds, allow=allow)
    letterhead = letterhead_of(settings)
    return Adapters(
        gateway=StripeGateway.from_settings(settings),
        registrar=ResellerClub(
            http,
            base_url=f"{settings.resellerclub_api_url.rstrip('/')}/api",
            user_id=settings.needed("RESELLERCLUB_USER_ID", settings.resellerclub_user_id),
            api_key=settings.needed("RESELLERCLUB_API_KEY", settings.resellerclub_api_key),
            currency=settings.resellerclub_currency,
        ),
        panel=NextPanel(http),
        transport=SmtpTransport(
            SmtpSettings(
                host=settings.needed("SMTP_HOST", settings.smtp_host),
                port=settings.smtp_port,
                user=settings.smtp_user or "",
                password=settings.smtp_password.get_secret_value() if settings.smtp_password else "",
                starttls=settings.smtp_starttls,
                timeout_seconds=settings.vendor_timeout_seconds / 4,
            )
        ),
        press=TypstPress(letterhead, fonts=settings.document_fonts, scratch=settings.nextbill_data),
        e_invoices=CrossIndustryInvoice(letterhead),
        id_register=Vies(http, base_url=settings.vies_url),
        tax_provider=_tax_provider(settings, http),
        http=http,
    )


def _archive(settings: Settings, database: Database, adapters: Adapters) -> invoicing.Archive:
    sources = invoicing.Sources(seller_of(settings), settings.company_time_zone, _pay_link(settings))
    return invoicing.Archive(database, paper=adapters.press, e_invoice=adapters.e_invoices, sources=sources)


def _pay_link(settings: Settings) -> invoicing.PayLink:
    """Where a document is paid: an order at the portal, an invoice by a signed link, which is good until well after it is due."""
    links, portal = _pay_links(settings), settings.portal_url.rstrip("/")

    def link(kind: str, document_id: UUID, origin_id: UUID, due: datetime) -> str:
        if kind == "proforma":
            return f"{portal}/orders/{origin_id}"
        return f"{portal}/pay/{links.token(document_id, until=due + invoicing.PAY_LINK_GOOD_FOR)}"

    return link


def _pay_links(settings: Settings) -> invoicing.PayLinks:
    return invoicing.PayLinks(derive(settings.secret_key.get_secret_value(), invoicing.PayLinks.PURPOSE))


def _tax_provider(settings: Settings, http: httpx.AsyncClient) -> TaxProvider | None:
    """None where the shop has no provider: its own rules are enough for most."""
    if settings.taxjar_api_key is None:
        return None
    return TaxJar(http, base_url=settings.taxjar_api_url, api_key=settings.taxjar_api_key.get_secret_value(), seller_country=settings.company_country)


def _procedures(settings: Settings, cipher: FieldCipher, adapters: Adapters, archive: invoicing.Archive) -> list[steps.Procedure]:  # type: ignore[type-arg]  # of all kinds
    resend_after = timedelta(seconds=settings.registrar_resend_after_seconds)
    return [
        *payments_jobs.procedures(adapters.gateway, settings),
        hosting_jobs.CreateAccount(adapters.panel, cipher),
        hosting_jobs.SetFirstPassword(adapters.panel, cipher),
        hosting_jobs.ChangeAccount(adapters.panel, cipher),
        domains_jobs.PrepareRegistrant(adapters.registrar, cipher),
        domains_jobs.RegisterDomain(adapters.registrar, cipher, resend_after=resend_after, time_zone=settings.company_time_zone),
        domains_jobs.RenewDomain(adapters.registrar, resend_after=resend_after, time_zone=settings.company_time_zone),
        notifications_jobs.SendMail(adapters.transport, cipher, settings, archive),
    ]


def _reactions(settings: Settings, cipher: FieldCipher, means: Means) -> list[events.Reaction]:
    return [
        *invoicing_reactions.make_reactions(seller=seller_of(settings), time_zone=settings.company_time_zone),
        *Purchase(means).reactions(),
        *Taxation(settings.company_time_zone).reactions(),
        *Changes(settings.company_time_zone).reactions(),
        *subscriptions_reactions.ShortTrials(settings).reactions(),
        *Debts(settings.company_time_zone).reactions(),
        *Renewals(settings.company_time_zone).reactions(),
        *notifications_reactions.Mails(settings, cipher).reactions(),
    ]


def _routers(settings: Settings, adapters: Adapters, keys: licensing.LicenseKeys, means: Means, archive: invoicing.Archive) -> list[APIRouter]:
    """In the order in which the documentation shows them."""
    return [
        company.make_router(tax.prices_include_tax),
        identity_http.router,
        customers_http.router,
        taxation_http.router,
        catalog_http.router,
        domains_http.make_router(adapters.registrar),
        domains_http.staff_router,
        orders_http.router,
        purchase_http.make_router(means),
        payments_http.make_router(adapters.gateway, find_payable=_find_payable),
        make_documents_router(archive),
        invoicing_http.make_router(_till(settings, adapters)),
        subscriptions_http.router,
        subscriptions_http.create_router,
        licensing_http.make_router(keys),
        licensing_http.make_usage_router(keys),
        hosting_http.router,
        notifications_http.router,
        catalog_http.make_staff_router(find_touched=subscriptions.touched_by),
        subscriptions_http.staff_router,
        renewal_http.router,
        renewal_http.names_router,
        renewal_http.names_staff_router,
        ledger_http.router,
        tax_http.choices_router,
        tax_http.buyers_router,
        tax_http.book_router,
        hosting_http.make_staff_router(adapters.panel),
        licensing_http.make_staff_router(keys, server_is_known=hosting.server_is_known),
        admin_http.make_router(INVARIANTS),
    ]


def _till(settings: Settings, adapters: Adapters) -> invoicing_http.Till:
    """Paying an invoice by its signed link."""
    start = payments_http.make_checkout(adapters.gateway, find_payable=_find_payable)
    return invoicing_http.Till(_pay_links(settings), start)


async def _find_payable(tx: ReadTx, kind: Literal["order", "invoice"], subject_id: UUID) -> UUID | None:
    """What `POST /payments/intent` is to collect; payments itself knows neither orders nor invoices."""
    if kind == "order":
        return await orders.payable_of(tx, subject_id)
    try:
        return (await invoicing.get_invoice(tx, subject_id)).summary.payable_id
    except invoicing.InvoiceNotFound:
        return None


async def _find_purchase(tx: ReadTx, reference_type: str, reference_id: UUID) -> payments_http.Purchase | None:
    """What the page after paying tells of the order: its number and how far it is."""
    if reference_type != invoicing.PROFORMA:
        return None
    proforma = await invoicing.get_proforma(tx, reference_id)
    if proforma.origin_type != orders.ORDER:
        return None
    order = await orders.get_order(tx, proforma.origin_id)
    login = await identity.login_of_customer(tx, order.customer_id)
    return payments_http.Purchase(order.number or "", _course(order, confirmed=login.verified_at is not None))


def _course(order: orders.Order, *, confirmed: bool) -> payments_http.Course:
    if order.state == "completed":
        return "delivered"
    if order.state == "cancelled":
        return "cancelled"
    if not confirmed:
        return "unconfirmed"
    return "held_up" if any(line.state in ("refused", "delayed", "parked") for line in order.lines) else "delivering"


INVARIANTS: list[Invariant] = [
    *identity_invariants.INVARIANTS,
    *catalog_invariants.INVARIANTS,
    *ledger_invariants.INVARIANTS,
    *tax_invariants.INVARIANTS,
    *payments_invariants.INVARIANTS,
    *licensing_invariants.INVARIANTS,
    *hosting_invariants.INVARIANTS,
    *domains_invariants.INVARIANTS,
    *invoicing_invariants.INVARIANTS,
    *orders_invariants.INVARIANTS,
    *subscriptions_invariants.INVARIANTS,
]
