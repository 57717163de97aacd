"""Documents as files: written when first asked for, kept as they were, served for ever."""

from nextbill.capabilities.invoicing.documents.archive import Archive, PayLink, Sources
from nextbill.capabilities.invoicing.documents.sample import sample_bill
from nextbill.capabilities.invoicing.documents.store import PDF, XML, DocumentKey, File

__all__ = ["PDF", "XML", "Archive", "DocumentKey", "File", "PayLink", "Sources", "sample_bill"]
