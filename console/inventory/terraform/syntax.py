"""HCL as written, before anything is worked out: small enough to be kept between runs."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class _Node(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """A piece of an expression; lines and columns count from 1."""

    line: int
    column: int


class Constant(_Node, frozen=True, kw_only=True):
    """A string without templates, true, false or null."""

    value: str | bool | None


class Number(_Node, frozen=True, kw_only=True):
    """A number in its own digits."""

    digits: str


class Template(_Node, frozen=True, kw_only=True):
    """A quoted string with `${…}` in it."""

    parts: tuple[Expression, ...]


class ListOf(_Node, frozen=True, kw_only=True):
    """`[…]`"""

    items: tuple[Expression, ...]


class ObjectOf(_Node, frozen=True, kw_only=True):
    """`{…}`; a key that is a bare word is a Constant."""

    entries: tuple[tuple[Expression, Expression], ...]


class Operation(_Node, frozen=True, kw_only=True):
    """One or two operands, or the three of `?` in the order in which they stand."""

    operator: str
    operands: tuple[Expression, ...]


class Word(_Node, frozen=True, kw_only=True):
    """A bare word: a type's name, or a reference."""

    name: str


class Call(_Node, frozen=True, kw_only=True):
    """A function, or a type with arguments."""

    name: str
    arguments: tuple[Expression, ...]


class Unsupported(_Node, frozen=True, kw_only=True):
    """What Terraform may be able to work out and this reader is not; `what` names it."""

    what: str


Expression: TypeAlias = Constant | Number | Template | ListOf | ObjectOf | Operation | Word | Call | Unsupported


class Attribute(msgspec.Struct, frozen=True, array_like=True):
    """`name = expression`."""

    name: str
    line: int
    column: int
    expression: Expression


class Block(msgspec.Struct, frozen=True, array_like=True):
    """`labels[0] "labels[1]" … { … }`; blocks inside are left out."""

    labels: tuple[str, ...]
    line: int
    column: int
    attributes: tuple[Attribute, ...]


class Document(msgspec.Struct, frozen=True, array_like=True):
    """A file's content."""

    attributes: tuple[Attribute, ...] = ()
    blocks: tuple[Block, ...] = ()


class Faulty(Exception):
    """The text is no HCL that can be used. `message` never holds any of the text."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
