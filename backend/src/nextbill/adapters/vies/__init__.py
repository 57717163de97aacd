"""The Union's register of VAT ids behind tax's port `IdRegister`."""

from nextbill.adapters.vies.register import Vies

__all__ = ["Vies"]
