"""Files that can't be read are one error each, with file and line; nothing is taken for "no filestore"."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.inventory.terraform import TerraformError, read_terraform
from tests.terraform import folders
from tests.terraform.folders import GCP_START, write_folder

FILE = "terraform/gcp/projects/sea.tfvars"


def error_of(checkout: Path) -> TerraformError:
    (declaration,) = read_terraform(checkout, cache_dir=None)
    assert declaration.error is not None
    assert declaration.resources == ()
    return declaration.error


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("filestores = {\n  a = {\n}\n", 5, "it ends where more is expected"),
        ("filestores = {}}\n", 3, "not HCL"),
        ('zone = "b\n', 3, "no end on this line"),
        ('zone = "b\\q"\n', 3, "backslash"),
        ("/* on and on\n", 3, "comment"),
        ("zone = <<EOT\nb\n", 3, "heredoc"),
        ("zone = 1 region = 2\n", 3, "new line is missing"),
        ("filestores = { a = {} b = {} }\n", 3, "comma or a new line is missing"),
        ('zone = "a"\nzone = "b"\n', 4, "a second time (first in line 3)"),
        ("zone {\n}\n", 3, "no blocks"),
        ("zone = var.prefix\n", 3, "a reference"),
        ('zone = "${local.x}-b"\n', 3, "a reference"),
        ('\nzone = lower("B")\n', 4, "a function"),
        ("other = [1, true ? max(1, 2) : 3]\n", 3, "a function"),
        ("other = 1 / 0\n", 3, "calculated"),
        ("filestores = {\n  a = { capacity_gb = [] }\n}\n", 3, "in a: in capacity_gb: a number is needed, not a list"),
        ('filestores = { a = { capacity_gb = "big" } }\n', 3, "a number is needed"),
        ('filestores = "a"\n', 3, "a map is needed, not a string"),
        ("persistent_disks = { a = {} }\n", 3, "in a: size is missing"),
        ("filestores = { for key in [1] : key => {} }\n", 3, "for expression is not read"),
        ("filestores = " + "[" * 300 + "]" * 300 + "\n", 1, "too deeply"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = error_of(write_folder(tmp_path, "gcp", folders.GCP, sea=GCP_START + text))
    assert (error.origin.file, error.origin.line) == (FILE, line)
    assert words in error.message
    assert error.origin.column >= 1
    assert FILE in error.next_step or "projects/sea.tfvars" in error.next_step


def test_an_error_never_shows_what_the_file_holds(tmp_path: Path) -> None:
    text = GCP_START + 'token = "hush" = "hush"\n'
    error = error_of(write_folder(tmp_path, "gcp", folders.GCP, sea=text))
    assert "hush" not in f"{error.message} {error.next_step}"


def test_what_is_not_read_here_matters_only_where_it_is_needed(tmp_path: Path) -> None:
    text = GCP_START + "node_pools = [for pool in [1] : pool]\n"
    (declaration,) = read_terraform(write_folder(tmp_path, "gcp", folders.GCP, sea=text), cache_dir=None)
    assert declaration.error is None
    assert len(declaration.resources) == 1


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    error = error_of(write_folder(tmp_path, "gcp", folders.GCP, sea=GCP_START.encode() + b'zone = "\xff"\n'))
    assert (error.origin.line, error.origin.column) == (3, 9)


def test_a_name_that_is_not_set(tmp_path: Path) -> None:
    error = error_of(write_folder(tmp_path, "gcp", folders.GCP, sea='project_id = "x"\n'))
    assert "prefix is not set" in error.message


def test_a_link_to_nothing(tmp_path: Path) -> None:
    checkout = write_folder(tmp_path, "gcp", folders.GCP)
    (checkout / FILE).symlink_to("gone")
    error = error_of(checkout)
    assert (error.origin.file, error.message) == (FILE, "it does not exist")


def test_a_folder_named_like_a_file(tmp_path: Path) -> None:
    checkout = write_folder(tmp_path, "gcp", folders.GCP)
    (checkout / FILE).mkdir()
    assert error_of(checkout).message == "it is a folder, not a file"


def test_broken_variables_are_one_error_of_all_files(tmp_path: Path) -> None:
    write_folder(tmp_path, "gcp", folders.GCP + "\nvariable {\n", sea=GCP_START, lake=GCP_START)
    errors = {declaration.error for declaration in read_terraform(tmp_path, cache_dir=None)}
    (error,) = errors
    assert error is not None
    assert error.origin.file == "terraform/gcp/variables.tf"
    assert error.origin.line > folders.GCP.count("\n")


def test_missing_variables_are_one_error_of_all_files(tmp_path: Path) -> None:
    write_folder(tmp_path, "gcp", None, sea=GCP_START, lake=GCP_START)
    errors = {declaration.error for declaration in read_terraform(tmp_path, cache_dir=None)}
    (error,) = errors
    assert error is not None
    assert (error.origin.file, error.message) == ("terraform/gcp/variables.tf", "it does not exist")


@pytest.mark.parametrize(
    "text",
    [
        'prefix = "{{ cluster_name }}"\nproject_id = "x"\n',
        'prefix = "a"\n{% if big %}\nzone = "b"\n{% endif %}\n',
        "prefix = {{ name }}\n",
    ],
)
def test_a_template_is_no_declaration(tmp_path: Path, text: str) -> None:
    assert read_terraform(write_folder(tmp_path, "gcp", folders.GCP, template=text), cache_dir=None) == ()


def test_jinja_in_a_comment_makes_no_template(tmp_path: Path) -> None:
    text = GCP_START + '# {{ hub_name }}\nzone = "a\n'
    assert error_of(write_folder(tmp_path, "gcp", folders.GCP, sea=text)).origin.line == 4


def test_secrets_are_never_opened(tmp_path: Path) -> None:
    checkout = write_folder(tmp_path, "gcp", folders.GCP)
    (checkout / "terraform/gcp/projects/enc-sea.secret.tfvars").write_text("not HCL at all")
    assert read_terraform(checkout, cache_dir=None) == ()
