"""E-mail addresses: kept as typed, compared without case."""

from __future__ import annotations

import re

import idna

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")


def parse_email(text: str) -> str:
    """The address with its host in A-labels and lower case. ValueError names what is wrong."""
    local, at, host = text.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or ".." in local or local[0] == "." or local[-1] == ".":
        raise ValueError("not an e-mail address")
    try:
        ascii_host = idna.encode(host.lower(), uts46=True).decode()
    except idna.IDNAError:
        raise ValueError("the part after @ is not a host name") from None
    if "." not in ascii_host or len(text) > 254:
        raise ValueError("the part after @ is not a host name")
    return f"{local}@{ascii_host}"
