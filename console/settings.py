"""The console's settings: settings.toml in the user's configuration folder, each value with its origin."""
