"""Expressions, from the parser's tree to our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from console.inventory.terraform.strings import heredoc, holds_template, unescaped
from console.inventory.terraform.syntax import (
    Call,
    Constant,
    Expression,
    Faulty,
    ListOf,
    Number,
    ObjectOf,
    Operation,
    Template,
    Unsupported,
    Word,
)
from console.inventory.terraform.tokens import child_trees, last_line, place, token_text, tokens, with_commas

if TYPE_CHECKING:
    from lark import Tree
    from lark.lexer import Token

_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_PLAIN_KEYS = frozenset({"identifier", "keyword", "literal_value"})


def expression(tree: Tree[Token]) -> Expression:
    """What TREE, a value, says. Raises Faulty."""
    read = _READERS.get(str(tree.data))
    if read is not None:
        return read(tree)
    line, column = place(tree)
    what = _WORDS.get(str(tree.data), "an expression of this kind")
    return Unsupported(line=line, column=column, what=what)


_WORDS = {
    "for_tuple_expr": "a for expression",
    "for_object_expr": "a for expression",
    "index_expr_term": "an index",
    "attr_splat_expr_term": "a splat",
    "full_splat_expr_term": "a splat",
}


def _term(tree: Tree[Token]) -> Expression:
    (inner,) = child_trees(tree)
    return expression(inner)


def string(tree: Tree[Token]) -> Expression:
    """A quoted string. Raises Faulty for an escape that HCL does not have."""
    line, column = place(tree)
    parts = tuple(_parts(tree))
    if all(isinstance(part.children[0], str) for part in child_trees(tree)):
        value = "".join(str(part.value) for part in parts if isinstance(part, Constant))
        return Constant(line=line, column=column, value=value)
    return Template(line=line, column=column, parts=parts)


def _parts(tree: Tree[Token]) -> Iterator[Expression]:
    for part in child_trees(tree):
        line, column = place(part)
        (inner,) = part.children
        if isinstance(inner, str):
            try:
                text = unescaped(inner)
            except ValueError as error:
                raise Faulty("a backslash in this string begins no escape of HCL", line, column) from error
            yield Constant(line=line, column=column, value=text)
        elif inner.data == "interpolation":
            (value,) = child_trees(inner)
            yield expression(value)
        else:
            yield Unsupported(line=line, column=column, what="a template directive")


def _heredoc(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    text = token_text(tree)
    if holds_template(text):
        return Unsupported(line=line, column=column, what="a heredoc with a template")
    return Constant(line=line, column=column, value=heredoc(text))


def _literal(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    return Constant(line=line, column=column, value=_LITERALS[token_text(tree)])


def _number(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    return Number(line=line, column=column, digits=token_text(tree))


def _word(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    return Word(line=line, column=column, name=token_text(tree))


def _attribute_of(tree: Tree[Token]) -> Expression:
    """`a.b`: a reference where it begins with a word."""
    line, column = place(tree)
    value = expression(child_trees(tree)[0])
    if isinstance(value, Word):
        return Word(line=line, column=column, name="".join(map(str, tokens(tree))))
    return Unsupported(line=line, column=column, what="an attribute of a value")


def _list(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    return ListOf(line=line, column=column, items=tuple(expression(child) for child in child_trees(tree)))


def _object(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    entries = []
    before: Tree[Token] | None = None
    for element, comma in with_commas(tree):
        if before is not None and not comma and place(element)[0] <= last_line(before):
            raise Faulty("a comma or a new line is missing before what stands here", *place(element))
        key, value = child_trees(element)
        entries.append((as_key(child_trees(key)[0]), expression(value)))
        before = element
    return ObjectOf(line=line, column=column, entries=tuple(entries))


def as_key(tree: Tree[Token]) -> Expression:
    """The key of an entry: a bare word is its own name."""
    inner = tree
    while inner.data == "expr_term" and len(inner.children) == 1:
        (inner,) = child_trees(inner)
    if inner.data in _PLAIN_KEYS:
        line, column = place(inner)
        return Constant(line=line, column=column, value=token_text(inner))
    return expression(tree)


def _call(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    name, *rest = child_trees(tree)
    arguments = tuple(expression(child) for group in rest if group.data == "arguments" for child in child_trees(group))
    return Call(line=line, column=column, name=token_text(name), arguments=arguments)


def _unary(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    (operand,) = child_trees(tree)
    operator = str(next(tokens(tree))).strip()
    return Operation(line=line, column=column, operator=operator, operands=(expression(operand),))


def _binary(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    left, term = child_trees(tree)
    operator, right = child_trees(term)
    operands = (expression(left), expression(right))
    return Operation(line=line, column=column, operator=token_text(operator).strip(), operands=operands)


def _conditional(tree: Tree[Token]) -> Expression:
    line, column = place(tree)
    operands = tuple(expression(child) for child in child_trees(tree))
    return Operation(line=line, column=column, operator="?", operands=operands)


_READERS: dict[str, Callable[[Tree[Token]], Expression]] = {
    "expr_term": _term,
    "string": string,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
    "literal_value": _literal,
    "int_lit": _number,
    "float_lit": _number,
    "identifier": _word,
    "get_attr_expr_term": _attribute_of,
    "tuple": _list,
    "object": _object,
    "function_call": _call,
    "unary_op": _unary,
    "binary_op": _binary,
    "conditional": _conditional,
}
