"""Before a cloud is changed it is asked whether we may: a right that it denies keeps the run from beginning, one that
it does not tell of does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from console.actions.plan import CloudRight, Need
from console.actions.refusals import RightsMissing
from console.actions.render import text_lines
from console.actions.rights import rights
from console.cli.action import show
from console.cli.documents.actions import plan as document
from console.tui.present.action_lines import needs_lines
from console.tui.present.lines import plain
from providers.errors import ProviderError
from tests.actions.test_filestores_live import Demo

CREATE = CloudRight(cloud="gcp", right="file.instances.create")
FOLLOW = CloudRight(cloud="gcp", right="file.operations.get")
ASK = "ask whoever keeps the account for these rights"


async def test_a_right_that_the_cloud_denies_is_named_and_nothing_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earth = Demo(tmp_path, "earth")
    earth.cloud().lacking["earth"] = ("file.instances.create",)
    target = earth.target("create-filestore")
    preview = await earth.engine.preview(target)
    assert (preview.denied, dict(preview.unasked), preview.remedy) == ((CREATE,), {}, ASK)
    lines = text_lines(preview.plan, denied=preview.denied, unasked=preview.unasked, remedy=preview.remedy)
    assert f"needs  {CREATE} (you may not)" in lines
    assert f"needs  {FOLLOW}" in lines
    assert f"next   {ASK}" in lines
    show(preview, json=False)
    assert capsys.readouterr().err == "it can't run: rights are missing, as marked above\n"
    before = len((await earth.state()).filestores)
    with pytest.raises(RightsMissing, match=r"you lack the right to gcp file\.instances\.create") as caught:
        await earth.run(target)
    assert caught.value.next_step == ASK
    assert len((await earth.state()).filestores) == before
    assert await earth.engine.runs() == ()


async def test_a_right_that_the_cloud_gives_is_shown_as_given(tmp_path: Path) -> None:
    earth = Demo(tmp_path, "earth")
    preview = await earth.engine.preview(earth.target("create-filestore"))
    (step,) = document(preview).steps
    assert {(need.system, need.granted, need.why) for need in step.needs} == {("gcp", True, "")}
    shown = [plain(line) for line in needs_lines(preview, 80)]
    assert any("✓ gcp file.instances.create, gcp file.operations.get  allowed" in line for line in shown), shown


async def test_a_cloud_that_does_not_tell_keeps_nobody_from_running(tmp_path: Path) -> None:
    earth = Demo(tmp_path, "earth")
    earth.cloud().silent["earth"] = "the API is disabled"
    target = earth.target("create-filestore")
    preview = await earth.engine.preview(target)
    assert preview.denied == ()
    assert dict(preview.unasked) == {CREATE: "the API is disabled", FOLLOW: "the API is disabled"}
    lines = text_lines(preview.plan, denied=preview.denied, unasked=preview.unasked)
    assert f"needs  {CREATE} (could not be asked)" in lines
    assert lines.count("why    the API is disabled") == 1
    (step,) = document(preview).steps
    assert {(need.granted, need.why) for need in step.needs} == {(None, "the API is disabled")}
    assert (await earth.run(target)).outcome == "done"


async def test_aws_cannot_be_asked_and_the_plan_says_so(tmp_path: Path) -> None:
    ocean = Demo(tmp_path, "ocean")
    target = ocean.target("create-filestore", key="spare")
    preview = await ocean.engine.preview(target)
    assert preview.denied == ()
    assert set(preview.unasked) == set(preview.plan.needs)
    shown = " ".join(" ".join(plain(line) for line in needs_lines(preview, 80)).split())
    assert shown.startswith("needs ? aws elasticfilesystem:CreateFileSystem, aws elasticfilesystem:TagResource, ")
    assert shown.endswith("could not be asked: AWS answers no question about it: it is found out when it is done")
    assert (await ocean.run(target)).outcome == "done"


async def test_a_backend_that_cannot_be_reached_denies_nothing(tmp_path: Path) -> None:
    earth = Demo(tmp_path, "earth")
    preview = await earth.engine.preview(earth.target("create-filestore"))

    async def broken(_backend: str) -> None:
        raise ProviderError("unauthorized", "the login has expired")

    found = await rights(preview.plan, replace(preview.context, changing=broken))
    assert (found.denied, set(found.unasked.values())) == ((), {"the login has expired"})
    alone = await rights(preview.plan, replace(preview.context, changing=None))
    assert set(alone.unasked) == {CREATE, FOLLOW}


def test_what_both_deny_is_told_together() -> None:
    denied = (Need(verb="delete", resource="pods", namespace="prod"), CREATE)
    refused = RightsMissing(denied, "ana", remedy=ASK)
    assert refused.message == "ana may not delete pods in prod; you lack the right to gcp file.instances.create"
    assert refused.next_step == f"ask for a Role that allows it; docs/actions.md has one; {ASK}"
