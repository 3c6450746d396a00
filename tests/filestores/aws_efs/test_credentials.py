from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from providers.errors import ProviderError
from providers.filestores.aws_efs import AwsEfs
from tests.filestores.aws_efs.asking import PATIENT, REGION, listing, refusal, scope_in
from tests.filestores.aws_efs.wire import forward, refuse

SSO = """
[profile research]
sso_session = institute
sso_account_id = 123456789012
sso_role_name = Reader

[profile hubs]
role_arn = arn:aws:iam::123456789012:role/hubs
source_profile = research

[sso-session institute]
sso_region = us-west-2
sso_start_url = https://institute.awsapps.example/start
"""


@pytest.fixture
def configured(wire, monkeypatch, tmp_path):
    """Writes the AWS configuration of somebody who has no keys in the environment."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))

    def write(config: str = "", credentials: str = "") -> None:
        (tmp_path / "config").write_text(config)
        (tmp_path / "credentials").write_text(credentials)

    write()
    return write


KEYS = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = not-a-secret\n"


async def test_without_credentials_that_is_said_and_nothing_is_asked(cloud, configured, wire):
    error = await refusal(cloud)
    assert (error.kind, error.next_step) == ("unauthorized", "aws configure sso")
    assert "there are no AWS credentials" in error.message
    assert wire.seen == []


async def test_the_profile_of_the_cluster_is_used(cloud, configured, wire):
    configured(credentials=f"[hubs]\n{KEYS}")
    cloud.file_system(zones=0)
    assert len((await listing(cloud, profile="hubs")).filestores) == 1


async def test_a_profile_that_is_not_there_is_named(cloud, configured):
    error = await refusal(cloud, profile="no such")
    assert error.kind == "unauthorized"
    assert "(profile no such)" in error.message
    assert "aws configure sso --profile 'no such'" in error.next_step


@pytest.mark.parametrize("profile", ["research", "hubs"])
async def test_an_sso_session_that_is_over_says_how_to_begin_it(cloud, configured, profile):
    configured(SSO)
    error = await refusal(cloud, profile=profile)
    assert (error.kind, error.next_step) == ("unauthorized", "aws sso login --profile research")
    assert "the SSO session has expired or was never begun" in error.message


async def test_a_code_is_never_asked_for_on_the_terminal(cloud, configured, capfd):
    role = "role_arn = arn:aws:iam::123456789012:role/hubs\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n"
    configured(f"[profile hubs]\n{role}source_profile = me\n", f"[me]\n{KEYS}")
    error = await refusal(cloud, profile="hubs")
    assert error.kind == "unauthorized"
    assert "asks for an MFA code" in error.message
    assert "--profile hubs" in error.next_step
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("program", ["/no/such/program", sys.executable + " -c 'raise SystemExit(\"SECRET\")'"])
async def test_a_program_that_gives_no_credentials_is_that_clusters_row(cloud, configured, program):
    configured(f"[profile hubs]\ncredential_process = {program}\n")
    error = await refusal(cloud, profile="hubs")
    assert error.kind == "unauthorized"
    assert "SECRET" not in error.message


async def test_a_configuration_that_can_t_be_read_is_that_clusters_row(cloud, configured):
    configured("[profile hubs\nregion")
    error = await refusal(cloud, profile="hubs")
    assert "the AWS configuration file can't be read" in error.message


async def test_keys_in_the_environment_are_to_be_set_anew(cloud, wire):
    wire.fail("DescribeFileSystems", refuse(403, "ExpiredTokenException"))
    assert "AWS_SESSION_TOKEN" in (await refusal(cloud)).next_step


async def test_credentials_renewed_meanwhile_are_read_at_the_next_look(cloud, configured, wire):
    configured(credentials=f"[default]\n{KEYS}")
    backend = AwsEfs(bounds=PATIENT)
    used = []

    def only_the_new(request):
        used.append("AKIDRENEWED" in request.headers["Authorization"])
        (forward if used[-1] else refuse(403, "ExpiredTokenException"))(request)

    wire.fail("*", only_the_new)
    with pytest.raises(ProviderError):
        await backend.list_filestores(scope_in(REGION))
    configured(credentials=f"[default]\n{KEYS.replace('AKIDEXAMPLE', 'AKIDRENEWED')}")
    assert (await backend.list_filestores(scope_in(REGION))).refused == ()
    assert (used[0], set(used[1:])) == (False, {True})


async def test_a_role_is_taken_with_its_source(cloud, configured, wire):
    """The temporary credentials of a role, as most clusters have them."""
    configured("[profile hubs]\nrole_arn = arn:aws:iam::123456789012:role/hubs\nsource_profile = me\n", f"[me]\n{KEYS}")
    cloud.file_system(zones=0)
    assert len((await listing(cloud, profile="hubs")).filestores) == 1
    assert "AssumeRole" in wire.seen


async def test_credentials_of_a_program_are_used(cloud, configured, tmp_path):
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    given = {"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": until}
    (tmp_path / "given.json").write_text(json.dumps(given))
    configured(f"[profile hubs]\ncredential_process = cat {tmp_path / 'given.json'}\n")
    cloud.file_system(zones=0)
    assert len((await listing(cloud, profile="hubs")).filestores) == 1


def test_nothing_of_the_library_is_imported_before_an_account_is_asked(tmp_path):
    script = (
        "import asyncio, sys\nfrom datetime import UTC, datetime\n"
        "from providers.filestores.aws_efs import AwsEfs\nfrom providers.filestores.protocol import FilestoreScope\n"
        "scope = FilestoreScope(cluster='c', provider='gcp', account={}, observation=None, now=datetime.now(UTC))\n"
        "asyncio.run(AwsEfs().list_filestores(scope))\n"
        "print([name for name in sys.modules if name.startswith(('boto', 'urllib3'))])\n"
    )
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=root)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")
