"""From screen to screen. Every screen but the first is imported when it is first gone to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.widget import AwaitMount

from console.tui.keys_in_order import KeysInOrder
from console.tui.present.lines import Line, Role
from console.tui.screens.base import BaseScreen
from console.tui.screens.fleet import FleetScreen

if TYPE_CHECKING:
    from console.chain.filestore_lookup import Wanted
    from console.chain.model import ClusterState
    from console.tui.present.objects import LiveObject
    from providers.filestores.protocol import Filestore


class Navigation(KeysInOrder):
    """What the screens ask of the application: to go somewhere, to say something, to copy something."""

    said: Line = ()

    def repaint_screen(self) -> None:
        """Draw the present screen from the newest snapshot."""
        if isinstance(self.screen, BaseScreen):
            self.screen.repaint()

    def say(self, text: str, *, role: Role = "strong") -> None:
        """Say TEXT on the status line until the next key that moves."""
        self.said = ((text, role),)
        self.repaint_screen()

    def unsay(self) -> None:
        """The status line says its own again."""
        if self.said:
            self.said = ()
            self.repaint_screen()

    def copy(self, text: str, what: str) -> None:
        """Hand TEXT to the terminal's clipboard (OSC 52)."""
        self.copy_to_clipboard(text)
        self.say(f"copied {what}")

    def back(self) -> None:
        """To the screen before; from the first one nowhere."""
        self.said = ()
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def open_hub(self, key: str, neighbours: tuple[str, ...] = ()) -> None:
        """Show the hub CLUSTER/HUB; NEIGHBOURS are those that n and p step through."""
        from console.tui.screens.hub import HubScreen

        self._push(HubScreen(key, neighbours))

    def open_homes(self, key: str) -> None:
        """Show the homes of the hub CLUSTER/HUB."""
        from console.tui.screens.homes import HomesScreen

        self._push(HomesScreen(key))

    def open_user(self, name: str, hub: str = "") -> None:
        """Show what is known of the user NAME on every hub, HUB (CLUSTER/HUB) first."""
        from console.tui.screens.user import UserScreen

        self._push(UserScreen(name, hub))

    def open_yaml(self, found: LiveObject) -> None:
        """Show FOUND as YAML."""
        from console.tui.screens.yaml import YamlScreen

        self._push(YamlScreen(found))

    def open_filestore(self, wanted: Wanted, neighbours: tuple[Wanted, ...] = ()) -> None:
        """Show the filestore that WANTED names; NEIGHBOURS are those that n and p step through."""
        from console.tui.screens.filestore import FilestoreScreen

        self._push(FilestoreScreen(wanted, neighbours))

    def open_filestore_yaml(self, cluster: ClusterState, store: Filestore) -> None:
        """Show all that is known of STORE as YAML."""
        from console.tui.screens.filestore_yaml import FilestoreYamlScreen

        self._push(FilestoreYamlScreen(cluster, store))

    def filter_fleet(self, source: str) -> None:
        """Go to the fleet, filtered by SOURCE."""
        self._fleet_screen().narrow(source)

    def go_to_row(self, key: str) -> None:
        """Go to the fleet with the cursor on the row KEY."""
        self._fleet_screen().stand_on(key)

    def _fleet_screen(self) -> FleetScreen:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        screen = self.screen_stack[0]
        assert isinstance(screen, FleetScreen)  # noqa: S101 - the first screen is never another
        return screen

    def _push(self, screen: BaseScreen) -> AwaitMount:
        self.said = ()
        return self.push_screen(screen)

    def go(self, goal: str) -> None:
        """Leave the palette for GOAL: hub:KEY, filestore:CLUSTER/ID, theme:NAME, or an action of the application."""
        self.back()
        kind, _, name = goal.partition(":")
        if kind == "hub":
            self.open_hub(name)
        elif kind == "homes":
            self.open_homes(name)
        elif kind == "user":
            self.open_user(name)
        elif kind == "filestore":
            from console.chain.filestore_lookup import Wanted

            cluster, _, identity = name.partition("/")
            self.open_filestore(Wanted(identity, cluster))
        elif kind == "theme":
            self.theme = name
        else:
            self.call_later(self.run_action, goal)

    def action_leave(self) -> None:
        self.back()

    def action_show(self, name: str) -> None:
        """Go to one of the screens of the whole fleet."""
        if name == "fleet":
            self._fleet_screen()
            return
        screen = _screen_class(name)
        if not isinstance(self.screen, screen):
            self._push(screen())

    def action_palette(self) -> None:
        from console.tui.screens.palette import PaletteScreen

        if not isinstance(self.screen, PaletteScreen):
            self._push(PaletteScreen())

    def action_help(self) -> None:
        from console.tui.screens.help import HelpScreen

        if isinstance(self.screen, BaseScreen) and not isinstance(self.screen, HelpScreen):
            self._push(HelpScreen(type(self.screen)))

    def action_next_theme(self) -> None:
        from console.tui.themes import THEMES

        names = [theme.name for theme in THEMES]
        at = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[at % len(names)]
        self.repaint_screen()


def _screen_class(name: str) -> Any:
    """The screen of that NAME, imported now."""
    if name == "findings":
        from console.tui.screens.findings import FindingsScreen

        return FindingsScreen
    if name == "filestores":
        from console.tui.screens.filestores import FilestoresScreen

        return FilestoresScreen
    from console.tui.screens.settings import SettingsScreen

    return SettingsScreen
