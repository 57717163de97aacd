"""Staff's servers and accounts. Each change is audited with its reason."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, status
from httpx import RequestError

from nextbill.capabilities import customers
from nextbill.capabilities.hosting.commands import (
    add_server,
    delete_account,
    move_account,
    record_probe,
    request_account,
    set_server_state,
    suspend_account,
    unsuspend_account,
)
from nextbill.capabilities.hosting.errors import (
    AccountMayExist,
    AccountNotFound,
    AccountNotReady,
    PanelRefused,
    PanelUnreachable,
    ServerKnown,
    ServerNotFound,
)
from nextbill.capabilities.hosting.http import shapes
from nextbill.capabilities.hosting.ports import ControlPanel, PanelCapabilities
from nextbill.capabilities.hosting.queries import Account, Server, get_account, get_server, list_accounts, list_servers, server_access
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.vendors import VendorError, VendorRejected
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages
