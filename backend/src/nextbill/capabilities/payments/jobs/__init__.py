"""The steps at the gateway, and the jobs that listen to it or find what is due. Wired with the port by constructor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nextbill.capabilities.payments.jobs.charging import CHARGING, ChargeDue
from nextbill.capabilities.payments.jobs.checkouts import ExpireCheckoutProcedure, OpenCheckoutProcedure, RefundProcedure
from nextbill.capabilities.payments.jobs.listening import LISTENING, Listener
from nextbill.capabilities.payments.jobs.vault import ChargeProcedure, DetachProcedure, OpenSetupProcedure
from nextbill.capabilities.payments.ports import Gateway
from nextbill.runtime import jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database
from nextbill.runtime.settings import Settings
from nextbill.runtime.steps import Procedure

TICKS = (*LISTENING, *CHARGING)


def handlers(database: Database, gateway: Gateway, settings: Settings, cipher: FieldCipher) -> Mapping[str, jobs.Handler]:
    return {**Listener(database, gateway, settings, cipher).handlers(), **ChargeDue(database, gateway, settings).handlers()}


def procedures(gateway: Gateway, settings: Settings) -> list[Procedure[Any, Any]]:
    return [
        OpenCheckoutProcedure(gateway, settings),
        ExpireCheckoutProcedure(gateway, settings),
        RefundProcedure(gateway, settings),
        OpenSetupProcedure(gateway, settings),
        DetachProcedure(gateway),
        ChargeProcedure(gateway, settings),
    ]


__all__ = ["TICKS", "ChargeProcedure", "RefundProcedure", "handlers", "procedures"]
