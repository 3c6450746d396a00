"""settings.toml: values, origins, and what is said of a wrong one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.settings import Settings, SettingsError, load_settings
from console.settings.keys import KEYS, entries
from console.settings.load import parse_settings

DOCUMENTED = Path(__file__).parents[2] / "docs" / "settings.md"


def test_without_a_file_everything_is_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("HUBHOMES_SETTINGS", raising=False)
    settings = load_settings()
    assert settings == Settings(file=str(tmp_path / "hubhomes" / "settings.toml"))
    assert {entry.origin for entry in entries(settings)} == {"default"}


def test_the_environment_names_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('theme = "light"\n')
    monkeypatch.setenv("HUBHOMES_SETTINGS", str(file))
    settings = load_settings()
    assert (settings.theme, settings.origin("theme")) == ("light", f"{file}:1")


def test_a_file_that_is_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBHOMES_SETTINGS", str(tmp_path / "gone.toml"))
    with pytest.raises(SettingsError, match=r"gone\.toml: there is no such settings file"):
        load_settings()


def test_every_value_knows_its_line() -> None:
    text = (
        '# mine\nproduction = [\n  "*/prod",\n]\n\n[contexts]\nearth = "a"\n"o.c" = "b"\n'
        '[namespaces]\npolar = ["x"]\n[timeouts]\ncluster_s = 20\n'
    )
    settings = parse_settings(text, file="s")
    assert settings.production == ("*/prod",)
    assert settings.contexts == {"earth": "a", "o.c": "b"}
    assert settings.namespaces == {"polar": ("x",)}
    assert settings.timeouts.cluster_s == 20
    assert settings.timeouts.request_s == Settings().timeouts.request_s
    assert settings.origins == {
        "production": "s:2",
        "contexts.earth": "s:7",
        "contexts.o.c": "s:8",
        "namespaces.polar": "s:10",
        "timeouts.cluster_s": "s:12",
    }


def test_inline_tables_and_dotted_keys_are_the_same() -> None:
    settings = parse_settings('contexts = { earth = "a" }\ntimeouts.cluster_s = 20\n', file="s")
    assert settings.contexts == {"earth": "a"}
    assert settings.origin("contexts.earth") == "s:1"
    assert settings.origin("timeouts.cluster_s") == "s:2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = 3", "s:1: theme must be a string, not a number"),
        ('theme = ""', "s:1: theme must be a string, not an empty string"),
        ("\n\nproduction = 'prod'", "s:3: production must be a list of strings, not a string"),
        ("production = [1]", "s:1: production must be a list of strings, not a list of something else"),
        ("[timeouts]\ncluster_s = true", "s:2: timeouts.cluster_s must be a number, not true or false"),
        ("[timeouts]\ncluster_s = 0", "s:2: timeouts.cluster_s is 0; allowed is 0.1 to 86400"),
        ("[intervals]\nrefresh_s = 0.5", "s:2: intervals.refresh_s is 0.5; allowed is 0, or 5 to 86400"),
        ("[timeouts]\ncluster_s = nan", "s:2: timeouts.cluster_s is nan; allowed is 0.1 to 86400"),
        ("[limits]\nclusters_at_once = 1.5", "s:2: limits.clusters_at_once must be a whole number, not a number"),
        ("[contexts]\nearth = ['a']", "s:2: contexts.earth must be a string, not a list"),
        ("contexts = 'earth'", "s:1: contexts must be a table of strings, not a string"),
        ("timeouts = 3", "s:1: timeouts must be a table, not a number"),
        ("[namespaces]\nearth = 'a'", "s:2: namespaces.earth must be a list of strings, not a string"),
        ("[accounts.e]\nprojet = 'p'", "s:2: unknown key accounts.e.projet; did you mean project? allowed there are:"),
        ("[accounts.e]\nproject = 3", "s:2: accounts.e.project must be a string, not a number"),
        ("[accounts]\nearth = 'p'", "s:2: accounts.earth must be a table, [accounts.CLUSTER], not a string"),
        ("accounts = 3", "s:1: accounts must be a table for each cluster, [accounts.CLUSTER], not a number"),
        ("[contexts]\nproduction = ['a']", "keys of the top level stand before the first [table]"),
        ("themes = 'dark'", "s:1: unknown key themes; did you mean theme? allowed are: accounts, backends, config,"),
        ("[timeout]\ncluster_s = 1", "unknown key timeout.cluster_s; did you mean timeouts.cluster_s? allowed are:"),
        ("[timeouts]\nsocket = 1", "s:2: unknown key timeouts.socket; allowed there are: timeouts.connect_s"),
        ("[a.b.c]\nd = 1", "unknown key a.b"),
        ("theme = \n", "s: is no TOML: Invalid value (at line 1, column 9)"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        parse_settings(text, file="s")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_bytes(b"theme = '\xff'")
    with pytest.raises(SettingsError, match="is not UTF-8"):
        load_settings(file)


def test_the_command_line_is_an_origin() -> None:
    settings = Settings().decided("config", "/tree", "command line --config")
    entry = next(entry for entry in entries(settings) if entry.key == "config")
    assert (entry.value, entry.origin) == ('"/tree"', "command line --config")


def test_accounts_are_tables_of_their_own() -> None:
    text = '[accounts.earth]\nproject = "p"\n\n[accounts."jo@x.us-west-2.eksctl.io"]\nprofile = "hubs"\nregion = "r"\n'
    settings = parse_settings(text, file="s")
    name = "jo@x.us-west-2.eksctl.io"
    assert settings.accounts == {"earth": {"project": "p"}, name: {"profile": "hubs", "region": "r"}}
    assert settings.origin(f"accounts.{name}.region") == "s:6"
    rows = [(entry.key, entry.value, entry.origin) for entry in entries(settings) if entry.key.startswith("accounts")]
    assert rows == [
        ("accounts.earth.project", '"p"', "s:2"),
        (f"accounts.{name}.profile", '"hubs"', "s:5"),
        (f"accounts.{name}.region", '"r"', "s:6"),
    ]
    assert parse_settings("[accounts.earth]\n", file="s").accounts == {}


def test_entries_have_every_key_and_each_name() -> None:
    settings = parse_settings('[contexts]\nearth = "a"\nocean = "b"\n', file="s")
    keys = [entry.key for entry in entries(settings)]
    assert keys == [
        name
        for key in KEYS
        for name in (["contexts.earth", "contexts.ocean"] if key.name == "contexts" else [key.name])
    ]
    assert all(entry.meaning for entry in entries(settings))


def test_the_documented_example_is_valid_and_complete() -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    settings = parse_settings(example, file="example")
    described = {re.sub(r"^(contexts|namespaces|accounts)\..*", r"\1", key) for key in settings.origins}
    assert described == {key.name for key in KEYS}
    assert all(f"`{key.name}`" in text for key in KEYS)
