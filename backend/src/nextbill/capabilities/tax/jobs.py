"""Asking the register of VAT ids, and a provider of rates where the shop uses one. Both are only asked, with no transaction open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from nextbill.capabilities.tax.commands.ids import CHECK_ID, check_due, record_answer, record_silence
from nextbill.capabilities.tax.ports import IdAnswer, IdRegister
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


def handlers(id_register: IdRegister, cipher: FieldCipher, database: Database) -> Mapping[str, jobs.Handler]:
    return {CHECK_ID: CheckId(id_register, cipher, database)}


TICKS = (Tick("tax.check_due", timedelta(seconds=20), check_due),)
