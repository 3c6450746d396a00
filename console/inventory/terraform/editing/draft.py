"""A cluster's variables file as it would be after an edit, with what Terraform would make of it then."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from console.inventory.editing.diff import unified
from console.inventory.editing.refusals import EditRefused
from console.inventory.files import Files, Overlaid, Unreadable
from console.inventory.terraform.editing.edit import with_value, without_entry
from console.inventory.terraform.model import DeclaredTerraform, TerraformResource
from console.inventory.terraform.read import folder_variables, read_one
from console.inventory.terraform.values import Value

Change = tuple[Sequence[str], Value]
"""A path, as `with_value` takes it, and what is to stand there."""


class VariablesEdit(msgspec.Struct, frozen=True, kw_only=True):
    """One file before and after. `made` are the resources that there were not before, `changed` those of another
    capacity or tier, before and after; `gone` those that are no longer declared."""

    file: str
    before: bytes
    after: bytes
    made: tuple[TerraformResource, ...] = ()
    changed: tuple[tuple[TerraformResource, TerraformResource], ...] = ()
    gone: tuple[TerraformResource, ...] = ()

    @property
    def diff(self) -> str:
        return unified(self.file, self.before, self.after)


class VariablesDraft:
    """The file of DECLARATION in CHECKOUT, read now. Raises EditRefused where it can't be read."""

    def __init__(self, checkout: Path, declaration: DeclaredTerraform) -> None:
        self._checkout = checkout
        self._path = checkout / declaration.file
        try:
            self._content = Files().read(self._path)
            self._content.decode()
        except Unreadable as error:
            raise EditRefused(f"{declaration.file} {error.message}") from error
        except UnicodeDecodeError as error:
            raise EditRefused(f"{declaration.file} is not UTF-8") from error
        self._variables = folder_variables(checkout, declaration)
        self.declaration = read_one(checkout, declaration, Files())
        """What the file declares now."""

    def has(self, variable: str) -> bool:
        """Whether the folder has a variable of this name."""
        return variable in self._variables

    def edited(self, *changes: Change) -> VariablesEdit:
        """The edit that makes CHANGES, one after another. Raises EditRefused."""
        after = self._content
        for path, value in changes:
            after = with_value(after, self._variables, path, value)
        return self._edit(after)

    def without(self, variable: str, key: str) -> VariablesEdit:
        """The edit that takes an entry out of a map. Raises EditRefused."""
        return self._edit(without_entry(self._content, self._variables, variable, key))

    def _edit(self, content: bytes) -> VariablesEdit:
        after = read_one(self._checkout, self.declaration, Overlaid({str(self._path): content}))
        if after.error is not None:
            raise EditRefused(f"{after.error.origin}: {after.error.message}")
        old = {one.address: one for one in self.declaration.resources}
        new = {one.address: one for one in after.resources}
        return VariablesEdit(
            file=self.declaration.file,
            before=self._content,
            after=content,
            made=tuple(one for address, one in new.items() if address not in old),
            changed=tuple(
                (old[address], one)
                for address, one in new.items()
                if address in old and _without_place(one) != _without_place(old[address])
            ),
            gone=tuple(one for address, one in old.items() if address not in new),
        )


def _without_place(resource: TerraformResource) -> tuple[object, ...]:
    return tuple(getattr(resource, name) for name in resource.__struct_fields__ if name != "origin")
