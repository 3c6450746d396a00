"""Where a fleet comes from: a configuration tree, kubeconfig contexts and filestore backends; or the embedded demo."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from console.fleet.looks_kept import KeptLooks
    from console.fleet.usage_history import History
    from console.inventory.model import Inventory
    from console.inventory.terraform import DeclaredTerraform
    from console.settings import Settings
    from providers.filestores.protocol import FilestoreBackend
    from providers.kubernetes.protocol import Connector, KubeContext
    from providers.simulated.demo import World


class Sources(Protocol):
    """Everything is opened when first asked for, and may block: the fleet asks from a thread."""

    def root(self) -> Path | None:
        """The folder of clusters; None where hubs are only found live."""
        ...

    def cache(self) -> Path | None:
        """The folder in which what was read of the tree is kept; None: nowhere."""
        ...

    def outline(self) -> Inventory:
        """What can be said of the tree at once, at least its hubs by name. Only asked where there is a root."""
        ...

    def inventory(self) -> Inventory:
        """The whole tree as it is now. Only asked where there is a root."""
        ...

    def terraform(self) -> tuple[DeclaredTerraform, ...]:
        """What the tree's Terraform declares as it is now. Only asked where there is a root."""
        ...

    def contexts(self) -> tuple[KubeContext, ...]:
        """The contexts on offer. Raises ProviderError for a broken kubeconfig."""
        ...

    def connector(self) -> Connector: ...

    def backends(self) -> tuple[FilestoreBackend, ...]: ...

    def history(self) -> History:
        """Where earlier figures of how full shares are were kept, and new ones are."""
        ...

    def looks(self) -> KeptLooks:
        """Where the newest looks inside hubs were kept, and new ones are."""
        ...


def cache_folder() -> Path:
    """Where results are kept between runs; it may be removed at any time."""
    from platformdirs import user_cache_path

    return user_cache_path("hubhomes")


def read_declared(root: Path, *, cache_dir: Path | None) -> tuple[DeclaredTerraform, ...]:
    """What Terraform declares in the checkout around the folder of clusters ROOT."""
    from console.inventory.terraform import read_terraform
    from console.inventory.tree import layout

    return read_terraform(layout(root).base, cache_dir=cache_dir)


async def no_sleep(seconds: float) -> None:  # noqa: ARG001 - what a sleep is given
    """Lets the others go on, and no time pass."""
    import asyncio

    await asyncio.sleep(0)


class RealSources:
    """The user's own tree and kubeconfig."""

    def __init__(self, settings: Settings, root: Path | None) -> None:
        self._settings = settings
        self._root = root
        self._connector: Connector | None = None
        self._backends: tuple[FilestoreBackend, ...] | None = None
        self._opening = threading.Lock()

    def root(self) -> Path | None:
        return self._root

    def cache(self) -> Path:
        return cache_folder()

    def outline(self) -> Inventory:
        from console.inventory.read import read_outline

        assert self._root is not None  # noqa: S101 - the protocol's own condition
        return read_outline(self._root, cache_dir=self.cache())

    def inventory(self) -> Inventory:
        from console.inventory.read import read_inventory

        assert self._root is not None  # noqa: S101 - the protocol's own condition
        return read_inventory(self._root, cache_dir=self.cache())

    def terraform(self) -> tuple[DeclaredTerraform, ...]:
        assert self._root is not None  # noqa: S101 - the protocol's own condition
        return read_declared(self._root, cache_dir=self.cache())

    def contexts(self) -> tuple[KubeContext, ...]:
        from providers.kubernetes.contexts import kubeconfig_files

        if not any(file.exists() for file in kubeconfig_files()):
            return ()
        return self.connector().contexts()

    def connector(self) -> Connector:
        if self._connector is None:
            from providers.kubernetes.session import KubeconfigConnector

            self._connector = KubeconfigConnector(connect_timeout_s=self._settings.timeouts.connect_s)
        return self._connector

    def backends(self) -> tuple[FilestoreBackend, ...]:
        """The same ones each time: they hold logins and connections, and what clusters of one account share."""
        from providers.filestores.registry import backends

        with self._opening:
            if self._backends is None:
                self._backends = backends(self._settings.backends)
            return self._backends

    def history(self) -> History:
        from console.fleet.usage_history import FileHistory

        return FileHistory(self.cache() / "usage")

    def looks(self) -> KeptLooks:
        from console.fleet.looks_kept import FileLooks

        return FileLooks(self.cache() / "looks")


class DemoSources:
    """The embedded fleet: nothing outside the process is touched. Its clusters take their time unless `at_once`."""

    def __init__(self, now: Callable[[], datetime], *, at_once: bool = False) -> None:
        self._now = now
        self._at_once = at_once
        self._world: World | None = None
        self._opening = threading.Lock()
        self._history: History | None = None
        self._looks: KeptLooks | None = None

    def _opened(self) -> World:
        with self._opening:
            if self._world is None:
                from providers.simulated.demo import demo_world

                self._world = demo_world(self._now(), sleep=no_sleep) if self._at_once else demo_world(self._now())
            return self._world

    def root(self) -> Path | None:
        return self._opened().root

    def cache(self) -> Path:
        return self._opened().cache

    def outline(self) -> Inventory:
        from console.inventory.read import read_outline

        return read_outline(self._opened().root, cache_dir=self.cache())

    def inventory(self) -> Inventory:
        from console.inventory.read import read_inventory

        return read_inventory(self._opened().root, cache_dir=self.cache())

    def terraform(self) -> tuple[DeclaredTerraform, ...]:
        return read_declared(self._opened().root, cache_dir=self.cache())

    def contexts(self) -> tuple[KubeContext, ...]:
        return self.connector().contexts()

    def connector(self) -> Connector:
        return self._opened().connector()

    def backends(self) -> tuple[FilestoreBackend, ...]:
        from providers.filestores.registry import backends

        return (*backends(["home-nfs"]), *self._opened().backends())

    def history(self) -> History:
        """The demo's own past, kept in memory."""
        if self._history is None:
            from console.chain.usage import Sample
            from console.fleet.usage_history import MemoryHistory

            past = {
                cluster: {
                    share: tuple(
                        Sample(one.observed_at, one.used_bytes or 0, one.capacity_bytes, one.source) for one in usages
                    )
                    for share, usages in shares.items()
                }
                for cluster, shares in self._opened().past_usages().items()
            }
            self._history = MemoryHistory(past)
        return self._history

    def looks(self) -> KeptLooks:
        """Those of this run alone."""
        if self._looks is None:
            from console.fleet.looks_kept import MemoryLooks

            self._looks = MemoryLooks()
        return self._looks
