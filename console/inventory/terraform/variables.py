"""The variables of one cluster: what its file assigns, and the folder's defaults where it is silent."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from console.inventory.model import Origin
from console.inventory.terraform.evaluate import NotRead, entry_places, evaluate
from console.inventory.terraform.syntax import Attribute, Document, Expression, Faulty
from console.inventory.terraform.types import typed
from console.inventory.terraform.values import Unusable, Value


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A `variable` block. `default` None: it must be set; `type` None: anything goes."""

    name: str
    line: int
    column: int
    type: Expression | None = None
    default: Expression | None = None
    nullable: bool = True


class Wrong(Exception):
    """A file that Terraform would refuse, or that can't be followed. `origin` is where."""

    def __init__(self, message: str, origin: Origin) -> None:
        super().__init__(message)
        self.message = message
        self.origin = origin


def declared(document: Document) -> Mapping[str, Variable]:
    """The variables of a variables.tf by name. Raises Faulty."""
    variables: dict[str, Variable] = {}
    for block in document.blocks:
        if block.labels[0] != "variable" or len(block.labels) != 2:
            continue
        name = block.labels[1]
        if name in variables:
            raise Faulty(f"the variable {name} is declared a second time", block.line, block.column)
        parts = {attribute.name: attribute.expression for attribute in block.attributes}
        nullable = evaluate(parts["nullable"]) is not False if "nullable" in parts else True
        variables[name] = Variable(
            name=name,
            line=block.line,
            column=block.column,
            type=parts.get("type"),
            default=parts.get("default"),
            nullable=nullable,
        )
    return variables


def require_constants(document: Document) -> None:
    """Refuses what Terraform refuses in a variables file: blocks, references and functions. Raises Faulty."""
    for block in document.blocks:
        raise Faulty("a variables file holds no blocks", block.line, block.column)
    for attribute in document.attributes:
        try:
            evaluate(attribute.expression)
        except NotRead:
            continue


class Variables:
    """VARIABLES of `folder_file`, with the assignments of ASSIGNED, which is `file`."""

    def __init__(self, variables: Mapping[str, Variable], folder_file: str, assigned: Document, file: str) -> None:
        self._variables = variables
        self._folder_file = folder_file
        self._assigned: Mapping[str, Attribute] = {attribute.name: attribute for attribute in assigned.attributes}
        self._file = file

    def __contains__(self, name: str) -> bool:
        """Whether the folder has a variable of this name. An assignment to another is ignored by Terraform."""
        return name in self._variables

    def assigns(self, name: str) -> bool:
        """Whether the cluster's own file sets the variable."""
        return name in self._variables and name in self._assigned

    def value(self, name: str) -> Value:
        """What the variable is; None also where the folder has none of this name, or it is not set. Raises Wrong."""
        variable = self._variables.get(name)
        if variable is None:
            return None
        assigned = self._assigned.get(name)
        if assigned is not None:
            value = self._typed(assigned.expression, variable, self._file)
            if value is not None or variable.nullable:
                return value
        return None if variable.default is None else self._typed(variable.default, variable, self._folder_file)

    def entries(self, name: str) -> list[tuple[str, dict[str, Value], Origin]]:
        """The entries of a map of objects, each with where it stands. Raises Wrong."""
        value = self.value(name)
        if not isinstance(value, dict):
            return []
        places = self._entry_places(name)
        origin = self.origin(name)
        return [
            (key, entry, places.get(key, origin)) for key, entry in sorted(value.items()) if isinstance(entry, dict)
        ]

    def origin(self, name: str) -> Origin:
        """Where the variable was decided: its assignment, else its declaration."""
        assigned = self._assigned.get(name)
        if assigned is not None:
            return Origin(self._file, assigned.line, assigned.column)
        variable = self._variables.get(name)
        return Origin(self._folder_file, variable.line, variable.column) if variable else Origin(self._file)

    def _entry_places(self, name: str) -> Mapping[str, Origin]:
        assigned = self._assigned.get(name)
        expression = assigned.expression if assigned else self._variables[name].default
        file = self._file if assigned else self._folder_file
        if expression is None:
            return {}
        return {key: Origin(file, line, column) for key, (line, column) in entry_places(expression).items()}

    def _typed(self, expression: Expression, variable: Variable, file: str) -> Value:
        try:
            value = evaluate(expression)
        except Faulty as error:
            raise Wrong(f"{variable.name}: {error.message}", Origin(file, error.line, error.column)) from error
        try:
            return typed(value, variable.type)
        except Unusable as error:
            origin = Origin(file, expression.line, expression.column)
            raise Wrong(f"{variable.name} is not what its type wants: {error}", origin) from error
        except Faulty as error:
            origin = Origin(self._folder_file, error.line, error.column)
            raise Wrong(f"the type of {variable.name}: {error.message}", origin) from error
