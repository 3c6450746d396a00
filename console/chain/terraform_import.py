"""How a filestore that was made by hand comes under Terraform: the lines to add, and the commands to run by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from console.chain.terraform import gib, location
from console.chain.terraform_blocks import own_resource
from console.chain.words import command
from console.inventory.terraform import DeclaredTerraform, TerraformResource
from console.inventory.terraform.strings import quoted
from providers.filestores.protocol import Filestore


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What Terraform needs for one filestore: lines, the file that they go to, and what to import it as."""

    file: str
    lines: tuple[str, ...]
    address: str
    identity: str
    note: str = ""


def import_lines(declaration: DeclaredTerraform, store: Filestore) -> tuple[str, ...]:
    """What to add to which file and what to run then, line by line; first why, where the variables can't say it."""
    entry = _entry(declaration, store)
    if isinstance(entry, str):
        return (entry, *_lines(declaration, _own(declaration, store)))
    return _lines(declaration, entry)


def _lines(declaration: DeclaredTerraform, entry: _Entry) -> tuple[str, ...]:
    return (
        f"add to {entry.file}:",
        *entry.lines,
        "then run, from the top of the checkout:",
        *commands(declaration, entry.address, entry.identity),
        *((entry.note,) if entry.note else ()),
    )


def mending_lines(declaration: DeclaredTerraform, resource: TerraformResource, store: Filestore) -> tuple[str, ...]:
    """How RESOURCE comes to say what STORE is: its name, capacity and tier."""
    suffix = _suffix(declaration, store)
    if declaration.cloud == "azure":
        quota = [f"storage_size = {gib(store.capacity_bytes):g}"] if store.capacity_bytes else []
        return (f"to keep what is there, in {declaration.file}:", *quota)
    if suffix is None:
        return _unnamed(declaration, store)
    if resource.key is None:
        return (f"to keep what is there, in {declaration.file}:", *_single_lines(store))
    if declaration.filestores == "assigned":
        said = _said(declaration, store, suffix)
        if not suffix and resource.name != _base(declaration):
            said.append("and no name_suffix" if said else "no name_suffix")
        return (f"to keep what is there, in the entry at {resource.origin}:", *said)
    entries = [one for one in declaration.resources if one.kind == "filestore" and one.key is not None]
    lines = [
        f"  {quoted(one.key or '')} : "
        + _object(_said(declaration, store, suffix) if one.key == resource.key else _attributes(declaration, one))
        + ","
        for one in entries
    ]
    return (f"to keep what is there, add to {declaration.file}:", "filestores = {", *lines, "}")


def rename_lines(declaration: DeclaredTerraform, resource: TerraformResource, store: Filestore) -> tuple[str, ...]:
    """How the declaration RESOURCE becomes that of STORE, which hubs live on and which has another name."""
    if declaration.cloud == "azure":
        return _unnamed(declaration, store)
    lines = mending_lines(declaration, resource, store)
    if _suffix(declaration, store) is None:
        return lines
    return (
        *lines,
        "then run, from the top of the checkout:",
        *commands(declaration, resource.address, _identity(store)),
    )


def adoption_lines(declaration: DeclaredTerraform, resource: TerraformResource, store: Filestore) -> tuple[str, ...]:
    """How STORE, which was made by hand as RESOURCE declares it, comes under Terraform: no line is to be added."""
    return (
        "run, from the top of the checkout:",
        *commands(declaration, resource.address, _identity(store)),
    )


def _unnamed(declaration: DeclaredTerraform, store: Filestore) -> tuple[str, ...]:
    reason = f"the variables cannot name it {store.name}: it needs a resource of its own, in the declared one's place"
    return (reason, *_lines(declaration, _own(declaration, store)))


def commands(declaration: DeclaredTerraform, address: str, identity: str) -> tuple[str, str, str]:
    """Choose the workspace, import, and see that nothing would be destroyed."""
    folder, var_file = f"-chdir={declaration.folder}", f"-var-file={declaration.var_file}"
    return (
        command("terraform", folder, "workspace", "select", declaration.name),
        command("terraform", folder, "import", var_file, address, identity),
        command("terraform", folder, "plan", var_file),
    )


def plan_command(declaration: DeclaredTerraform) -> str:
    """What Terraform itself would do."""
    folder = f"-chdir={declaration.folder}"
    select = command("terraform", folder, "workspace", "select", declaration.name)
    return f"{select} && {command('terraform', folder, 'plan', f'-var-file={declaration.var_file}')}"


def _entry(declaration: DeclaredTerraform, store: Filestore) -> _Entry | str:
    return {"gcp": _of_gcp, "aws": _of_aws, "azure": _of_azure}[declaration.cloud](declaration, store)


def _identity(store: Filestore) -> str:
    """What `terraform import` takes: the instance's name, the file system's id, the share's address."""
    if store.backend != "azure-files":
        return store.id
    account, _, share = store.name.partition("/")
    host = store.addresses[0] if store.addresses else f"{account}.file.core.windows.net"
    return f"https://{host}/{share}"


