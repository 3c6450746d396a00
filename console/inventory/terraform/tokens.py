"""Small questions to the parser's tree, in which a token is a str."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Tree
    from lark.lexer import Token

_LINE_END = "new_line_or_comment"


def child_trees(tree: Tree[Token]) -> Sequence[Tree[Token]]:
    """What TREE holds besides marks and line ends."""
    return [child for child in tree.children if not isinstance(child, str) and child.data != _LINE_END]


def with_commas(tree: Tree[Token]) -> Iterator[tuple[Tree[Token], bool]]:
    """Each child tree, and whether a comma stands between it and the one before."""
    comma = False
    for child in tree.children:
        if isinstance(child, str):
            comma = comma or child == ","
        elif child.data != _LINE_END:
            yield child, comma
            comma = False


def tokens(tree: Tree[Token], *, backwards: bool = False) -> Iterator[Token]:
    """The tokens in TREE in their order, line ends left out."""
    for child in reversed(tree.children) if backwards else tree.children:
        if isinstance(child, str):
            yield child
        elif child.data != _LINE_END:
            yield from tokens(child, backwards=backwards)


def place(tree: Tree[Token]) -> tuple[int, int]:
    """Line and column where TREE begins."""
    first = next(tokens(tree))
    return first.line or 1, first.column or 1


def last_line(tree: Tree[Token]) -> int:
    """The line on which TREE ends; that of the end mark for a heredoc."""
    last = next(tokens(tree, backwards=True))
    return (last.line or 1) + last.strip("\r\n").count("\n")


def token_text(tree: Tree[Token]) -> str:
    """The text of a tree of one token."""
    return str(next(tokens(tree)))


def depth(tree: Tree[Token]) -> int:
    """How deep TREE is, however deep."""
    deepest = 0
    waiting = [(tree, 1)]
    while waiting:
        current, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in current.children if not isinstance(child, str)]
    return deepest
