"""What is said of a change whose answer was refused or lost, and that it is never sent twice unasked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import Transport
from providers.kubernetes.resources import PODS
from providers.kubernetes.session import KubeconfigConnector
from providers.kubernetes.status_errors import AnswerLost, Conflict, Invalid, NotAdmitted, StatusError
from providers.kubernetes.writes import Writes
from tests.kubernetes.test_session import unused_port
from tests.kubernetes.wire import Answering, Asked, Json, Reply, always, kubeconfig, mute, serving, status

POD: Json = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}


async def writing(file: str) -> Transport:
    permission = Permission()
    permission.grant("write", until=datetime.now(UTC) + timedelta(minutes=5))
    return await KubeconfigConnector(file).connect("earth", permission=permission)


async def created(folder: Path, answering: Answering, *, timeout_s: float = 5) -> tuple[ProviderError, list[Asked]]:
    """How making a pod fails, and what was sent."""
    async with serving(answering) as wire:
        transport = await writing(kubeconfig(folder / "config", wire.url))
        try:
            with pytest.raises(ProviderError) as failed:
                await Writes(transport, timeout_s=timeout_s).create(PODS, POD, namespace="prod")
        finally:
            await transport.close()
    return failed.value, wire.asked


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(Reply(reset=True), "unreachable"), (Reply(201, body=b"x" * 1000, cut=10), "unreachable"), (None, "timeout")],
)
async def test_an_answer_that_is_lost_is_said_to_be_and_not_asked_for_again(
    tmp_path: Path, reply: Reply | None, kind: str
) -> None:
    error, asked = await created(tmp_path, always(reply) if reply else mute, timeout_s=5 if reply else 0.05)
    assert isinstance(error, AnswerLost)
    assert error.message.startswith("cannot tell whether it went through: create pods/x in namespace prod: ")
    assert (error.kind, "safe" in error.next_step) == (kind, True)
    assert len(asked) == 1


async def test_what_was_never_sent_is_not_lost(tmp_path: Path) -> None:
    transport = await writing(kubeconfig(tmp_path / "config", f"https://127.0.0.1:{unused_port()}"))
    with pytest.raises(ProviderError, match="connection refused") as failed:
        await Writes(transport).create(PODS, POD, namespace="prod")
    await transport.close()
    assert not isinstance(failed.value, AnswerLost)


async def test_what_a_busy_server_did_not_take_is_sent_again(tmp_path: Path) -> None:
    error, asked = await created(tmp_path, always(Reply(429, headers={"Retry-After": "0"})))
    assert (error.kind, len(asked)) == ("throttled", 2)


@pytest.mark.parametrize(
    ("code", "reason", "said", "error", "words"),
    [
        (409, "Conflict", "the object has been modified", Conflict, "it was changed meanwhile"),
        (422, "Invalid", "spec.containers: Required value", Invalid, "finds it wrong: spec.containers"),
        (422, "Invalid", 'metadata.uid: Invalid value: "x": field is immutable', Conflict, "changed meanwhile"),
        (403, "Forbidden", 'pods "x" is forbidden: violates PodSecurity "restricted:v1.36"', NotAdmitted, "Pod Sec"),
        (403, "Forbidden", 'pods "x" is forbidden: exceeded quota: q, requested: pods=1', NotAdmitted, "quota is used"),
        (403, "Forbidden", "maximum memory usage per Container is 1Gi", NotAdmitted, "limit range"),
        (403, "Forbidden", 'admission webhook "gate.example.org" denied the request: no', NotAdmitted, "webhook"),
        (400, "BadRequest", 'admission webhook "gate.example.org" denied the request: no', NotAdmitted, "gate.example"),
        (
            422,
            "Invalid",
            "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            NotAdmitted,
            "admission policy",
        ),
        (403, "Forbidden", 'User "jo" cannot create resource "pods"', StatusError, "forbidden"),
        (500, "InternalError", "failed calling webhook: timeout", StatusError, "failed calling webhook"),
    ],
)
async def test_a_refusal_is_told_by_what_refuses(
    tmp_path: Path, code: int, reason: str, said: str, error: type[StatusError], words: str
) -> None:
    found, asked = await created(tmp_path, always(Reply(code, body=status(code, reason, said))))
    assert type(found) is error
    assert found.message.startswith("cannot create pods/x in namespace prod: ")
    assert words in found.message
    assert found.next_step
    assert len(asked) == 1


async def test_a_dry_run_of_a_deletion_is_asked_for_where_the_server_reads_it(tmp_path: Path) -> None:
    async with serving(always(Reply())) as wire:
        transport = await writing(kubeconfig(tmp_path / "config", wire.url))
        await Writes(transport).delete(PODS, "x", namespace="prod", uid="u", dry_run=True)
        await transport.close()
    options: dict[str, Any] = json.loads(wire.asked[0].body)
    assert options["dryRun"] == ["All"]
    assert options["preconditions"] == {"uid": "u"}


async def test_a_deletion_whose_answer_is_lost_is_not_sent_again(tmp_path: Path) -> None:
    async with serving(always(Reply(reset=True))) as wire:
        transport = await writing(kubeconfig(tmp_path / "config", wire.url))
        with pytest.raises(AnswerLost):
            await Writes(transport).delete(PODS, "x", namespace="prod", uid="u")
        await transport.close()
    assert len(wire.asked) == 1


async def test_what_is_sent_names_us_and_asks_for_no_object_back(tmp_path: Path) -> None:
    body = json.dumps({"metadata": {"name": "hub", "uid": "u"}}).encode()
    async with serving(always(Reply(body=body))) as wire:
        transport = await writing(kubeconfig(tmp_path / "config", wire.url))
        await Writes(transport).merge_patch(PODS, "x", {"spec": {}}, namespace="prod", resource_version="7")
        await transport.close()
    (asked,) = wire.asked
    assert asked.target.endswith("/pods/x?fieldManager=hubhomes")
    assert asked.headers["accept"].startswith("application/json;as=PartialObjectMetadata;")
    assert asked.headers["content-type"] == "application/merge-patch+json"
    assert json.loads(asked.body) == {"spec": {}, "metadata": {"resourceVersion": "7"}}
