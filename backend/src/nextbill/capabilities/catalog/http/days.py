"""Which day it is at the seller's."""

from __future__ import annotations

from datetime import date

from nextbill.kernel.clock import business_date
from nextbill.runtime.web.context import Context


def today(ctx: Context) -> date:
    return business_date(ctx.clock.now(), ctx.settings.company_time_zone)
