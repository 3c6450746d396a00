"""Where a fleet comes from: a configuration tree, kubeconfig contexts and filestore backends; or the embedded demo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from console.inventory.model import Inventory
    from console.settings import Settings
    from providers.filestores.protocol import FilestoreBackend
    from providers.kubernetes.protocol import Connector, KubeContext
    from providers.simulated.demo import World


class Sources(Protocol):
    """Everything is opened when first asked for, and may block: the fleet asks from a thread."""

    def root(self) -> Path | None:
        """The folder of clusters; None where hubs are only found live."""
        ...

    def outline(self) -> Inventory:
        """What can be said of the tree at once, at least its hubs by name. Only asked where there is a root."""
        ...

    def inventory(self) -> Inventory:
        """The whole tree as it is now. Only asked where there is a root."""
        ...

    def contexts(self) -> tuple[KubeContext, ...]:
        """The contexts on offer. Raises ProviderError for a broken kubeconfig."""
        ...

    def connector(self) -> Connector: ...

    def backends(self) -> tuple[FilestoreBackend, ...]: ...


def cache_folder() -> Path:
    """Where results are kept between runs; it may be removed at any time."""
    from platformdirs import user_cache_path

    return user_cache_path("hubhomes")


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

    def root(self) -> Path | None:
        return self._root

    def outline(self) -> Inventory:
        from console.inventory.read import read_outline

        assert self._root is not None  # noqa: S101 - the protocol's own condition
        return read_outline(self._root, cache_dir=cache_folder())

    def inventory(self) -> Inventory:
        from console.inventory.read import read_inventory

        assert self._root is not None  # noqa: S101 - the protocol's own condition
        return read_inventory(self._root, cache_dir=cache_folder())

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
        from providers.filestores.registry import backends

        return backends(self._settings.backends)


class DemoSources:
    """The embedded fleet: nothing outside the process is touched. Its clusters take their time unless `at_once`."""

    def __init__(self, now: Callable[[], datetime], *, at_once: bool = False) -> None:
        self._now = now
        self._at_once = at_once
        self._world: World | None = None

    def _opened(self) -> World:
        if self._world is None:
            from providers.simulated.demo import demo_world

            self._world = demo_world(self._now(), sleep=no_sleep) if self._at_once else demo_world(self._now())
        return self._world

    def root(self) -> Path | None:
        return self._opened().root

    def outline(self) -> Inventory:
        from console.inventory.read import read_outline

        return read_outline(self._opened().root, cache_dir=None)

    def inventory(self) -> Inventory:
        from console.inventory.read import read_inventory

        return read_inventory(self._opened().root, cache_dir=None)

    def contexts(self) -> tuple[KubeContext, ...]:
        return self.connector().contexts()

    def connector(self) -> Connector:
        return self._opened().connector()

    def backends(self) -> tuple[FilestoreBackend, ...]:
        from providers.filestores.registry import backends

        return (*backends(["home-nfs"]), *self._opened().backends())
