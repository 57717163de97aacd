"""Cookies as we set them: names and values without quotes. The standard library's parser also undoes quoting, in quadratic time up to Python 3.11.9,
which one anonymous request could use to stop the process."""

from __future__ import annotations

from collections.abc import Iterable


def find(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    """Of two with one name, the first: browsers send that of the longer path first."""
    wanted = name.encode()
    for header, value in headers:
        if header == b"cookie":
            for pair in value.split(b";"):
                found, equals, told = pair.partition(b"=")
                if equals and found.strip() == wanted:
                    return told.strip().decode("latin-1")
    return None
