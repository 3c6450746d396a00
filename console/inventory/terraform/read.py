"""Reads every cluster's Terraform variables in a checkout, file by file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from console.inventory.files import Files, Unreadable
from console.inventory.model import Origin
from console.inventory.terraform.clouds import resources, text
from console.inventory.terraform.comments import prepared
from console.inventory.terraform.documents import Documents
from console.inventory.terraform.model import CLOUDS, Cloud, DeclaredTerraform, TerraformError
from console.inventory.terraform.syntax import Document, Faulty
from console.inventory.terraform.variables import Variable, Variables, Wrong, declared, require_constants
from console.inventory.tree import is_secret

_ENDING = ".tfvars"
_JINJA = re.compile(r"\{\{-?\s*[A-Za-z_][\w.]*\s*(?:\|[^{}\n]*)?-?\}\}|\{%-?[^{}\n]+-?%\}")
_LINE_COMMENT = re.compile(r"^[ \t]*(?:#|//).*", re.MULTILINE)


def read_files(checkout: Path, files: Files, cache: Path | None) -> tuple[DeclaredTerraform, ...]:
    """What the variables files of CHECKOUT declare, in the order of their names; nothing where there are none.

    A file that can't be read is a declaration with an error; nothing is raised for it. Templates and files that hold
    secrets are left out. Parsed files are kept in CACHE; None: nothing is kept.
    """
    documents = Documents(cache)
    found = [
        declaration for cloud in CLOUDS for declaration in _Folder(checkout, cloud, files, documents).declarations()
    ]
    documents.keep()
    return tuple(found)


def read_one(checkout: Path, declaration: DeclaredTerraform, files: Files) -> DeclaredTerraform:
    """What the file of DECLARATION declares by FILES, which may give it another content than it has."""
    folder = _Folder(checkout, declaration.cloud, files, Documents(None))
    return folder.declaration(declaration.file, declaration.name) or declaration


def folder_variables(checkout: Path, declaration: DeclaredTerraform) -> Mapping[str, Variable]:
    """The variables of DECLARATION's folder; none where its variables.tf can't be read."""
    found = _Folder(checkout, declaration.cloud, Files(), Documents(None)).variables()
    return {} if isinstance(found, TerraformError) else found


class _Folder:
    """One cloud's folder: its variables are read once, when the first file asks for them."""

    def __init__(self, checkout: Path, cloud: Cloud, files: Files, documents: Documents) -> None:
        self._checkout = checkout
        self._cloud = cloud
        self._files = files
        self._documents = documents
        self._variables: Mapping[str, Variable] | TerraformError | None = None
        self._variables_file = f"terraform/{cloud}/variables.tf"

    def declarations(self) -> list[DeclaredTerraform]:
        folder = f"terraform/{self._cloud}/projects"
        names = [name for name in self._files.names(self._checkout / folder) if name.endswith(_ENDING)]
        wanted = [name for name in names if name != _ENDING and not is_secret(name)]
        found = (self.declaration(f"{folder}/{name}", name.removesuffix(_ENDING)) for name in wanted)
        return [declaration for declaration in found if declaration is not None]

    def declaration(self, file: str, name: str) -> DeclaredTerraform | None:
        """What FILE declares; None where it is a template."""
        empty = DeclaredTerraform(file=file, cloud=self._cloud, name=name)
        try:
            assigned = self._assigned(file)
            if assigned is None:
                return None
            require_constants(assigned)
        except Unreadable as error:
            return _failed(empty, _unopened(file, error))
        except Faulty as error:
            return _failed(empty, _faulty(file, error))
        variables = self.variables()
        if isinstance(variables, TerraformError):
            return _failed(empty, variables)
        try:
            return _filled(empty, Variables(variables, self._variables_file, assigned, file))
        except Wrong as error:
            return _failed(empty, _wrong(empty, error))

    def _assigned(self, file: str) -> Document | None:
        """What FILE assigns; None when it is a template."""
        content = self._files.read(self._checkout / file)
        try:
            document = self._documents.document(content)
        except Faulty:
            if _has_jinja(content):
                return None
            raise
        return None if _is_template(document) else document

    def variables(self) -> Mapping[str, Variable] | TerraformError:
        """Those of variables.tf, or why they are not known."""
        if self._variables is None:
            self._variables = self._read_variables()
        return self._variables

    def _read_variables(self) -> Mapping[str, Variable] | TerraformError:
        file = self._variables_file
        try:
            return declared(self._documents.document(self._files.read(self._checkout / file)))
        except Unreadable as error:
            return _unopened(file, error)
        except Faulty as error:
            return _faulty(file, error)


def _has_jinja(content: bytes) -> bool:
    """Whether marks of Jinja stand outside comments."""
    text = content.decode("utf-8", "replace")
    try:
        text = prepared(text)
    except Faulty:
        text = _LINE_COMMENT.sub("", text)
    return bool(_JINJA.search(text))


def _is_template(document: Document) -> bool:
    """Whether a string at the top has Jinja marks: such a file is HCL all the same."""
    values = (getattr(attribute.expression, "value", None) for attribute in document.attributes)
    return any(isinstance(value, str) and _JINJA.search(value) for value in values)


def _filled(empty: DeclaredTerraform, variables: Variables) -> DeclaredTerraform:
    account = {"gcp": "project_id", "azure": "subscription_id"}.get(empty.cloud, "")
    return msgspec.structs.replace(
        empty,
        resources=resources(empty.cloud, variables),
        prefix=text(variables, "prefix"),
        account=text(variables, account),
        region=text(variables, "location" if empty.cloud == "azure" else "region"),
        zone=text(variables, "cluster_nodes_location" if empty.cloud == "aws" else "zone"),
        cluster_name=_cluster_name(empty.cloud, variables),
        filestores=_filestores(variables),
    )


def _filestores(variables: Variables) -> Literal["assigned", "default", "absent"]:
    if variables.assigns("filestores"):
        return "assigned"
    return "default" if "filestores" in variables else "absent"


def _cluster_name(cloud: Cloud, variables: Variables) -> str:
    if cloud == "aws":
        return text(variables, "cluster_name")
    prefix = text(variables, "prefix")
    return f"{prefix}-cluster" if cloud == "gcp" and prefix else ""


def _failed(empty: DeclaredTerraform, error: TerraformError) -> DeclaredTerraform:
    return msgspec.structs.replace(empty, error=error)


def _unopened(file: str, error: Unreadable) -> TerraformError:
    next_step = f"Bring {file} back, or make it readable." if error.missing else f"Make {file} readable."
    return TerraformError(origin=Origin(file), message=f"it {error.message}", next_step=next_step)


def _faulty(file: str, error: Faulty) -> TerraformError:
    next_step = f"Mend the line; `terraform fmt -check {file}` says what Terraform itself can't read."
    return TerraformError(origin=Origin(file, error.line, error.column), message=error.message, next_step=next_step)


def _wrong(empty: DeclaredTerraform, error: Wrong) -> TerraformError:
    ask = f"terraform -chdir={empty.folder} console -var-file={empty.var_file}"
    next_step = f"Mend the value; `{ask}` says what Terraform itself makes of it."
    return TerraformError(origin=error.origin, message=error.message, next_step=next_step)
