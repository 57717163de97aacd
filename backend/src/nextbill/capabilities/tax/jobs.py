"""Asking the register of VAT ids, and a provider of rates where the shop uses one. Both are only asked, with no transaction open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from nextbill.capabilities.tax.commands.ids import CHECK_ID, check_due, record_answer, record_silence
from nextbill.capabilities.tax.commands.provided import ASK_RATE, ask_due, record_no_rate, record_rate
from nextbill.capabilities.tax.models import ProviderRateRow
from nextbill.capabilities.tax.ports import Answer, IdAnswer, IdRegister, Question, TaxProvider
from nextbill.capabilities.tax.queries.buyers import find_tax_id
from nextbill.capabilities.tax.queries.policies import policy_on
from nextbill.capabilities.tax.rules.union import UnionId, union_id
from nextbill.runtime import jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database, Role
from nextbill.runtime.vendors import VendorError, VendorRejected
from nextbill.runtime.worker import Tick

INVALID_INPUT = "invalid_input"


class CheckId:
    """The job that asks for one customer's id. No answer is no failure of the job: the row says when it is asked again."""

    def __init__(self, id_register: IdRegister, cipher: FieldCipher, database: Database) -> None:
        self._id_register, self._cipher, self._database = id_register, cipher, database

    async def __call__(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        customer_id = UUID(payload["customer_id"])
        async with self._database.reading(Role.WORK) as tx:
            known = await find_tax_id(tx, customer_id)
            policy = await policy_on(tx, context.now.date())
        asked = union_id(known.tax_id, known.country) if known else None
        if known is None or asked is None:
            return
        requester = union_id(policy.requester_id, policy.seller_country) if policy and policy.requester_id else None
        answer = await self._ask(asked, requester)
        about: dict[str, Any] = {"customer_id": customer_id, "tax_id": known.tax_id, "cipher": self._cipher, "now": context.now}
        async with self._database.writing(Role.WORK) as tx:
            if isinstance(answer, IdAnswer):
                await record_answer(tx, answer=answer, **about)
            else:
                await record_silence(tx, reason=answer.reason, **about)

    async def _ask(self, asked: UnionId, requester: UnionId | None) -> IdAnswer | VendorError:
        try:
            return await self._id_register.check(asked, requester=requester)
        except VendorRejected as error:
            # The register says that this can't be an id at all; any other refusal tells nothing about it.
            return IdAnswer(valid=False) if error.reason == INVALID_INPUT else error
        except VendorError as error:
            return error


class AskRate:
    """The job that asks the provider for one class at one place. Without a provider nobody answers, and the policy says what that means."""

    def __init__(self, tax_provider: TaxProvider | None, database: Database) -> None:
        self._tax_provider, self._database = tax_provider, database

    async def __call__(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        rate_id = UUID(payload["rate_id"])
        async with self._database.reading(Role.WORK) as tx:
            row = await tx.get_one(ProviderRateRow, rate_id)
        question = Question(row.country, row.state, row.postal_code, (row.product_class,), context.now.date())
        answer = await self._ask(question)
        async with self._database.writing(Role.WORK) as tx:
            if isinstance(answer, Answer):
                await record_rate(tx, rate_id, answer, now=context.now)
            else:
                await record_no_rate(tx, rate_id, reason=answer, now=context.now)

    async def _ask(self, question: Question) -> Answer | str:
        if self._tax_provider is None:
            return "no_provider"
        try:
            (answer,) = await self._tax_provider.assess(question)
        except VendorError as error:
            return error.reason
        return answer


def handlers(id_register: IdRegister, tax_provider: TaxProvider | None, cipher: FieldCipher, database: Database) -> Mapping[str, jobs.Handler]:
    return {CHECK_ID: CheckId(id_register, cipher, database), ASK_RATE: AskRate(tax_provider, database)}


TICKS = (Tick("tax.check_due", timedelta(seconds=20), check_due), Tick("tax.ask_due", timedelta(minutes=1), ask_due))
