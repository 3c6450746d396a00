"""The keys of every screen in words, from the bindings themselves: for the help and for docs/keys.md."""

from __future__ import annotations

from importlib import import_module

from textual.binding import Binding

from console.tui.screens.base import BaseScreen

EVERYWHERE: tuple[tuple[str, str], ...] = (
    ("↑ ↓  k j", "move"),
    ("PgUp PgDn", "a screenful; also ctrl+b, ctrl+f, space"),
    ("Home End  g G", "first, last"),
    (":  ctrl+p", "go to a hub, a screen, a theme, a command"),
    ("H", "history: what ran, who, when; back to what runs"),
    (",", "settings, with where each was decided"),
    ("?", "help for where you are"),
    ("Esc", "one step back"),
    ("q  ctrl+c", "quit"),
)

SCREENS: tuple[tuple[str, str], ...] = (
    ("fleet", "FleetScreen"),
    ("hub", "HubScreen"),
    ("homes", "HomesScreen"),
    ("user", "UserScreen"),
    ("findings", "FindingsScreen"),
    ("filestores", "FilestoresScreen"),
    ("filestore", "FilestoreScreen"),
    ("actions", "ActionsScreen"),
    ("answers", "AnswersScreen"),
    ("action", "ActionScreen"),
    ("history", "HistoryScreen"),
    ("history", "RunScreen"),
    ("settings", "SettingsScreen"),
    ("yaml", "YamlScreen"),
    ("filestore_yaml", "FilestoreYamlScreen"),
    ("help", "HelpScreen"),
    ("palette", "PaletteScreen"),
)

_DISPLAYS = {"slash": "/", "question_mark": "?", "colon": ":", "comma": ",", "escape": "Esc", "enter": "Enter"}


def key_word(binding: Binding) -> str:
    """A binding's keys as people write them."""
    return "  ".join(_DISPLAYS.get(key.strip(), key.strip()) for key in binding.key.split(","))


def keys_of(screen: type[BaseScreen]) -> list[tuple[str, str]]:
    """SCREEN's own keys and what they do, without those that work everywhere."""
    found: list[tuple[str, str]] = []
    for owner in screen.__mro__:
        for binding in owner.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and issubclass(owner, BaseScreen):
                pair = (key_word(binding), binding.tooltip or binding.description)
                if not any(pair[0] == other[0] for other in found) and pair[0] not in ("?", ":", "Esc"):
                    found.append(pair)
    return found


def page() -> str:
    """docs/keys.md."""
    lines = [
        "# Keys",
        "",
        "Generated from the bindings; `?` in the console shows those of the screen that you are on.",
        "",
    ]
    lines += ["## Everywhere", "", *_table(EVERYWHERE)]
    for module, name in SCREENS:
        screen: type[BaseScreen] = getattr(import_module(f"console.tui.screens.{module}"), name)
        keys = keys_of(screen)
        if keys:
            lines += ["", f"## {screen.NAME.capitalize()}", "", *screen.ABOUT, "", *_table(keys)]
    lines += ["", "## In the filter", "", *_filter_words()]
    return "\n".join(lines) + "\n"


def _table(pairs: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> list[str]:
    return [
        "| key | what it does |",
        "|---|---|",
        *(f"| `{key.replace('|', chr(92) + '|')}` | {word} |" for key, word in pairs),
    ]


def _filter_words() -> list[str]:
    from console.tui.present.help_lines import FILTER_WORDS

    return [
        "| typed | keeps |",
        "|---|---|",
        *(f"| `{typed.replace('|', chr(92) + '|')}` | {word} |" for typed, word in FILTER_WORDS),
    ]


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
