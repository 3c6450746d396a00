"""Where a real cluster keeps its files, and which ports and tokens it has."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from pathlib import Path

import msgspec

USERS = {
    "machinery": "system:masters",
    "admin": "system:masters",
    "viewer": "viewers",
    "reader": "readers",
    "looker": "readers",
    "namespaced": "namespaced",
    "measurer": "measurers",
}
"""User and group of each token. RBAC gives rights to readers, measurers and namespaced; viewers have none."""

PEOPLE = tuple(user for user in USERS if user != "machinery")
"""Those whose requests are in the audit log: all but the cluster's own processes and the tests' set-up."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster's folder, ports and tokens. `node` False: control plane only. `subnet` is the pods' /24.

    `controllers` is the controller manager's own option: "*" runs all of them.
    """

    folder: str
    node: bool
    etcd_port: int
    etcd_peer_port: int
    api_port: int
    kubelet_port: int
    subnet: str
    tokens: dict[str, str]
    programs: dict[str, str]
    controllers: str = "*"

    def path(self, *parts: str) -> Path:
        return Path(self.folder).joinpath(*parts)

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.api_port}"

    @property
    def cgroup(self) -> str:
        return f"/{Path(self.folder).name}"

    def save(self) -> None:
        self.path("layout.json").write_bytes(msgspec.json.encode(self))

    @classmethod
    def load(cls, folder: Path) -> Layout:
        return msgspec.json.decode((folder / "layout.json").read_bytes(), type=cls)


def new_layout(folder: Path, *, node: bool, programs: dict[str, str], controllers: str) -> Layout:
    """A layout with free ports, fresh tokens, and a subnet that no route of this machine has."""
    etcd_port, etcd_peer_port, api_port, kubelet_port = _free_ports(4)
    return Layout(
        folder=str(folder),
        node=node,
        etcd_port=etcd_port,
        etcd_peer_port=etcd_peer_port,
        api_port=api_port,
        kubelet_port=kubelet_port,
        subnet=_free_subnet() if node else "",
        tokens={user: secrets.token_hex(16) for user in USERS},
        programs=programs,
        controllers=controllers,
    )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def _free_subnet() -> str:
    routes = subprocess.run(["ip", "-4", "route"], check=True, capture_output=True, text=True).stdout
    start = os.getpid() % 250
    for offset in range(250):
        prefix = f"10.201.{(start + offset) % 250}."
        if prefix not in routes:
            return f"{prefix}0/24"
    raise RuntimeError("no free subnet in 10.201.0.0/16: other clusters run, or were left behind (ip -4 route)")
