"""Holds one value of settings.toml against what its key allows."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from console.settings.errors import SettingsError
from console.settings.keys import ACCOUNT, ALLOWED, BY_NAME, KEYS, TABLES, Key


def checked_value(name: str, value: Any, *, where: str) -> Any:
    """VALUE of the dotted key NAME in the form that Settings keeps it. Raises SettingsError, which says WHERE."""
    key = key_of(name, value, where=where)
    if key is None:
        return {} if name in BY_NAME else tables_default(name)
    if key.kind == "account by name":
        return checked_account(name, value, where=where)
    kind = key.kind.removesuffix(" by name")
    if kind == "text" and isinstance(value, str) and value:
        return value
    if kind == "texts" and isinstance(value, list) and all(isinstance(one, str) and one for one in value):
        return tuple(value)
    if kind in ("number", "count") and fits(kind, value):
        if key.least <= value <= key.most or (key.or_zero and value == 0):
            return value
        besides = "0, or " if key.or_zero else ""
        raise SettingsError(where, f"{name} is {value}; allowed is {besides}{key.least:g} to {key.most:g}")
    wanted = {"text": ALLOWED["text"], "texts": ALLOWED["texts"]}.get(kind, ALLOWED[key.kind])
    found = "an empty string" if value == "" else worded(value)
    misplaced = "." in name and name.rpartition(".")[2] in {other.name for other in KEYS}
    hint = "; keys of the top level stand before the first [table]" if misplaced else ""
    raise SettingsError(where, f"{name} must be {wanted}, not {found}{hint}")


def checked_account(name: str, value: Any, *, where: str) -> str:
    """VALUE of the key accounts.CLUSTER.PART. Raises SettingsError."""
    cluster, dot, part = name.removeprefix("accounts.").rpartition(".")
    if not dot or not cluster:
        raise SettingsError(where, f"{name} must be a table, [accounts.CLUSTER], not {worded(value)}")
    if part not in ACCOUNT:
        close = get_close_matches(part, ACCOUNT, n=1, cutoff=0.75)
        meant = f"did you mean {close[0]}? " if close else ""
        raise SettingsError(where, f"unknown key {name}; {meant}allowed there are: {', '.join(ACCOUNT)}")
    if not isinstance(value, str) or not value:
        found = "an empty string" if value == "" else worded(value)
        raise SettingsError(where, f"{name} must be {ALLOWED['text']}, not {found}")
    return value


def key_of(name: str, value: Any, *, where: str) -> Key | None:
    """The key that NAME belongs to; None for an empty table. Raises SettingsError for a key that there is not."""
    by_name = {key.name: key for key in KEYS}
    table, dot, _ = name.partition(".")
    if dot and table in BY_NAME:
        return by_name[table]
    if not dot and (table in BY_NAME or table in TABLES):
        if value == {}:
            return None
        allowed = by_name[table].kind if table in BY_NAME else None
        raise SettingsError(where, f"{name} must be {ALLOWED[allowed] if allowed else 'a table'}, not {worded(value)}")
    if name in by_name:
        return by_name[name]
    raise SettingsError(where, unknown(name, table if dot else ""))


def unknown(name: str, table: str) -> str:
    """What to say of a key that there is not: the one that was meant, or all that there are."""
    inside = [key.name for key in KEYS if key.name.startswith(f"{table}.")] if table in TABLES else []
    choices = inside or sorted({key.name for key in KEYS if "." not in key.name} | set(TABLES))
    close = get_close_matches(name, [key.name for key in KEYS], n=1, cutoff=0.75)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"unknown key {name}; {meant}allowed {'there ' if inside else ''}are: {', '.join(choices)}"


def tables_default(name: str) -> Any:
    from console.settings.model import Settings

    return getattr(Settings(), name)


def fits(kind: str, value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int if kind == "count" else (int, float))


def worded(value: Any) -> str:
    """The kind of a TOML value in words."""
    words = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    if isinstance(value, list) and value:
        return "a list of something else"
    return words.get(type(value), "a date or time")
