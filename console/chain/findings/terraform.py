"""Terraform: what it declares is there, as it declares it, and what is there is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from console.chain.filestores import FilestoreInventory
from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.terraform import BACKENDS, capacity, gib
from console.chain.terraform_import import import_lines, mending_lines, plan_command, rename_lines
from console.chain.terraform_model import TerraformDrift, TerraformResource, TerraformState
from console.chain.words import some
from console.inventory.terraform import DeclaredTerraform, TerraformSide
from providers.filestores.protocol import Filestore

_DECLARED = "Terraform's variables against the filestores that the cloud lists."

MISSING = Rule(
    code="TFM01",
    severity="warning",
    link="filestore",
    title="Declared filestore is missing",
    meaning="None yet, where no hub is to live on it. Who deploys a hub on it finds no server.",
    found_by=f"{_DECLARED} Only where that list is complete.",
    mends="Apply Terraform; or make it as declared and import it; or take it out of the variables.",
    action="create-filestore",
)
UNDECLARED = Rule(
    code="TFM02",
    severity="info",
    link="filestore",
    title="Filestore is not in Terraform",
    meaning="Nothing. It was made by hand: Terraform neither grows it nor protects it from being deleted.",
    found_by=_DECLARED,
    mends="Import it: the finding has the lines to add and the commands to run.",
)
CAPACITY = Rule(
    code="TFM03",
    severity="warning",
    link="filestore",
    title="Filestore has another capacity than declared",
    meaning="Nothing yet. The next apply changes its size, or fails where it cannot shrink.",
    found_by=_DECLARED,
    mends="Declare the capacity that it has; or apply, where the declared one is meant.",
    or_action="grow",
)
TIER = Rule(
    code="TFM04",
    severity="warning",
    link="filestore",
    title="Filestore has another tier than declared",
    meaning="Nothing yet. A tier cannot change in place: no apply works until the two agree.",
    found_by=_DECLARED,
    mends="Declare the tier that it has.",
)
NAME = Rule(
    code="TFM05",
    severity="warning",
    or_severity="info",
    when="only the tag Name of an EFS differs",
    link="filestore",
    title="Filestore has another name than declared",
    meaning="Nothing yet. An apply would make a second, empty one of the declared name.",
    found_by=f"{_DECLARED} One is declared and missing, and hubs live on one that is not declared.",
    mends="Declare the name that it has, and import it.",
)
UNREADABLE = Rule(
    code="TFM06",
    severity="warning",
    link="configuration",
    title="Terraform's variables cannot be read",
    meaning="Nothing. What Terraform declares is not known, so nothing is said of it.",
    found_by="Reading terraform/CLOUD/projects/*.tfvars and each folder's variables.tf.",
    mends="Mend the line.",
)
RULES = (MISSING, UNDECLARED, CAPACITY, TIER, NAME, UNREADABLE)


def findings(
    cluster: str,
    side: TerraformSide | None,
    state: TerraformState | None,
    inventory: FilestoreInventory | None,
    hubs: Mapping[str, Sequence[str]],
    *,
    hubs_known: bool = True,
) -> Iterator[Finding]:
    """What concerns the cluster. HUBS has the names of those that live on each filestore, by its id; without
    HUBS_KNOWN, of those that are known to."""
    if side is None or state is None:
        return
    stores = {store.id: store for store in inventory.filestores} if inventory is not None else {}
    files = {one.file: one for one in side.own}
    for declaration in side.own:
        if declaration.error is not None and is_own_error(declaration):
            yield unreadable(declaration, cluster)
    for resource in state.resources:
        if resource.found == "missing":
            yield _missing(cluster, files[resource.file], resource)
        if resource.live in stores:
            yield from _drifts(cluster, files[resource.file], resource, stores[resource.live])
    for identity in state.undeclared:
        store = stores[identity]
        owner = next(one for one in side.own if BACKENDS.get(one.cloud) == store.backend)
        yield _undeclared(cluster, owner, store, hubs.get(identity, ()), hubs_known=hubs_known)


def is_own_error(declaration: DeclaredTerraform) -> bool:
    """Whether the fault is in the cluster's file, not in the variables that all of its folder share."""
    return declaration.error is not None and declaration.error.origin.file == declaration.file


