"""The Factur-X properties in a PDF's metadata: what tells a program that the attached XML is the invoice, and in which profile.

Written as an incremental update of the /Metadata object, so that nothing else of the file is touched. PDF/A wants every property of a
schema that it does not know described; the description is the one of the Factur-X specification, part 7.3."""

from __future__ import annotations

import re
from typing import Final

FILE_NAME: Final = "factur-x.xml"
PROFILE: Final = "EN 16931"
_NAMESPACE: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_VALUES: Final = {
    "DocumentFileName": (FILE_NAME, "The name of the embedded XML document"),
    "DocumentType": ("INVOICE", "The type of the hybrid document in capital letters"),
    "Version": ("1.0", "The version of the standard applying to the embedded XML document"),
    "ConformanceLevel": (PROFILE, "The conformance level of the embedded XML document"),
}


class UnknownStructure(Exception):
    """The PDF is not built as its writer's version builds them: the versions of adapter and library have drifted apart."""


def with_factur_x(pdf: bytes) -> bytes:
    start = pdf.rfind(b"startxref")
    previous = int(pdf[start + len(b"startxref") :].split()[0])
    number = int(_found(rb"/Metadata (\d+) 0 R", pdf)[1])
    xmp = _extended(_metadata(pdf, number))
    trailer = pdf[pdf.rfind(b"trailer") : start]
    kept = b" ".join(_found(pattern, trailer)[0] for pattern in (rb"/Size \d+", rb"/Root \d+ 0 R", rb"/Info \d+ 0 R", rb"/ID ?\[.*?\]"))
    offset = len(pdf) + 1
    update = b"%d 0 obj\n<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(xmp), xmp)
    table = b"xref\n%d 1\n%010d 00000 n\r\n" % (number, offset)
    tail = b"trailer\n<<%s /Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (kept, previous, offset + len(update))
    return pdf + b"\n" + update + table + tail


def _metadata(pdf: bytes, number: int) -> bytes:
    at = pdf.index(b"\n%d 0 obj" % number)
    begin = pdf.index(b"\n", pdf.index(b"stream", at)) + 1
    return pdf[begin : pdf.index(b"endstream", begin)].strip(b"\r\n")


def _extended(xmp: bytes) -> bytes:
    schemas, end = b"<pdfaExtension:schemas><rdf:Bag>", b"</rdf:RDF>"
    if xmp.count(schemas) != 1 or xmp.count(end) != 1:
        raise UnknownStructure("no place for the Factur-X schema in the XMP")
    return xmp.replace(schemas, schemas + _DESCRIPTION).replace(end, _PROPERTIES + end)


def _found(pattern: bytes, where: bytes) -> re.Match[bytes]:
    found = re.search(pattern, where, re.DOTALL)
    if found is None:
        raise UnknownStructure(pattern.decode())
    return found


def _properties() -> bytes:
    values = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _VALUES.items())
    return f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">{values}</rdf:Description>'.encode()


def _description() -> bytes:
    entries = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>'
        f"<pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>{what}</pdfaProperty:description></rdf:li>"
        for name, (_, what) in _VALUES.items()
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{entries}</rdf:Seq></pdfaSchema:property></rdf:li>"
    ).encode()


_PROPERTIES: Final = _properties()
_DESCRIPTION: Final = _description()
