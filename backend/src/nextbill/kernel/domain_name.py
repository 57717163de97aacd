"""Internet names: A-labels inside, Unicode for people (RFC 5891, UTS 46)."""

from __future__ import annotations

from dataclasses import dataclass

import idna

MAX_NAME = 253


class BadDomainName(ValueError):
    """Not a name that can be registered; the message says why."""


@dataclass(frozen=True, slots=True)
class DomainName:
    """A registrable name such as shopfoo.com: `ascii` in A-labels and lower case, `tld` without the first label."""

    ascii: str

    @classmethod
    def parse(cls, text: str) -> DomainName:
        candidate = text.strip().rstrip(".").lower()
        if not candidate or len(candidate) > MAX_NAME:
            raise BadDomainName("a domain name has 1 to 253 characters")
        if "." not in candidate:
            raise BadDomainName("a domain name needs an ending such as .com")
        try:
            ascii_name = idna.encode(candidate, uts46=True, std3_rules=True).decode()
        except idna.IDNAError as error:
            raise BadDomainName(f"not a domain name: {error}") from None
        if len(ascii_name) > MAX_NAME:
            raise BadDomainName("a domain name has at most 253 characters in A-labels")
        if ascii_name.rsplit(".", 1)[1].isdigit():
            raise BadDomainName("an address of numbers is not a domain name")
        return cls(ascii_name)

    @property
    def label(self) -> str:
        return self.ascii.split(".", 1)[0]

    @property
    def tld(self) -> str:
        return self.ascii.split(".", 1)[1]

    @property
    def unicode(self) -> str:
        return idna.decode(self.ascii)

    def __str__(self) -> str:
        return self.ascii