def unreadable(declaration: DeclaredTerraform, cluster: str) -> Finding:
    """CLUSTER "": it is nobody's file, or everybody's."""
    assert declaration.error is not None  # noqa: S101 - asked only of those with one
    error = declaration.error
    return UNREADABLE.finding(
        f"{error.origin} can't be read",
        cluster=cluster,
        detail=(error.message,),
        next_step=error.next_step,
        subject=error.origin.file,
    )


def _missing(cluster: str, declaration: DeclaredTerraform, resource: TerraformResource) -> Finding:
    facts = [capacity(resource.capacity_gib)] if resource.capacity_gib is not None else []
    facts += [word for word in (resource.tier, resource.zone or resource.region) if word]
    return MISSING.finding(
        f"{_named(resource)} is declared and not there",
        cluster=cluster,
        detail=(
            _where(resource) + (f": {', '.join(facts)}" if facts else ""),
            "it was never applied, or deleted by hand: prevent_destroy only keeps Terraform from deleting it",
        ),
        next_step=plan_command(declaration),
        asks={"key": resource.key or _named(resource), "live": True},
        subject=resource.address,
    )


def _undeclared(
    cluster: str, declaration: DeclaredTerraform, store: Filestore, hubs: Sequence[str], *, hubs_known: bool
) -> Finding:
    nobody = "no hub lives on it" if hubs_known else "no hub is known to live on it; some could not be observed"
    lives = f"hubs on it: {some(hubs)}" if hubs else nobody
    return UNDECLARED.finding(
        f"{store.name} is not in Terraform",
        cluster=cluster,
        detail=(lives, *import_lines(declaration, store)),
        subject=store.id,
        filestore=store.id,
    )


def _drifts(
    cluster: str, declaration: DeclaredTerraform, resource: TerraformResource, store: Filestore
) -> Iterator[Finding]:
    by_name = {"capacity": CAPACITY, "tier": TIER, "name": NAME}
    renamed = any(drift.what == "name" for drift in resource.drift)
    asks = _growth(resource, store)
    for drift in resource.drift:
        rule = by_name[drift.what]
        tag_alone = rule is NAME and store.backend == "aws-efs"
        yield rule.finding(
            f"{drift.live} is declared as {drift.declared}"
            if rule is NAME
            else f"{store.name}: {drift.declared} declared, {drift.live} live",
            cluster=cluster,
            severity="info" if tag_alone else None,
            detail=(_where(resource), *_mending(declaration, resource, store, drift)),
            next_step="" if renamed else plan_command(declaration),
            action=CAPACITY.or_action if rule is CAPACITY and asks else None,
            asks=asks if rule is CAPACITY else None,
            subject=resource.address,
            filestore=store.id,
        )


def _growth(resource: TerraformResource, store: Filestore) -> Mapping[str, Any]:
    """What grow is asked for, so that both sides agree: the larger one declared, or made live. Nothing where the tier
    differs, too, or the name does: it may be another filestore."""
    wanted, there = resource.capacity_gib, gib(store.capacity_bytes or 0)
    if [drift.what for drift in resource.drift] != ["capacity"] or wanted is None or store.state != "ready":
        return {}
    if there > wanted:
        return {"to": int(there)} if there == int(there) else {}
    return {"to": int(wanted), "live": True} if wanted == int(wanted) else {}


def _mending(
    declaration: DeclaredTerraform, resource: TerraformResource, store: Filestore, drift: TerraformDrift
) -> tuple[str, ...]:
    own = next(one for one in declaration.resources if one.address == resource.address)
    if drift.what == "name":
        return rename_lines(declaration, own, store)
    notes: tuple[str, ...] = ()
    if drift.what == "tier":
        notes = ("a new tier is a new filestore: prevent_destroy makes Terraform refuse it",)
    elif (store.capacity_bytes or 0) > (resource.capacity_gib or 0) * 2**30:
        notes = ("an apply would shrink it: basic tiers refuse that, others do it",)
    return (*notes, *mending_lines(declaration, own, store))


def _where(resource: TerraformResource) -> str:
    return f"{resource.address}, {resource.origin}"


def _named(resource: TerraformResource) -> str:
    return f"{resource.parent}/{resource.name}" if resource.parent else resource.name
