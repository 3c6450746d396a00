"""A shell with a hub's homes mounted. It is planned, recorded and verified as any action is; its one step lasts as long
as somebody works in it, and nothing is sent to the cluster for it but a pod and commands in that pod."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Need, Plan, Step
from console.actions.protocol import Cancelled, Context, Parameter, Refused
from console.actions.shell.mount import Mount, mount_of, reached
from console.chain.words import kubectl
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.actions.history import Run
    from console.actions.shell.terminal import SessionEnd, Terminal
    from providers.kubernetes.shells import ShellRequest

_GRACE_S = 10.0
"""How much earlier than its pod, or the permission, a shell ends by itself: so that its pod is still removed by us."""
_LEAST_S = 30.0
_VERBS = (("create", "pods"), ("get", "pods"), ("delete", "pods"), ("create", "pods/exec"), ("get", "pods/exec"))


class Shell:
    """Opens a shell on TERMINAL; without one it only removes what was left of another. `end` is how it ended."""

    name = "shell"
    summary = "A shell with a hub's homes mounted, read-only unless said otherwise."
    target: Literal["hub", "cluster", "filestore"] = "hub"
    parameters: tuple[Parameter, ...] = (
        Parameter(name="writable", kind="flag", help="Mount it writable, and act as root there."),
        Parameter(name="base", kind="flag", help="Mount the whole base path, in which hubs have their directories."),
        Parameter(
            name="lasts_s", kind="duration", option="for", help="How long it may last: 30min, 2h. Default: as its pods."
        ),
    )

    def __init__(self, terminal: Terminal | None = None, *, gone: asyncio.Event | None = None) -> None:
        """GONE is set when the terminal has gone, or whoever sits there is asked to leave."""
        self._terminal = terminal
        self._gone = gone or asyncio.Event()
        self._begun = False
        self.end: SessionEnd | None = None

    async def plan(self, context: Context) -> Plan:
        if self._terminal is None:
            key = context.hub.key if context.hub is not None else "C/H"
            raise Refused(
                "a shell needs a terminal, and is not taken up again",
                next_step=f"hubhomes shell {key} opens another; hubhomes history undo removes what was left of one",
            )
        context.reached()
        hub = context.hub
        assert hub is not None  # noqa: S101 - its target is a hub
        from providers.kubernetes.shells import new_name

        writable, base = bool(context.parameters.get("writable")), bool(context.parameters.get("base"))
        mount = mount_of(hub, base=base)
        lasts_s = _lasts_s(context)
        how = "writable" if writable else "read-only"
        name = new_name()
        step = Step(
            key="shell",
            what=f"open a shell in a helper pod in {mount.namespace}, {mount.shown} mounted {how}",
            before="",
            after=f"a pod hubhomes-shell-* of {context.who.os_user}, for {lasts_s // 60} min at most",
            needs=tuple(Need(verb, resource, mount.namespace) for verb, resource in _VERBS),
            undo="its pod is removed, where that was left behind; what was done in the shell stays",
            arguments={**msgspec.to_builtins(mount), "writable": writable, "lasts_s": lasts_s},
            observed={"pod": name},
        )
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            parameters={"writable": writable, "base": base, "lasts_s": lasts_s},
            steps=(step,),
            affects=Affects(hubs=reached(hub, mount, context.cluster.hubs)),
            risk="whatever is done in it can't be undone from here" if writable else "",
            notes=("what is typed in it is not recorded, only who opened it, when and how it ended",),
            commands=(kubectl(context.cluster.context, "-n", mount.namespace, "get", "pod", name),),
            permission="write" if writable else "probe",
        )

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        from providers.kubernetes.shells import refusal

        (step,) = plan.steps
        if "remove" in step.arguments:
            return ()
        words = await refusal(context.reached(), _request(step, context, self._kind()), step.observed["pod"])
        return (words,) if words else ()

    async def run(self, step: Step, context: Context) -> Outcome:
        if "remove" in step.arguments:
            return await _removed(step.arguments, context)
        if self._terminal is None:
            raise Refused("a shell needs a terminal")
        began = context.now()
        end = self.end = await self._session(step, context, self._terminal)
        minutes = (context.now() - began) / timedelta(minutes=1)
        words = {
            "exited": f"the shell ended with exit code {end.exit_code}",
            "gone": "the terminal went away",
            "time": "its time was up",
        }[end.why]
        return Outcome(
            what=f"{words} after {minutes:.0f} min",
            changed=bool(step.arguments["writable"]),
            stays=bool(step.arguments["writable"]),
            undo={"pod": step.observed["pod"], "exit_code": end.exit_code},
        )

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        (step,) = plan.steps
        name = step.arguments.get("remove") or step.observed["pod"]
        if await _pod(step.arguments["namespace"], name, context) is None:
            return Verdict(state="gone")
        return Verdict(state="still", why=f"pod {name} is still there")

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        """Removes the pod of a shell whose console died. It may be gone already: then there is nothing to do."""
        (step,) = run.intent.plan.steps
        name, namespace = str(step.observed["pod"]), str(step.arguments["namespace"])
        uid = await _pod(namespace, name, context)
        removal = Step(
            key="remove",
            what=f"delete pod {name} in {namespace}",
            before=f"of {run.intent.who.os_user}: shell",
            after="",
            needs=(Need("delete", "pods", namespace),),
            arguments={"remove": name, "namespace": namespace, "uid": uid},
        )
        return Plan(
            action=self.name,
            cluster=run.intent.plan.cluster,
            hub=run.intent.plan.hub,
            parameters=run.intent.plan.parameters,
            steps=(removal,) if uid is not None else (),
            commands=(kubectl(context.cluster.context, "-n", namespace, "delete", "pod", name),) if uid else (),
            permission="probe",
        )

    def _kind(self) -> str:
        return self._terminal.kind if self._terminal is not None else ""

    async def _session(self, step: Step, context: Context, terminal: Terminal) -> SessionEnd:
        """The shell, until it ends. Who leaves before it has begun cancels it."""
        work = asyncio.create_task(self._worked(step, context, terminal))
        leaving = asyncio.create_task(self._gone.wait())
        try:
            await asyncio.wait([work, leaving], return_when=asyncio.FIRST_COMPLETED)
            if work.done() or self._begun:
                return await work
            raise Cancelled
        finally:
            for task in (work, leaving):
                task.cancel()
            await asyncio.gather(work, leaving, return_exceptions=True)

    async def _worked(self, step: Step, context: Context, terminal: Terminal) -> SessionEnd:
        from console.actions.shell.terminal import joined
        from providers.kubernetes.shells import shell

        asked = _request(step, context, terminal.kind)
        name, lasts_s = str(step.observed["pod"]), asked.mount.deadline_s
        for line in _heading(step, context, name, lasts_s):
            terminal.tell(line)
        began = asyncio.get_running_loop().time()
        async with shell(context.reached(), asked, name, tell=terminal.tell) as command:
            passed_s = asyncio.get_running_loop().time() - began
            self._begun = True
            with terminal.taken() as wire:
                return await joined(command, wire, deadline_s=lasts_s - passed_s - _GRACE_S, gone=self._gone)


ACTION = Shell()


def _lasts_s(context: Context) -> int:
    """How long a shell may last. Raises Refused for longer than pods of ours may: it would count as left behind."""
    from providers.kubernetes.looking import LONGEST_S

    longest_s = min(LONGEST_S, context.settings.thresholds.helper_deadline_s)
    asked_s = context.parameters.get("lasts_s") or longest_s
    if asked_s > longest_s:
        raise Refused(
            f"a shell may last {longest_s / 60:.0f} min at most",
            next_step="thresholds.helper_deadline_s in the settings says how long helper pods may live",
        )
    return max(int(asked_s), int(_LEAST_S))


def _request(step: Step, context: Context, kind: str) -> ShellRequest:
    """The shell, which ends no later than the permission does. Raises Refused where that ends at once."""
    from providers.kubernetes.shells import ShellRequest

    arguments: Mapping[str, Any] = step.arguments
    mount = msgspec.convert({key: arguments[key] for key in Mount.__struct_fields__}, Mount)
    lasts_s = float(arguments["lasts_s"])
    until = context.permission.until if context.permission is not None else None
    if until is not None:
        lasts_s = min(lasts_s, (until - context.now()).total_seconds() - _GRACE_S)
    if lasts_s < _LEAST_S:
        raise Refused("the permission ends before a shell would begin", next_step="grant it anew")
    how = "writable" if arguments["writable"] else "read-only"
    return ShellRequest(
        mount=mount.request(context.settings, owner=str(context.who), deadline_s=int(lasts_s)),
        writable=bool(arguments["writable"]),
        prompt=f"[{mount.namespace} {how}]",
        term=kind,
    )


def _heading(step: Step, context: Context, name: str, lasts_s: int) -> list[str]:
    """Who, what and where."""
    until = context.now() + timedelta(seconds=lasts_s)
    hub = context.hub
    production = "   PRODUCTION" if hub is not None and hub.production else ""
    mount = msgspec.convert({key: step.arguments[key] for key in Mount.__struct_fields__}, Mount)
    how = "WRITABLE" if step.arguments["writable"] else "read-only"
    return [
        f"shell  {hub.key if hub is not None else ''}{production}",
        f"where  {mount.shown}, {how}, at /homes",
        f"who    {context.who}",
        f"pod    {name} in {mount.namespace}",
        f"until  {until:%H:%M} UTC at the latest; exit ends it",
    ]


async def _removed(arguments: Mapping[str, Any], context: Context) -> Outcome:
    from providers.kubernetes.looks.helper_pods import remove_pod

    name, namespace = str(arguments["remove"]), str(arguments["namespace"])
    if await _pod(namespace, name, context) != arguments["uid"]:
        return Outcome(what=f"{name} was gone already", changed=False)
    await remove_pod(context.reached(), namespace, name)
    return Outcome(what=f"{name} is gone")


async def _pod(namespace: str, name: str, context: Context) -> str | None:
    """The uid of a pod; None when it is gone. Raises ProviderError."""
    from providers.kubernetes.api import KubernetesApi
    from providers.kubernetes.looks.helper_pods import get_pod

    transport = context.transport
    if transport is None:
        raise ProviderError("unreachable", f"{context.cluster.name} was not observed", next_step="look again")
    api = KubernetesApi(transport, timeout_s=context.settings.timeouts.request_s)
    pod = await get_pod(api, namespace, name)
    return pod.metadata.uid if pod is not None else None