def _of_gcp(declaration: DeclaredTerraform, store: Filestore) -> _Entry | str:
    zone, suffix = location(store), _suffix(declaration, store)
    base = f"{declaration.prefix}-homedirs"
    if suffix is None:
        return f"the variables name all filestores {base}[-SUFFIX]: it needs a resource of its own in terraform/gcp"
    if zone and declaration.zone and zone != declaration.zone:
        return f"the variables make all filestores in {declaration.zone}: in {zone} it needs a resource of its own"
    if store.exports and store.exports != ("/homes",):
        return f"the variables name every share homes: with share {store.exports[0]} it needs a resource of its own"
    if declaration.filestores == "absent":
        return _single(declaration, store, suffix)
    attributes = _said(declaration, store, suffix)
    return _mapped(declaration, store, suffix or "filestore", attributes, "google_filestore_instance.homedirs")


def _said(declaration: DeclaredTerraform, store: Filestore, suffix: str) -> list[str]:
    """STORE as an entry of the map; an EFS has neither capacity nor tier there."""
    said = [f"name_suffix : {quoted(suffix)}"] if suffix else []
    if declaration.cloud == "gcp" and store.capacity_bytes:
        said.append(f"capacity_gb : {gib(store.capacity_bytes):g}")
    if declaration.cloud == "gcp" and store.tier:
        said.append(f"tier : {quoted(store.tier)}")
    return said


def _single(declaration: DeclaredTerraform, store: Filestore, suffix: str) -> _Entry | str:
    """For a folder of older form, which knows one filestore."""
    if suffix or any(one.kind == "filestore" for one in declaration.resources):
        return "the variables of this folder know one filestore alone: it needs a resource of its own in terraform/gcp"
    lines = ("enable_filestore = true", *_single_lines(store))
    address = "google_filestore_instance.homedirs[0]"
    return _Entry(file=declaration.file, lines=lines, address=address, identity=_identity(store))


def _single_lines(store: Filestore) -> Iterator[str]:
    if store.capacity_bytes:
        yield f"filestore_capacity_gb = {gib(store.capacity_bytes):g}"
    if store.tier:
        yield f"filestore_tier = {quoted(store.tier)}"


def _of_aws(declaration: DeclaredTerraform, store: Filestore) -> _Entry | str:
    if declaration.filestores == "absent":
        return "the variables of this folder know one filestore alone: it needs a resource of its own in terraform/aws"
    suffix = _suffix(declaration, store)
    wanted = store.name if suffix is None else suffix
    entry = _mapped(
        declaration, store, wanted or "hub", _said(declaration, store, wanted), "aws_efs_file_system.hub_homedirs"
    )
    notes = ["its mount targets are resources of their own: the plan shows what else to import"]
    if suffix is None:
        notes.insert(0, f"an apply then changes its tag Name to hub-homedirs-{wanted}")
    return msgspec.structs.replace(entry, note="; ".join(notes))


def _of_azure(declaration: DeclaredTerraform, store: Filestore) -> _Entry:  # the variables know one share alone
    return _own(declaration, store)


def _own(declaration: DeclaredTerraform, store: Filestore) -> _Entry:
    """STORE as a resource of its own."""
    block = own_resource(declaration, store)
    note = ""
    if declaration.cloud == "azure":
        note = f"where the folder's shares have a storage_account_id instead of a name, the id to import is {store.id}"
    return _Entry(file=block.file, lines=block.lines, address=block.address, identity=_identity(store), note=note)


def _mapped(
    declaration: DeclaredTerraform, store: Filestore, wished: str, attributes: Sequence[str], resource: str
) -> _Entry:
    """An entry of the map `filestores`. A file that is silent must repeat the default's entries, or they go."""
    entries = [one for one in declaration.resources if one.kind == "filestore" and one.key is not None]
    key = _free(wished, {one.key for one in entries})
    own = f"  {quoted(key)} : {_object(attributes)},"
    kept = [f"  {quoted(one.key or '')} : {_object(_attributes(declaration, one))}," for one in entries]
    if declaration.filestores == "assigned":
        file, lines = f"{declaration.file}, in filestores = {{ }}", [own]
    else:
        file, lines = declaration.file, ["filestores = {", *kept, own, "}"]
    return _Entry(file=file, lines=tuple(lines), address=f"{resource}[{quoted(key)}]", identity=_identity(store))


def _attributes(declaration: DeclaredTerraform, resource: TerraformResource) -> list[str]:
    """A declared filestore as an entry of the map, all of it said."""
    base = _base(declaration)
    said = [f"name_suffix : {quoted(resource.name.removeprefix(f'{base}-'))}"] if resource.name != base else []
    if resource.capacity_gib is not None:
        said.append(f"capacity_gb : {resource.capacity_gib:g}")
    if resource.tier:
        said.append(f"tier : {quoted(resource.tier)}")
    if resource.tags:
        said.append(f"tags : {_object([f'{quoted(name)} : {quoted(value)}' for name, value in resource.tags])}")
    return said


def _base(declaration: DeclaredTerraform) -> str:
    return "hub-homedirs" if declaration.cloud == "aws" else f"{declaration.prefix}-homedirs"


def _suffix(declaration: DeclaredTerraform, store: Filestore) -> str | None:
    """What stands behind the name that all filestores begin with; "" for nothing, None for another name."""
    base = _base(declaration)
    if store.name == base:
        return ""
    return store.name.removeprefix(f"{base}-") if store.name.startswith(f"{base}-") else None


def _free(wished: str, taken: set[str | None]) -> str:
    number, key = 2, wished
    while key in taken:
        number, key = number + 1, f"{wished}-{number}"
    return key


def _object(attributes: Sequence[str]) -> str:
    return f"{{ {', '.join(attributes)} }}" if attributes else "{}"
