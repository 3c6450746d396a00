"""Parses a YAML file into nodes that know their line and column, and says what is wrong with it.

Nodes are composed by libyaml and never turned into Python values as a whole: an alias is the same node again, so a
file of aliases upon aliases costs no more than its text.
"""

from __future__ import annotations

import msgspec
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml still works, 30 times slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAXIMUM_DEPTH = 1000


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong in a file, at a line and column that count from 1 (0: the whole file).

    `kind` is a Problem's kind. `fatal`: nothing of the file can be used.
    """

    kind: str
    message: str
    line: int = 0
    column: int = 0
    fatal: bool = True
    next_step: str = ""


class Document(msgspec.Struct, frozen=True):
    """A parsed file: its root (None: no values in it, or it is broken) and its flaws."""

    root: MappingNode | None
    flaws: tuple[Flaw, ...] = ()


def parse(content: bytes) -> Document:
    """CONTENT as Helm reads it: the first document, which must be a map or nothing."""
    too_deep = _too_deep(content)
    if too_deep:
        return Document(None, (too_deep,))
    try:
        loader = Loader(content)
        try:
            root = loader.get_node() if loader.check_node() else None
            further = loader.get_node() if root is not None and loader.check_node() else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        return Document(None, (_flaw_of(error, content),))
    return _checked(root, (_further_document(further),) if further is not None else ())


def _checked(root: Node | None, flaws: tuple[Flaw, ...]) -> Document:
    if root is None or (isinstance(root, ScalarNode) and root.tag.endswith(":null")):
        return Document(None, flaws)
    if not isinstance(root, MappingNode):
        what = "a list" if isinstance(root, SequenceNode) else "a single value"
        line, column = position(root)
        message = f"holds {what}, not a map of values"
        return Document(None, (Flaw(kind="not-a-map", message=message, line=line, column=column),))
    return Document(root, (*flaws, *_duplicate_keys(root)))


def position(node: Node) -> tuple[int, int]:
    """Line and column of a node, from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def _further_document(node: Node) -> Flaw:
    line, column = position(node)
    message = "has a second document, which Helm does not read"
    return Flaw(kind="yaml", message=message, line=line, column=column, fatal=False)


def _flaw_of(error: yaml.YAMLError, content: bytes) -> Flaw:
    if isinstance(error, ReaderError):
        return _flaw_of_bytes(error, content)
    problem = getattr(error, "problem", None) or str(error)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    step = ""
    if line and "cannot start any token" in problem and _is_tab(content, line, column):
        problem, step = "a tab is used for indentation", "Indent with spaces: YAML allows no tabs."
    context = getattr(error, "context", None)
    message = f"is not valid YAML: {problem}" + (f" ({context})" if context and not step else "")
    return Flaw(kind="yaml", message=message, line=line, column=column, next_step=step)


def _flaw_of_bytes(error: ReaderError, content: bytes) -> Flaw:
    offset = error.position if isinstance(error.position, int) else 0
    before = content[:offset]
    line, column = before.count(b"\n") + 1, offset - (before.rfind(b"\n") + 1) + 1
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        step = "Save the file as UTF-8."
        return Flaw(kind="yaml", message="is not UTF-8", line=line, column=column, next_step=step)
    message = f"holds a character that YAML does not allow: {error.reason}"
    return Flaw(kind="yaml", message=message, line=line, column=column)


def _is_tab(content: bytes, line: int, column: int) -> bool:
    lines = content.splitlines()
    return line <= len(lines) and b"\t" in lines[line - 1][: column + 1]


def _duplicate_keys(root: Node) -> list[Flaw]:
    flaws: list[Flaw] = []
    seen: set[int] = set()
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            keys = [key.value for key, _ in node.value if key.__class__ is ScalarNode]
            if len(set(keys)) != len(keys):
                flaws.extend(_repeated(node))
            waiting.extend(value for _, value in node.value if value.__class__ is not ScalarNode)
        elif isinstance(node, SequenceNode):
            waiting.extend(value for value in node.value if value.__class__ is not ScalarNode)
    return sorted(flaws, key=lambda flaw: (flaw.line, flaw.column))


def _repeated(node: MappingNode) -> list[Flaw]:
    first: dict[str, int] = {}
    flaws = []
    for key, _ in node.value:
        if not isinstance(key, ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
            continue
        line, column = position(key)
        if key.value in first:
            message = f'has the key "{key.value}" twice, in lines {first[key.value]} and {line}; Helm takes the last'
            step = "Keep one of the two."
            flaws.append(
                Flaw(kind="yaml", message=message, line=line, column=column, fatal=False, next_step=step),
            )
        first.setdefault(key.value, line)
    return flaws


def _too_deep(content: bytes) -> Flaw | None:
    """A flaw for nesting that would exhaust the C stack in the parser; only looked at where the text could hold it."""
    if len(content) - len(content.translate(None, b"[{-?")) < MAXIMUM_DEPTH:
        return None
    depth = 0
    try:
        for event in yaml.parse(content, Loader=Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAXIMUM_DEPTH:
                    line = event.start_mark.line + 1 if event.start_mark else 0
                    return Flaw(kind="yaml", message=f"nests more than {MAXIMUM_DEPTH} levels deep", line=line)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        return None
    return None
