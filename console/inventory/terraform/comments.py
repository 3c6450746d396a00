"""Makes HCL ready for the parser, which knows comments only where a line may end, and reads doubled marks wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator

from console.inventory.terraform.strings import MARKED
from console.inventory.terraform.syntax import Faulty

_HEREDOC = re.compile(r"<<-?([^\W\d][\w.-]*)\r?\n")
_PLAIN = re.compile(r'[^"#/<{}]+')
_QUOTED = re.compile(r'(?:[^"\\$%\n]|\\[^\n]|[$%](?![$%]?\{))+|[$%](?=[$%]\{)')


def prepared(text: str) -> str:
    """TEXT with spaces for comments, and in quoted strings other characters for `$${` and `%%{`.

    Every line and column stays. Spaces behind the end mark of a heredoc go.

    Raises Faulty for a comment, heredoc or quoted string that has no end.
    """
    return "".join(_Reader(text).pieces())


class _Reader:
    """`_open` holds what is not closed yet: `"` for a quoted string, `{` for a brace, `$` for a template's brace."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[str] = []

    def pieces(self) -> Iterator[str]:
        while self._at < len(self._text):
            yield self._in_quotes() if self._open and self._open[-1] == '"' else self._outside()

    def _outside(self) -> str:
        text, at = self._text, self._at
        if plain := _PLAIN.match(text, at):
            return self._take(plain.end())
        if text.startswith(("#", "//"), at):
            return self._blanked(self._end_of_line())
        if text.startswith("/*", at):
            return self._blanked(self._after("*/", "a comment that begins here has no end"))
        if heredoc := _HEREDOC.match(text, at):
            return self._heredoc(heredoc)
        mark = text[at]
        if mark in '"{':
            self._open.append(mark)
        elif mark == "}" and self._open:
            self._open.pop()
        return self._take(at + 1)

    def _in_quotes(self) -> str:
        text, at = self._text, self._at
        for doubled, marked in MARKED.items():
            if text.startswith(doubled, at):
                self._take(at + len(doubled))
                return marked
        if characters := _QUOTED.match(text, at):
            return self._take(characters.end())
        if text.startswith(("${", "%{"), at):
            self._open.append("$")
            return self._take(at + 2)
        if text[at] == '"':
            self._open.pop()
            return self._take(at + 1)
        raise self._faulty("a quoted string has no end on this line")

    def _heredoc(self, beginning: re.Match[str]) -> str:
        mark, at = beginning[1], beginning.end()
        while (end := self._text.find("\n", at)) >= 0:
            if self._text[at:end].strip() == mark:
                whole = self._text[self._at : end].rstrip()
                self._at = end
                return whole
            at = end + 1
        raise self._faulty("a heredoc that begins here has no end")

    def _blanked(self, end: int) -> str:
        return re.sub(r"[^\r\n]", " ", self._take(end))

    def _end_of_line(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _after(self, mark: str, otherwise: str) -> int:
        found = self._text.find(mark, self._at + 2)
        if found < 0:
            raise self._faulty(otherwise)
        return found + len(mark)

    def _take(self, end: int) -> str:
        piece = self._text[self._at : end]
        self._at = end
        return piece

    def _faulty(self, message: str) -> Faulty:
        before = self._text[: self._at]
        return Faulty(message, before.count("\n") + 1, self._at - before.rfind("\n"))
