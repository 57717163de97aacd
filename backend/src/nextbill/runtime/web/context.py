"""What a route may use of the process: given by the app, never imported as a global."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from nextbill.kernel.clock import Clock
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database
from nextbill.runtime.settings import Settings
from nextbill.runtime.sharing import Sharing
from nextbill.runtime.steps import StepRunner


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings
    database: Database
    clock: Clock
    cipher: FieldCipher
    steps: StepRunner
    sharing: Sharing = field(default_factory=Sharing)


async def context(request: Request) -> Context:
    found: Context = request.app.state.context
    return found


Ctx = Annotated[Context, Depends(context)]
