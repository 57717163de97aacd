"""From `metadata[a]=1&line_items[0][quantity]=2` to typed values, refusing what the endpoint doesn't know.

A shape is one of the constants below, a tuple of allowed words, a one-element list (indexed or empty brackets),
or a dict of names to shapes; a name ending in `!` is required.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from nextbill_simulators.stripe.errors import StripeError, invalid, missing, unknown

Tree = dict[str, Any]
Shape = str | tuple[str, ...] | list[Any] | dict[str, Any]

TEXT, INTEGER, FLAG, METADATA, RANGE = "text", "integer", "flag", "metadata", "range"
BOUNDS: Shape = {"gt": INTEGER, "gte": INTEGER, "lt": INTEGER, "lte": INTEGER}
_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def decode(encoded: str) -> Tree:
    """Nested dicts of strings; list items are keyed by their index."""
    tree: Tree = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        found = _KEY.match(name)
        if not found:
            raise unknown(name)
        path = [found.group(1), *re.findall(r"\[([^\[\]]*)\]", found.group(2))]
        _plant(tree, path, value)
    return tree


def _plant(tree: Tree, path: list[str], value: str) -> None:
    for step in path[:-1]:
        branch = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(branch, dict):
            raise invalid("Invalid object", param=step)
        tree = branch
    tree[path[-1] or str(len(tree))] = value


def conform(tree: Tree, shape: dict[str, Any], *, path: str = "") -> Tree:
    """Values typed by the shape; raises parameter_unknown, parameter_missing and the parameter_invalid family."""
    known = {name.rstrip("!"): (kind, name.endswith("!")) for name, kind in shape.items()}
    for name in tree:
        if name not in known:
            raise unknown(_join(path, name))
    typed: Tree = {}
    for name, (kind, required) in known.items():
        if name in tree:
            if required and tree[name] == "":
                raise _empty(_join(path, name))
            typed[name] = _value(tree[name], kind, _join(path, name))
        elif required:
            raise missing(_join(path, name))
    return typed


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(raw: Any, shape: Shape, path: str) -> Any:
    if shape == METADATA:
        return _metadata(raw, path)
    if shape == RANGE:
        return _value(raw, BOUNDS if isinstance(raw, dict) else INTEGER, path)
    if isinstance(shape, dict):
        return conform(_branch(raw, path), shape, path=path)
    if isinstance(shape, list):
        return _items(_branch(raw, path), shape[0], path)
    if not isinstance(raw, str):
        raise invalid("Invalid string: hash", param=path)
    return _scalar(raw, shape, path)


def _branch(raw: Any, path: str) -> Tree:
    if raw == "":
        return {}
    if not isinstance(raw, dict):
        raise invalid("Invalid object", param=path)
    return raw


def _items(raw: Tree, shape: Shape, path: str) -> list[Any]:
    if not all(key.isdigit() for key in raw):
        raise invalid("Invalid array", param=path)
    return [_value(raw[key], shape, f"{path}[{key}]") for key in sorted(raw, key=int)]


def _scalar(raw: str, shape: str | tuple[str, ...], path: str) -> str | int | bool:
    if shape == TEXT:
        if len(raw) > 5000:
            raise invalid(f"Invalid string: {raw[:20]}…; must be at most 5000 characters", param=path, code="parameter_invalid_string")
        return raw
    if raw == "":
        raise _empty(path)
    if shape == INTEGER:
        if not re.fullmatch(r"-?\d{1,15}", raw):
            raise invalid(f"Invalid integer: {raw}", param=path, code="parameter_invalid_integer")
        return int(raw)
    if shape == FLAG:
        if raw not in ("true", "false"):
            raise invalid(f"Invalid boolean: {raw}", param=path)
        return raw == "true"
    if raw not in shape:
        raise invalid(f"Invalid {path}: must be one of {', '.join(shape)}", param=path)
    return raw


def _metadata(raw: Any, path: str) -> dict[str, str]:
    """Up to 50 keys of 40 characters with values of 500; an empty value unsets its key."""
    entries = _branch(raw, path)
    for key, value in entries.items():
        if not isinstance(value, str):
            raise invalid("Invalid string: hash", param=_join(path, key))
        if len(key) > 40 or len(value) > 500:
            raise invalid("Metadata keys can have up to 40 characters and values up to 500 characters.", param=_join(path, key))
    if len(entries) > 50:
        raise invalid("You can only have up to 50 metadata keys", param=path)
    return dict(entries)


def _empty(path: str) -> StripeError:
    return invalid(
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; however '{path}' cannot be unset.",
        param=path,
        code="parameter_invalid_empty",
    )


def merged_metadata(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in {**old, **new}.items() if value != ""}
