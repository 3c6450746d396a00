"""The variables file of a cluster as it is now, for actions that declare something in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from console.actions.configuration.tree import base_of, by_hand
from console.actions.protocol import Context, Refused
from console.chain.terraform import capacity
from console.chain.words import command

if TYPE_CHECKING:
    from console.inventory.terraform import DeclaredTerraform, TerraformResource
    from console.inventory.terraform.editing.draft import Change, VariablesDraft, VariablesEdit

LIVE = "to ask the cloud at once"


def draft_of(context: Context, *, file: str | None = None) -> VariablesDraft:
    """The cluster's variables FILE, read now; None: its first. Raises Refused."""
    from console.inventory.editing.refusals import EditRefused
    from console.inventory.terraform.editing.draft import VariablesDraft

    base, made = base_of(context, otherwise=LIVE), context.cluster.terraform
    if made is None:
        raise Refused(
            f"the tree has no variables file of Terraform for {context.cluster.name}",
            next_step=f"add terraform/CLOUD/projects/{context.cluster.name}.tfvars, or --live {LIVE}",
        )
    try:
        draft = VariablesDraft(base, _stub(file or made.file))
    except EditRefused as refused:
        raise Refused(refused.reason) from refused
    error = draft.declaration.error
    if error is not None:
        raise Refused(f"{error.origin}: {error.message}", next_step=error.next_step)
    return draft


def _stub(file: str) -> DeclaredTerraform:
    """What the name of a variables file tells: terraform/CLOUD/projects/NAME.tfvars."""
    from console.inventory.terraform import CLOUDS, DeclaredTerraform

    cloud = next(one for one in CLOUDS if file.startswith(f"terraform/{one}/"))
    return DeclaredTerraform(file=file, cloud=cloud, name=file.rpartition("/")[2].removesuffix(".tfvars"))


def edited(draft: VariablesDraft, changes: Iterable[Change]) -> VariablesEdit:
    """Raises Refused, with the lines to put in by hand."""
    from console.inventory.editing.refusals import EditRefused

    try:
        return draft.edited(*changes)
    except EditRefused as refused:
        raise by_hand("no file", refused) from refused


def made_lines(resource: TerraformResource) -> str:
    """What Terraform makes: its address, and below that its name, size, tier and place."""
    name = f"{resource.parent}/{resource.name}" if resource.parent else resource.name
    facts = [name, capacity(resource.capacity_gib) if resource.capacity_gib is not None else ""]
    facts += [resource.tier, resource.zone or resource.region, f"share {resource.share}" if resource.share else ""]
    return f"{resource.address}\n  {', '.join(fact for fact in facts if fact)}"


def apply_commands(declaration: DeclaredTerraform) -> tuple[str, str, str]:
    """By which Terraform makes it so, from the top of the checkout."""
    folder, var_file = f"-chdir={declaration.folder}", f"-var-file={declaration.var_file}"
    return (
        command("terraform", folder, "workspace", "select", declaration.name),
        command("terraform", folder, "plan", var_file),
        command("terraform", folder, "apply", var_file),
    )
