"""Generates variables files in every spelling that HCL has. What they mean is for Terraform itself to say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hypothesis import strategies as st

Text = st.SearchStrategy[str]

GAPS = st.sampled_from(["", " ", " ", "  ", "\t", " /* c */ ", ' /* "{ ${ # */'])
LINE_ENDS = st.sampled_from(["\n", "\n", ' # it\'s "so" {\n', " // x = 1\n", "\n\n", " /* c */\n", "\n  /* a\n } */\n"])
PLAIN_NUMBERS = ("0", "1024", "2560", "1e3", "2.5e2", "1.50", "-5", "007", '"3072"', '"1.0"', "123456789012345678901")
SUMS = ("4 * 256", "(2048)", "10-3", "7 % 4", "1 / 3", "-(1 + 2) * 2", "true ? 100 : 200", '"${512}"', '"2" * 3')
NUMBERS = st.sampled_from((*PLAIN_NUMBERS, *SUMS))
BOOLS = st.sampled_from(["true", "false", '"true"', "!false", "1 < 2", '"a" == "b" || true', "(1 != 2) && true"])
PIECES = ["a", "B", "-", " ", "1", "$", "$$", "%", "#", "//", "/*", "*/", "{", "}", "=", "'", "é", "☃", ",", "[", "EOT"]
ESCAPES = [
    "\\n",
    "\\t",
    "\\r",
    '\\"',
    "\\\\",
    "\\u00e9",
    "\\U0001F600",
    "$${x}",
    "$${",
    "%%{ if }",
    "%%{",
    "${1 + 1}x",
    "${true}",
    '${"a"}',
]
INDENTS = ["", " ", "  ", "    ", "\t"]


def _quoted_text(parts: list[str]) -> str:
    """Between quotes; a `{` never follows a mark that would make a template of it."""
    text = ""
    for part in parts:
        text += f" {part}" if text[-1:] in ("$", "%") else part
    return f'"{text}"'


QUOTED: Text = st.lists(st.sampled_from(PIECES + ESCAPES), max_size=6).map(_quoted_text)


@st.composite
def heredocs(draw: st.DrawFn) -> str:
    mark = draw(st.sampled_from(["EOT", "E", "END-1"]))
    trimmed = draw(st.booleans())
    pieces = st.sampled_from(["a", " ", "\\n", '"', "# no", "/* no", "$", "$${x}", "}", "é"])
    line = st.tuples(st.sampled_from(INDENTS), st.lists(pieces, max_size=4).map(" ".join)).map("".join)
    lines = draw(st.lists(line, max_size=4))
    end = draw(st.sampled_from(INDENTS)) + mark + draw(st.sampled_from(["", "", "  "]))
    return "".join(f"{one}\n" for one in [f"<<{'-' if trimmed else ''}{mark}", *lines, end])


STRINGS: Text = st.one_of(QUOTED, QUOTED, heredocs(), st.sampled_from(['""', "12", "1.50", "true", '"plain"']))
ANY_KEYS = st.sampled_from(["a", "b-c", "_d", '"e f"', '"é.x"', '("g")', '"$${h}"', "in", "if", "null", "1", "2.5"])


def or_null(text: Text) -> Text:
    return st.one_of(text, text, text, st.just("null"))


def _entry(draw: st.DrawFn, key: str, value: str) -> str:
    mark = draw(st.sampled_from(["=", ":"]))
    return f"{draw(GAPS)}{key}{draw(GAPS)} {mark}{draw(GAPS)}{value}"


@st.composite
def object_of(draw: st.DrawFn, attributes: Mapping[str, Text], required: frozenset[str] = frozenset()) -> str:
    """An object with some of ATTRIBUTES."""
    names = [name for name in attributes if name in required or draw(st.booleans())]
    keys = [draw(st.sampled_from([name, f'"{name}"'])) for name in draw(st.permutations(names))]
    return _braced(draw, [_entry(draw, key, draw(attributes[key.strip('"')])) for key in keys])


@st.composite
def map_of(draw: st.DrawFn, values: Text, keys: Text = ANY_KEYS) -> str:
    names = draw(st.lists(keys, max_size=3, unique_by=lambda key: re.sub(r"\W", "", key)))
    return _braced(draw, [_entry(draw, name, draw(values)) for name in names])


def _braced(draw: st.DrawFn, entries: list[str]) -> str:
    text = "{" + draw(st.sampled_from(["", "\n", " # c\n", "/* c */"]))
    for number, entry in enumerate(entries):
        last = number == len(entries) - 1
        if entry.endswith("\n"):  # a heredoc ends its line itself
            text += entry
        else:
            text += entry + draw(st.sampled_from([",", ""] if last else [",", ",\n", "\n"]))
            if draw(st.booleans()):
                text += draw(LINE_ENDS)
    return text + draw(GAPS) + "}"


@st.composite
def list_of(draw: st.DrawFn, values: Text) -> str:
    text = "["
    for value in draw(st.lists(values, max_size=3)):
        text += draw(st.sampled_from(["", "\n", " # c\n"])) + value + draw(st.sampled_from(["", " ", "\n"])) + ","
    return text + draw(st.sampled_from(["", "\n", " # c\n"])) + "]"


ANYTHING: Text = st.recursive(
    or_null(st.one_of(NUMBERS, BOOLS, STRINGS)), lambda inner: st.one_of(map_of(inner), list_of(inner)), max_leaves=8
)


@st.composite
def files(draw: st.DrawFn, variables: Mapping[str, Text], required: frozenset[str] = frozenset()) -> str:
    """A whole file: REQUIRED and some others of VARIABLES, what the folder does not know, and comments."""
    names = [name for name in variables if name in required or draw(st.booleans())]
    text, value = draw(st.sampled_from(["", '/*\n it\'s a "header" ${\n*/\n\n', "# prefix = 1\n", "\n"])), ""
    for name in draw(st.permutations(names)):
        value = draw(variables[name])
        text += f"{name}{draw(GAPS)} ={draw(GAPS)}{value}" + ("" if value.endswith("\n") else draw(LINE_ENDS))
    if draw(st.booleans()):
        value = draw(ANYTHING)
        text += f"unknown_here = {value}" + ("" if value.endswith("\n") else "\n")
    if not value.endswith("\n") and draw(st.booleans()):  # a heredoc's last line has an end
        text = text.removesuffix("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text
