"""What was seen inside hubs, and a user across hubs, as documents."""

from __future__ import annotations

import base64

from console.chain import model, seen_model
from console.chain.users import UserHome, UserServer
from console.cli.contract import looks as contract
from console.cli.contract.base import VERSION
from console.cli.documents.base import at, finding, seconds
from console.cli.documents.chain import chain_link
from console.cli.documents.seen import octal, seen


def look(fleet: model.FleetState, hub: model.HubState, *, homes: bool) -> contract.Look:
    """What was seen of HUB; with each of its HOMES where that is asked for."""
    rows = hub.homes.rows if homes and hub.homes is not None else None
    return contract.Look(
        version=VERSION,
        generated_at=seconds(fleet.generated_at),
        cluster=hub.cluster,
        hub=hub.name,
        seen=seen(hub),
        links=tuple(chain_link(one) for one in hub.links),
        homes=None if rows is None else tuple(home(one) for one in rows),
        findings=tuple(finding(one) for one in hub.findings),
    )


def user(fleet: model.FleetState, name: str, found: tuple[UserHome, ...], unknown: tuple[str, ...]) -> contract.User:
    return contract.User(
        version=VERSION,
        generated_at=seconds(fleet.generated_at),
        user=name,
        homes=tuple(_user_home(one) for one in found),
        not_looked=unknown,
    )


def home(row: seen_model.SeenHome) -> contract.Home:
    usage, quota = row.usage, row.quota
    return contract.Home(
        name=row.shown,
        name_base64=None if row.shown.encode() == row.name else base64.b64encode(row.name).decode(),
        user=row.user,
        home=row.home,
        mark=row.mark,
        problems=row.problems,
        kind=row.kind,
        uid=row.uid,
        gid=row.gid,
        mode=octal(row.mode),
        modified_at=at(row.modified_at),
        active_at=at(row.active_at),
        link_target=row.link_target,
        usage=None
        if usage is None
        else contract.HomeUsage(
            used_bytes=usage.used_bytes, source=usage.source, observed_at=seconds(usage.observed_at)
        ),
        entries=row.entries,
        quota=None
        if quota is None
        else contract.Quota(
            hard_bytes=quota.hard_bytes, soft_bytes=quota.soft_bytes, observed_at=seconds(quota.observed_at)
        ),
        running=row.running,
        deeper=row.deeper,
    )


def _user_home(one: UserHome) -> contract.UserHome:
    return contract.UserHome(
        cluster=one.cluster,
        hub=one.hub,
        home=home(one.home) if one.home is not None else None,
        listed=one.known,
        servers=tuple(_server(server) for server in one.servers),
        seen_at=at(one.seen_at),
        seen_by=one.seen_by,
        findings=tuple(finding(each) for each in one.findings),
    )


def _server(server: UserServer) -> contract.UserServer:
    return contract.UserServer(
        pod=server.pod,
        phase=server.phase,
        node=server.node,
        began=at(server.began),
        mounts=tuple(
            contract.ServerMount(mount_path=one.mount_path, sub_path=one.sub_path, read_only=one.read_only)
            for one in server.mounts
        ),
    )
