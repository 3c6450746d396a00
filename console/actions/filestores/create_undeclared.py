"""A filestore that is there and that Terraform does not declare: hubs can be pointed at it all the same."""

from __future__ import annotations

from console.actions.filestores import pointing
from console.actions.filestores.create_asked import Asked
from console.actions.filestores.names import declaration_of, named
from console.actions.plan import Affects, Plan
from console.actions.protocol import Context, Refused
from providers.filestores.protocol import Filestore


def check_which(asked: Asked, context: Context) -> None:
    """Raises Refused where hubs are to be pointed at one of several, and it is not said which."""
    made = context.cluster.terraform
    keys = [one.key for one in (made.resources if made is not None else ()) if one.kind == "filestore" and one.key]
    others = [store.name for store in context.cluster.filestores if made is None or store.id in made.undeclared]
    if not asked.key and len(keys) + len(others) > 1:
        raise Refused(
            f"{context.cluster.name} has several filestores: which one is meant?",
            next_step=f"--key with one of: {', '.join((*keys, *others))}",
        )


def undeclared(asked: Asked, context: Context) -> Filestore | None:
    """The one that ASKED would be called, where it is listed and no variables declare it. Blocks."""
    cluster = context.cluster
    made = cluster.terraform
    account = cluster.declared.account if cluster.declared is not None else {}
    wished = named(asked, cluster, declaration_of(context), account=account).wish.name
    names = {asked.key, wished} - {""}
    found = [store for store in cluster.filestores if store.name in names or store.id in names]
    return found[0] if len(found) == 1 and (made is None or found[0].id in made.undeclared) else None


def pointing_plan(asked: Asked, context: Context, store: Filestore) -> Plan:
    """The edits of values alone. Blocks. Raises Refused where it can't be mounted yet."""
    server, path = pointing.mount_source(store)
    if not server or not path:
        raise Refused(f"{store.name} has no address yet", next_step="look again when it is ready")
    writes = pointing.point_steps(asked.point, context, server=server, path=path)
    hubs = pointing.hubs_of(writes, context)
    steps, commands = pointing.with_commit(writes, asked.point, context, commit=asked.commit)
    return Plan(
        action="create-filestore",
        cluster=context.cluster.name,
        parameters=asked.parameters(),
        steps=tuple(steps),
        affects=Affects(hubs=hubs),
        risk=pointing.RISK if hubs else "",
        notes=(
            f"{store.name} is there, and no variables declare it: its finding TFM02 has the lines",
            f"hubs mount it from {server}",
            *pointing.later(asked.point, context),
            *pointing.said_already(asked.point, hubs, context),
        ),
        commands=commands,
        permission="none",
    )
