"""Kubeconfig files: several, broken, missing, empty."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from providers.errors import ProviderError
from providers.kubernetes.contexts import access, kubeconfig_files, read_kubeconfig
from tests.kubernetes.wire import kubeconfig


def merged(*files: Path) -> str:
    return os.pathsep.join(str(file) for file in files)


def write(file: Path, name: str, server: str, **more: object) -> Path:
    entry = {"name": name}
    document = {
        "clusters": [entry | {"cluster": {"server": server}}],
        "users": [entry | {"user": {"token": "x"}}],
        "contexts": [entry | {"context": {"cluster": name, "user": name}}],
    }
    file.write_text(json.dumps(document | more))
    return file


def test_a_context_knows_where_it_stands(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "https://10.0.0.1")
    (context,) = read_kubeconfig(file).contexts
    assert (context.name, context.cluster, context.user, context.namespace) == ("earth", "c", "jo", "prod")
    assert context.file == file


def test_the_first_file_that_names_something_wins(tmp_path: Path) -> None:
    first = write(tmp_path / "a", "earth", "https://a", **{"current-context": "earth"})
    second = write(tmp_path / "b", "earth", "https://b", **{"current-context": "ocean"})
    third = write(tmp_path / "c", "ocean", "https://c")
    found = read_kubeconfig(merged(first, second, third))
    assert [context.name for context in found.contexts] == ["earth", "ocean"]
    assert found.current == "earth"
    assert access(found, "earth").server == "https://a"
    assert access(found, "").context == "earth"


def test_files_that_do_not_exist_are_passed_over(tmp_path: Path) -> None:
    there = write(tmp_path / "there", "earth", "https://a")
    assert len(read_kubeconfig(merged(tmp_path / "gone", there)).contexts) == 1


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="gone does not exist") as error:
        read_kubeconfig(str(tmp_path / "gone"))
    assert error.value.kind == "no_context"
    assert error.value.next_step


def test_the_environment_names_files() -> None:
    assert kubeconfig_files(None, {"KUBECONFIG": merged(Path("/a"), Path("/b"))}) == (Path("/a"), Path("/b"))
    assert kubeconfig_files(None, {}) == (Path("~/.kube/config").expanduser(),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clusters: [\n  token: s3cret", "line 3: "),
        ("clusters:\n\t- name: x", "line 2: "),
        ("- a\n- b", "not a kubeconfig"),
        ("contexts: {a: b}", "contexts is not a list"),
        ("contexts: [{context: {}}]", "an entry of contexts has no name"),
        ("users: [{name: a, user: b}]", "user is not a map"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(ProviderError) as error:
        read_kubeconfig(str(file))
    assert error.value.kind == "no_context"
    assert str(file) in error.value.message
    assert words in error.value.message
    assert "s3cret" not in error.value.message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(ProviderError, match="not YAML"):
        read_kubeconfig(str(tmp_path / "config"))


def test_an_empty_file_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    found = read_kubeconfig(str(tmp_path / "config"))
    assert found.contexts == ()
    with pytest.raises(ProviderError, match="no current-context"):
        found.context("")


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    found = read_kubeconfig(kubeconfig(tmp_path / "config", "https://a"))
    with pytest.raises(ProviderError, match="no context mars in") as error:
        found.context("mars")
    assert "kubectl config get-contexts" in error.value.next_step


def test_a_context_whose_entries_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(json.dumps({"contexts": [{"name": "earth", "context": {"cluster": "c", "user": "u"}}]}))
    with pytest.raises(ProviderError, match="there is no cluster c"):
        access(read_kubeconfig(str(file)), "earth")


def test_reading_contexts_imports_no_client(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "https://a")
    script = (
        "import sys; from providers.kubernetes.session import KubeconfigConnector;"
        f"print(len(KubeconfigConnector({file!r}).contexts()),"
        "{'kubernetes', 'aiohttp', 'requests'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "1 set()"
