"""How a license key is written, typed and hinted at."""

from __future__ import annotations

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, no U: a key can be read out on the telephone."""

GROUPS, GROUP_LENGTH = 3, 4
PREFIX = "NP"


def written(characters: str) -> str:
    """Twelve characters of the alphabet as `NP-7K4M-Q2XD-9TRW`."""
    groups = [characters[i : i + GROUP_LENGTH] for i in range(0, GROUPS * GROUP_LENGTH, GROUP_LENGTH)]
    return "-".join([PREFIX, *groups])


def normalized(key: str) -> str:
    """As issued, however it was typed: lower case and blanks around it do no harm."""
    return key.strip().upper()


def hint(key: str) -> str:
    """What lists show instead of the key."""
    return f"{PREFIX}-••••-••••-{key[-GROUP_LENGTH:]}"
