"""The filter language: words that must all match, `!word` for none of it, and `field:value`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

FIELDS = ("cluster", "hub", "store", "finding", "user", "owner", "is")
_REGEX = re.compile(r"[*+\[\](){}|^$\\]")

Test = Callable[[str], bool]


class Searchable(NamedTuple):
    """What a row can be found by: free TEXT, and the words of each field; all in lower case."""

    text: str
    fields: Mapping[str, tuple[str, ...]] = {}


class Found(Protocol):
    """What has the words that a row can be found by."""

    @property
    def text(self) -> str: ...

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]: ...


class Filter:
    """A parsed filter. Empty matches everything."""

    def __init__(self, source: str = "") -> None:
        self.source = source.strip()
        self._terms = [term for word in self.source.lower().split() if (term := _Term(word)).complete]

    def __bool__(self) -> bool:
        return bool(self._terms)

    @property
    def user(self) -> str:
        """Whom `user:NAME` asks for, as typed; "" where nobody is asked for."""
        words = (word.partition(":") for word in self.source.split())
        return next((name for field, _, name in words if field.lower() == "user"), "")

    def matches(self, row: Found) -> bool:
        """Whether every term agrees with ROW."""
        return all(term.matches(row) for term in self._terms)


class _Term:
    """One word: `prod`, `!prod`, `store:10.2`, `!is:broken`; a regular expression where it holds such marks."""

    def __init__(self, word: str) -> None:
        self._excludes = word.startswith("!")
        word = word.removeprefix("!")
        field, colon, value = word.partition(":")
        self._field = field if colon and field in FIELDS else None
        wanted = value if self._field else word
        self.complete = bool(wanted)
        self._test: Test = (lambda text: text.startswith(wanted)) if self._field == "is" else _test(wanted)

    def matches(self, row: Found) -> bool:
        if self._field is None:
            found = self._test(row.text)
        else:
            found = any(self._test(value) for value in row.fields.get(self._field, ()))
        return found is not self._excludes


def _test(value: str) -> Test:
    """Contains VALUE, or finds it as a regular expression; half-typed expressions are taken as they stand."""
    if _REGEX.search(value):
        try:
            pattern = re.compile(value)
        except re.error:
            pass
        else:
            return lambda text: pattern.search(text) is not None
    return lambda text: value in text
