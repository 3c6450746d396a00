"""HCL text to a Document, by python-hcl2's grammar; it alone is imported here, and late: it costs 1.5 s."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.inventory.terraform.comments import prepared
from console.inventory.terraform.expressions import as_key, expression, string
from console.inventory.terraform.syntax import Attribute, Block, Constant, Document, Faulty
from console.inventory.terraform.tokens import child_trees, depth, last_line, place, token_text

if TYPE_CHECKING:
    from lark import Tree
    from lark.lexer import Token

_NOT_HCL = "what stands here is not HCL, or of a kind that is not read"
_DEEPEST = 200
"""Levels of the parser's tree, of which a nested value takes three."""


def parse(content: bytes) -> Document:
    """The attributes and blocks of a file. Raises Faulty."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - before.rfind(b"\n")
        raise Faulty("it is not UTF-8 text", before.count(b"\n") + 1, column) from error
    return _document(syntax_tree(text.removeprefix("\ufeff")))


def syntax_tree(text: str) -> Tree[Token]:
    """The parser's tree, with lines and columns of TEXT. Raises Faulty."""
    tree = _tree(prepared(text))
    if depth(tree) > _DEEPEST:
        raise Faulty("its values are nested too deeply", 1, 1)
    return tree


def _tree(text: str) -> Tree[Token]:
    from hcl2.api import parses_to_tree
    from lark.exceptions import LarkError, UnexpectedInput

    try:
        return parses_to_tree(text)
    except UnexpectedInput as error:
        line, column = _place_of_error(text, error.line, error.column)
        message = "it ends where more is expected" if not text[_offset(text, line, column) :].strip() else _NOT_HCL
        raise Faulty(message, line, column) from error
    except LarkError as error:
        raise Faulty(_NOT_HCL, 1, 1) from error


def _place_of_error(text: str, line: int, column: int) -> tuple[int, int]:
    """Line and column, within TEXT: the parser tells the end of a file as a place behind it or as none (-1)."""
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return 1, 1
    if line < 1 or line > len(lines):
        return len(lines), len(lines[-1]) + 1
    return line, max(1, column)


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1


def _document(tree: Tree[Token]) -> Document:
    (body,) = child_trees(tree)
    children = _statements(body)
    attributes = tuple(_attribute(child) for child in children if child.data == "attribute")
    _require_distinct(attributes)
    return Document(attributes, tuple(_block(child) for child in children if child.data == "block"))


def _statements(body: Tree[Token]) -> Sequence[Tree[Token]]:
    """The attributes and blocks of BODY, each of which must begin on a line of its own."""
    statements = child_trees(body)
    for before, statement in itertools.pairwise(statements):
        line, column = place(statement)
        if line <= last_line(before):
            raise Faulty("a new line is missing before what stands here", line, column)
    return statements


def _attribute(tree: Tree[Token]) -> Attribute:
    name, value = child_trees(tree)
    return Attribute(token_text(name), *place(name), expression(value))


def _block(tree: Tree[Token]) -> Block:
    *labels, body = child_trees(tree)
    attributes = tuple(_attribute(child) for child in _statements(body) if child.data == "attribute")
    _require_distinct(attributes)
    return Block(tuple(_label(label) for label in labels), *place(tree), attributes)


def _label(tree: Tree[Token]) -> str:
    label = string(tree) if tree.data == "string" else as_key(tree)
    if isinstance(label, Constant) and isinstance(label.value, str):
        return label.value
    raise Faulty("a block's label must be a plain name", *place(tree))


def _require_distinct(attributes: Sequence[Attribute]) -> None:
    lines: dict[str, int] = {}
    for attribute in attributes:
        first = lines.setdefault(attribute.name, attribute.line)
        if first != attribute.line:
            raise Faulty(f"{attribute.name} is set a second time (first in line {first})", attribute.line, 1)
