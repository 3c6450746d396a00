"""Reads settings.toml and says exactly what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from console.settings.errors import SettingsError
from console.settings.model import Settings

ENVIRONMENT = "HUBHOMES_SETTINGS"


def settings_path() -> Path:
    """Where settings.toml is looked for: HUBHOMES_SETTINGS, else the user's configuration folder."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("hubhomes") / "settings.toml"


def load_settings(path: Path | None = None) -> Settings:
    """The settings of PATH (default: `settings_path()`); a file that is not there means defaults.

    Raises SettingsError for a file that cannot be read, an unknown key or a wrong value, and for a file that was
    named by PATH or HUBHOMES_SETTINGS and is not there.
    """
    named = path is not None or bool(os.environ.get(ENVIRONMENT))
    file = path or settings_path()
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        if named:
            raise SettingsError(str(file), "there is no such settings file") from None
        return Settings(file=str(file))
    except OSError as error:
        raise SettingsError(str(file), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(str(file), "is not UTF-8") from error
    return parse_settings(text, file=str(file))


def parse_settings(text: str, *, file: str) -> Settings:
    """The settings of TEXT, whose values say that they come from FILE. Raises SettingsError."""
    import tomllib  # late: most have no such file

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(file, f"is no TOML: {error}") from error
    if not document:
        return Settings(file=file)
    from console.settings.check import checked_value  # the words are not needed where there is no file

    lines = key_lines(text)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, value in flattened(document):
        line = lines.get(name) or lines.get(name.rsplit(".", 1)[0]) or lines.get(name.split(".", 1)[0])
        where = f"{file}:{line}" if line else file
        values[name] = checked_value(name, value, where=where)
        origins[name] = where
    return built(values, file=file, origins=origins)


def flattened(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted keys with their values; tables are entered once, those of accounts twice."""
    for name, value in document.items():
        if isinstance(value, Mapping) and value:
            inside = ((f"{name}.{inner}", entry) for inner, entry in value.items())
            for key, entry in inside:
                deeper = name == "accounts" and isinstance(entry, Mapping)
                yield from ((f"{key}.{part}", one) for part, one in entry.items()) if deeper else [(key, entry)]
        else:
            yield name, value


def key_lines(text: str) -> Mapping[str, int]:
    """The line of each key and table header, as far as lines that start with them tell."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.split("#")[0].rstrip().endswith("]") and "=" not in stripped:
            table = bare(stripped.split("#")[0].strip().strip("[]"))
            lines.setdefault(table, number)
        elif "=" in stripped and not stripped.startswith("#"):
            key = bare(stripped.split("=", 1)[0])
            lines.setdefault(f"{table}.{key}" if table else key, number)
    return lines


def bare(key: str) -> str:
    """A key without the quotes and spaces around its parts."""
    quoted = key.strip()
    if quoted[:1] in ("'", '"') and quoted[-1:] == quoted[:1]:
        return quoted[1:-1]
    return ".".join(part.strip().strip("'\"") for part in quoted.split("."))


def built(values: Mapping[str, Any], *, file: str, origins: Mapping[str, str]) -> Settings:
    """Settings from checked values by dotted key."""
    settings = Settings(file=file, origins=origins)
    changed: dict[str, Any] = {}
    tables: dict[str, dict[str, Any]] = {}
    accounts: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        table, dot, key = name.partition(".")
        if dot and table == "accounts":
            cluster, _, part = key.rpartition(".")
            tables[table] = accounts
            accounts.setdefault(cluster, {})[part] = value
        elif dot:
            tables.setdefault(table, {})[key] = value
        else:
            changed[table] = value
    for table, entries in tables.items():
        current = getattr(settings, table)
        changed[table] = entries if isinstance(current, Mapping) else msgspec.structs.replace(current, **entries)
    return msgspec.structs.replace(settings, **changed)
