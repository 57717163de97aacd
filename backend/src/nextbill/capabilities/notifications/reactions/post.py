"""How a letter leaves the house: to a customer in their language, to the shop's own address in the shop's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from nextbill.capabilities import customers, invoicing
from nextbill.capabilities.notifications.commands import send
from nextbill.capabilities.notifications.documents import Reader, written
from nextbill.capabilities.notifications.rules import Letter
from nextbill.runtime.crypto import FieldCipher, derive
from nextbill.runtime.database import Tx
from nextbill.runtime.settings import Settings


class Post:
    def __init__(self, settings: Settings, cipher: FieldCipher) -> None:
        self._settings, self._cipher = settings, cipher
        self._house = Reader.of(settings.company_language)
        self._links = invoicing.PayLinks(derive(settings.secret_key.get_secret_value(), invoicing.PayLinks.PURPOSE))

    def _pay_link(self, invoice_id: UUID, *, now: datetime) -> str:
        """Signed: it pays this invoice without a login."""
        return f"{self._settings.portal_url}/pay/{self._links.token(invoice_id, until=now + invoicing.PAY_LINK_GOOD_FOR)}"

    async def _to_staff(self, tx: Tx, reason: str, what: str, why: str, *, now: datetime) -> None:
        """To the shop's own address; no customer's, so that no customer's list of mails shows it."""
        letter = Letter("staff_attention", reason, self._settings.company_email, None, self._house.language, {"what": what, "why": why})
        await self._send(tx, letter, now=now)

    async def _to_customer(
        self,
        tx: Tx,
        customer: customers.Customer,
        kind: str,
        reason: str,
        values: Mapping[str, str],
        *,
        now: datetime,
        link: str = "",
        delivered: list[tuple[str, str]] | None = None,
    ) -> None:
        letter = Letter(kind, reason, customer.email, customer.id, Reader.of(customer.locale).language, dict(values), link, delivered or [])
        await self._send(tx, letter, now=now)

    async def _send(self, tx: Tx, letter: Letter, *, now: datetime) -> None:
        await send(tx, letter, composed=written(letter, self._settings), settings=self._settings, cipher=self._cipher, now=now)

    async def _language(self, tx: Tx, customer_id: UUID | None) -> str:
        if customer_id is None:
            return self._house.language
        return Reader.of((await customers.get_customer(tx, customer_id)).locale).language
