"""Frees a Released PersistentVolume for the claim of its hub: it forgets which claim of that name it was bound to.

The claim's name stays in it, so that no other claim can take it; the uid of the deleted one goes. No data is touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.api_objects import present, refusals, writes_of
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Need, Plan, Step
from console.actions.protocol import Context, Parameter, Refused
from console.chain.words import kubectl

if TYPE_CHECKING:
    from console.actions.history import Run
    from providers.kubernetes.objects import PersistentVolume, PersistentVolumeClaim

_PATCH = '{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}'
_CHANGE = {"spec": {"claimRef": {"uid": None, "resourceVersion": None}}}


class ClearClaimRef:
    """For a volume that is Released and remembers the hub's own claim; any other is refused, and why."""

    name = "clear-claim-ref"
    summary = "Free a Released PersistentVolume, so that the hub's claim binds to it again."
    target = "hub"
    parameters: tuple[Parameter, ...] = ()

    async def plan(self, context: Context) -> Plan:
        volume, claim = await _observed(context)
        hub = context.hub
        assert hub is not None  # noqa: S101 - its target is a hub
        steps: tuple[Step, ...] = ()
        if volume is not None and volume.status.phase == "Released":
            _check(volume, claim, namespace=hub.namespace, claim_name=_claim_name(context))
            steps = (_step(volume, claim),)
        name = volume.metadata.name if volume is not None else ""
        notes = ["its data is untouched: only what it remembers of its claim changes"]
        if claim is None:
            notes.append(f"there is no claim {_claim_name(context)} yet: it binds when it is made, by a deploy")
        if volume is not None and volume.spec.persistent_volume_reclaim_policy == "Delete":
            notes.append("its reclaim policy is Delete: set Retain, or it goes when its claim goes")
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            steps=steps,
            affects=Affects(hubs=(hub.key,) if steps else ()),
            risk="servers that wait for the claim start as soon as it is bound" if steps else "",
            notes=tuple(notes) if steps else (_why_not(volume),),
            commands=(kubectl(context.cluster.context, "patch", "pv", name, "-p", _PATCH),) if steps else (),
            namespace=hub.namespace,
        )

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        return await refusals(_patched(step, context, dry_run=True) for step in plan.steps)

    async def run(self, step: Step, context: Context) -> Outcome:
        from providers.kubernetes.resources import PERSISTENT_VOLUMES

        name = step.arguments["name"]
        volume = await present(context, PERSISTENT_VOLUMES, name)
        remembered = volume.spec.claim_ref if volume is not None else None
        if volume is None or volume.metadata.uid != step.arguments["uid"]:
            raise Refused(f"{name} is no longer the volume that was planned for", next_step="plan again")
        if remembered is None or remembered.uid != step.arguments["claim_uid"]:
            return Outcome(what=f"{name} had forgotten it already", changed=False)
        await _patched(step, context, dry_run=False)
        return Outcome(what=f"{name} may bind to {remembered.namespace}/{remembered.name}")

    async def verify(self, plan: Plan, context: Context) -> Verdict:  # noqa: ARG002 - the hub says which volume
        volume, claim = await _observed(context)
        if volume is None:
            return Verdict(state="still", why="the volume is gone")
        if claim is None and volume.status.phase in ("Available", "Bound"):
            return Verdict(state="gone")
        if claim is not None and (volume.status.phase, claim.status.phase) == ("Bound", "Bound"):
            return Verdict(state="gone")
        phase = f", claim {claim.metadata.name} is {claim.status.phase}" if claim is not None else ""
        return Verdict(state="still", why=f"{volume.metadata.name} is {volume.status.phase}{phase}")

    async def undo_plan(self, run: Run, context: Context) -> Plan:  # noqa: ARG002 - the protocol's
        raise Refused("a volume that is bound again stays so: the claim it remembered is gone")


ACTION = ClearClaimRef()


def _claim_name(context: Context) -> str:
    hub = context.hub
    return (hub.pvc.name if hub is not None and hub.pvc is not None else "") or "home-nfs"


async def _observed(context: Context) -> tuple[PersistentVolume | None, PersistentVolumeClaim | None]:
    """The hub's volume and claim as they are now. Raises Refused, ProviderError."""
    from providers.kubernetes.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

    context.reached()
    hub = context.hub
    if hub is None or hub.pv is None or not hub.pv.name:
        raise Refused("what the hub's volume is called is not known", next_step="hubhomes status says why")
    volume = await present(context, PERSISTENT_VOLUMES, hub.pv.name)
    claim = await present(context, PERSISTENT_VOLUME_CLAIMS, _claim_name(context), namespace=hub.namespace)
    return volume, claim


def _check(volume: PersistentVolume, claim: PersistentVolumeClaim | None, *, namespace: str, claim_name: str) -> None:
    """Raises Refused where freeing VOLUME would not bind the hub's claim, or might bind another's."""
    name, remembered = volume.metadata.name, volume.spec.claim_ref
    if volume.metadata.deletion_timestamp is not None:
        raise Refused(f"{name} is being deleted", next_step="wait until it is gone, then make it again")
    if remembered is not None and (remembered.namespace, remembered.name) != (namespace, claim_name):
        raise Refused(
            f"{name} remembers {remembered.namespace}/{remembered.name}, not the hub's own claim {claim_name}",
            next_step="find out whose homes are on it before anything binds to it",
        )
    if claim is None:
        return
    if claim.metadata.deletion_timestamp is not None:
        raise Refused(f"claim {claim_name} is being deleted", next_step="wait until it is gone and made again")
    if claim.spec.volume_name not in ("", name):
        raise Refused(f"claim {claim_name} asks for {claim.spec.volume_name}, not for {name}", next_step="rebind it")


def _step(volume: PersistentVolume, claim: PersistentVolumeClaim | None) -> Step:
    name, remembered = volume.metadata.name, volume.spec.claim_ref
    assert remembered is not None  # noqa: S101 - a volume that is Released was bound
    waiting = "waits for it" if claim is not None else "is not there yet"
    return Step(
        key=name,
        what=f"let {name} forget the deleted claim",
        before=f"Released, bound to {remembered.namespace}/{remembered.name} of uid {remembered.uid}",
        after=f"free for {remembered.namespace}/{remembered.name}, which {waiting}",
        needs=(Need("patch", "persistentvolumes"), Need("get", "persistentvolumes")),
        arguments={"name": name, "uid": volume.metadata.uid, "claim_uid": remembered.uid},
        observed={"resource_version": volume.metadata.resource_version},
    )


async def _patched(step: Step, context: Context, *, dry_run: bool) -> object:
    from providers.kubernetes.resources import PERSISTENT_VOLUMES

    pv = step.arguments
    version = step.observed["resource_version"]
    return await writes_of(context).merge_patch(
        PERSISTENT_VOLUMES, pv["name"], _CHANGE, uid=pv["uid"], resource_version=version, dry_run=dry_run
    )


def _why_not(volume: PersistentVolume | None) -> str:
    return f"{volume.metadata.name} is {volume.status.phase}, not Released" if volume is not None else "no such volume"
