"""The console's settings: settings.toml in the user's configuration folder, each value with its origin."""

from __future__ import annotations

from console.settings.errors import SettingsError
from console.settings.load import load_settings, settings_path
from console.settings.model import Deploy, Images, Intervals, Limits, Owner, Settings, Thresholds, Timeouts

__all__ = [
    "Deploy",
    "Images",
    "Intervals",
    "Limits",
    "Owner",
    "Settings",
    "SettingsError",
    "Thresholds",
    "Timeouts",
    "load_settings",
    "settings_path",
]
