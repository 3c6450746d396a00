"""The console's own themes. Each role keeps at least 4.5 : 1 against the background and against the cursor."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="dark",
    primary="#7ab8ff",
    secondary="#9aa7b8",
    accent="#c9a4ff",
    warning="#ffc54d",
    error="#ff8080",
    success="#74d68a",
    foreground="#e4e8ee",
    background="#12161c",
    surface="#12161c",
    panel="#1d232c",
    dark=True,
    variables={"quiet": "#98a3b3", "cursor": "#263a56", "rule": "#566070", "badge": "#ffb3c8", "bar": "#1d2530"},
)

LIGHT = Theme(
    name="light",
    primary="#0b4f9e",
    secondary="#505a66",
    accent="#6b2fa8",
    warning="#7a4a00",
    error="#b00020",
    success="#0f6b2c",
    foreground="#14181d",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#eceef1",
    dark=False,
    variables={"quiet": "#56606c", "cursor": "#d3e3f8", "rule": "#9aa3ad", "badge": "#8f1d56", "bar": "#e6e9ee"},
)

TERMINAL = Theme(
    name="terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_magenta",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "quiet": "ansi_default", "cursor": "ansi_default", "rule": "ansi_default", "badge": "ansi_magenta",
        "bar": "ansi_default", "ansi-background": "ansi_default", "ansi-foreground": "ansi_default",
    },
)  # fmt: skip
"""The terminal's own sixteen colours, for terminals with no more of them, and for those who chose theirs."""

THEMES: tuple[Theme, ...] = (DARK, LIGHT, TERMINAL)


def theme_name(wanted: str, *, few_colours: bool) -> str:
    """The theme to start with: WANTED, unless the terminal has FEW_COLOURS."""
    return TERMINAL.name if few_colours else wanted
