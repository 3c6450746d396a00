"""Values files as people write them: any indentation, comments, both styles, both line ends."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

JOVYAN = {"name": "home", "mountPath": "/home/jovyan/allusers"}
RSTUDIO = {"name": "home", "mountPath": "/home/rstudio/allusers"}
SHARED = {"name": "home", "mountPath": "/home/jovyan/shared-readwrite", "subPath": "_shared"}


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is laid out. `list_indent` is how far dashes stand in from their key."""

    step: int = 2
    list_indent: int = 2
    crlf: bool = False
    final_line_end: bool = True
    document_start: bool = False
    comments: bool = True
    literal: bool = False
    """Whether text of several lines stands as it is, behind `|`."""
    flow_below: int = 99
    """From this depth on everything is in brackets."""


class _Within(str):
    """A line of a text, before which no comment may stand."""


styles = st.builds(
    Style,
    step=st.integers(1, 5),
    list_indent=st.integers(0, 4),
    crlf=st.booleans(),
    final_line_end=st.booleans(),
    document_start=st.booleans(),
    comments=st.booleans(),
    literal=st.booleans(),
    flow_below=st.sampled_from([0, 1, 2, 3, 4, 99, 99, 99]),
)

TEXTS = ("multi\nline\n", "import os\n\n# no comment: {\njupyterhub:\n  custom: [1\n", "a:\n  b\n\n\n", "x\n- y")
"""Of several lines, as hubs' configuration in Python is; what is in them is no YAML."""
scalars = st.one_of(
    st.booleans(),
    st.none(),
    st.integers(-5, 5000),
    st.text(alphabet="abc :#-'\"{}[],&*é漢!|>%@` \\", max_size=12),
    st.sampled_from(["10.2.0.2", "yes", "0o17", "2026-01-01", *TEXTS, "ends # so", "- dash", "~"]),
)
names = st.sampled_from(["hub", "singleuser", "proxy", "ingress", "note", "image", "zoé", "a b", "1-x"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)


def render(tree: dict[str, Any], style: Style, comments: list[str]) -> str:
    """TREE as the text of a file. COMMENTS are put between its lines in turn."""
    lines = ["---"] if style.document_start else []
    lines += _map(tree, 0, 0, style) if tree else []
    if style.comments and comments:
        lines = _with_comments(lines, comments)
    end = "\r\n" if style.crlf else "\n"
    text = end.join(lines)
    # The line end of a text's last line is a part of it.
    ends = lines and (style.final_line_end or isinstance(lines[-1], _Within))
    return text + end if ends else text


def _with_comments(lines: list[str], comments: list[str]) -> list[str]:
    mixed: list[str] = []
    for index, line in enumerate(lines):
        comment = comments[index % len(comments)]
        if comment and not isinstance(line, _Within) and not line.startswith("---"):
            mixed.append(comment)
        mixed.append(line)
    if lines and isinstance(lines[-1], _Within):  # what follows would be a part of the text
        return mixed
    return [*mixed, *(comment for comment in comments[:1] if comment)]


def _map(tree: dict[str, Any], indent: int, depth: int, style: Style) -> list[str]:
    lines: list[str] = []
    for key, value in tree.items():
        lead = f"{' ' * indent}{_scalar(key)}:"
        if isinstance(value, dict) and value and depth < style.flow_below:
            lines += [lead, *_map(value, indent + style.step, depth + 1, style)]
        elif isinstance(value, list) and value and depth < style.flow_below:
            lines += [lead, *_list(value, indent + style.list_indent, depth + 1, style)]
        elif style.literal and isinstance(value, str) and "\n" in value and depth < style.flow_below:
            lines += [f"{lead} {_mark(value)}", *_literal(value, indent + style.step)]
        else:
            lines.append(f"{lead} {_flow(value)}")
    return lines


def _mark(text: str) -> str:
    """How its end is kept."""
    if not text.endswith("\n"):
        return "|-"
    return "|+" if text.endswith("\n\n") else "|"


def _literal(text: str, indent: int) -> list[str]:
    return [_Within(f"{' ' * indent}{line}" if line else "") for line in text.removesuffix("\n").split("\n")]


def _list(items: list[Any], indent: int, depth: int, style: Style) -> list[str]:
    lines: list[str] = []
    for item in items:
        if isinstance(item, dict) and item and depth < style.flow_below:
            first, *others = _map(item, indent + 2, depth + 1, style)
            lines += [f"{' ' * indent}- {first.lstrip(' ')}", *others]
        else:
            lines.append(f"{' ' * indent}- {_flow(item)}")
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(entry) for entry in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and value.replace("-", "").replace("/", "").replace("_", "").isalpha():
        return (
            value
            if value.lower() not in ("yes", "no", "true", "false", "on", "off", "null", "y", "n")
            else f"'{value}'"
        )
    return msgspec.json.encode(value).decode()
