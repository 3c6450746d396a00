from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.gcp_filestore.endpoints import Endpoints
from tests.filestores.filestore_http import Answer, HttpServer, problem, series
from tests.filestores.filestore_server import Project, instance, listener, unused_port
from tests.filestores.test_gcp_filestore import NOW, over_rest, scope

GIB = 1024**3
SOURCE = "Cloud Monitoring file.googleapis.com/nfs/server/used_bytes_percent"
TWO = {"earth-hubs": Project(instances=(instance("a"), instance("b", location="us-east1-c", capacity_gb=2048)))}


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


async def stores(server: HttpServer):
    return (await over_rest(server, extras_timeout_s=10).list_filestores(scope())).filestores


async def usage_of_a(*listed, answers=None):
    with HttpServer(projects=TWO, usage=list(listed), answers=answers or {}).running() as server:
        return (await stores(server))[0].usage


async def reason(answers) -> str:
    """What the facts say of a usage that is not known; the listing itself is whole."""
    with HttpServer(projects=TWO, answers=answers).running() as server:
        listing = await over_rest(server, extras_timeout_s=2).list_filestores(scope())
    assert [store.usage for store in listing.filestores] == [None, None]
    assert listing.refused == ()
    (words,) = {dict(store.facts)["usage"] for store in listing.filestores}
    return words


async def test_one_question_tells_how_full_each_is():
    listed = [series("a", (ago(4), 81.0)), series("b", (ago(2), 12.5), location="us-east1-c")]
    with HttpServer(projects=TWO, usage=listed).running() as server:
        a, b = await stores(server)
    assert a.usage.used_bytes == round(0.81 * 1024 * GIB)
    assert (a.usage.capacity_bytes, a.usage.source, a.usage.observed_at) == (1024 * GIB, SOURCE, ago(4))
    assert b.usage.used_bytes == 256 * GIB
    assert "usage" not in dict(a.facts)
    (asked,) = [each for each in server.asked if each[0].endswith("timeSeries")]
    assert asked[0] == "/v3/projects/earth-hubs/timeSeries"
    assert asked[1]["filter"] == [f'metric.type="{SOURCE.split()[-1]}" AND resource.type="filestore_instance"']
    assert asked[1]["interval.startTime"] == ["2026-03-05T13:30:00Z"]
    assert asked[1]["interval.endTime"] == ["2026-03-05T14:00:00Z"]


async def test_the_newest_figure_counts_in_whatever_order_they_come():
    usage = await usage_of_a(series("a", (ago(9), 1.0), (ago(3), 50.0)), series("a", (ago(5), 99.0)))
    assert (usage.used_bytes, usage.observed_at) == (512 * GIB, ago(3))


async def test_the_same_name_elsewhere_is_another_instance():
    assert await usage_of_a(series("a", (ago(1), 50.0), location="europe-west4-a")) is None


@pytest.mark.parametrize("label", ["us-central1", "us-central1-b", ""])
async def test_an_instance_of_a_whole_region_may_be_labelled_with_a_zone(label):
    projects = {"earth-hubs": Project(instances=(instance("a", location="us-central1"),))}
    listed = [series("a", (ago(1), 50.0), location=label)]
    with HttpServer(projects=projects, usage=listed).running() as server:
        assert (await stores(server))[0].usage.used_bytes == 512 * GIB


@pytest.mark.parametrize("percent", [100.0, 103.0])
async def test_full_is_no_more_than_full(percent):
    assert (await usage_of_a(series("a", (ago(1), percent)))).used_bytes == 1024 * GIB


async def test_empty_is_a_figure():
    assert (await usage_of_a(series("a", (ago(1), 0.0)))).used_bytes == 0


async def test_a_figure_of_the_future_is_of_now():
    assert (await usage_of_a(series("a", (ago(-5), 10.0)))).observed_at == NOW


@pytest.mark.parametrize("value", [{}, {"int64Value": "7"}, {"doubleValue": -4.0}])
async def test_a_point_that_says_nothing_is_none(value):
    odd = series("a", (ago(1), 1.0))
    odd["points"][0]["value"] = value
    assert await usage_of_a(odd) is None


async def test_further_pages_are_read():
    first = {"timeSeries": [series("b", (ago(1), 3.0))], "nextPageToken": "more"}
    second = {"timeSeries": [series("a", (ago(1), 50.0))]}
    answers = {"timeSeries": [Answer(body=json.dumps(each).encode()) for each in (first, second)]}
    assert (await usage_of_a(answers=answers)).used_bytes == 512 * GIB


async def test_a_page_that_leads_to_itself_is_left():
    same = {"timeSeries": [series("a", (ago(1), 50.0))], "nextPageToken": "more"}
    answers = {"timeSeries": [Answer(body=json.dumps(same).encode())]}
    assert (await usage_of_a(answers=answers)).used_bytes == 512 * GIB


async def test_no_figure_is_said_to_be_none():
    with HttpServer(projects=TWO).running() as server:
        a, _ = await stores(server)
    assert a.usage is None
    assert dict(a.facts)["usage"] == "not known: Cloud Monitoring has no recent figure"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            problem(403, "no", reason="IAM_PERMISSION_DENIED"),
            "forbidden: GET timeSeries: no"
            " (ask for monitoring.timeSeries.list on project earth-hubs (roles/monitoring.viewer))",
        ),
        (
            problem(403, "off", reason="SERVICE_DISABLED", metadata={"service": "monitoring.googleapis.com"}),
            "(gcloud services enable monitoring.googleapis.com --project earth-hubs)",
        ),
        (problem(401, "who"), "(gcloud auth application-default login)"),
        (problem(404, "gone"), "not found (status 404)"),
        (problem(429, "slow", headers={"Retry-After": "9"}), "(wait 9 s, then refresh)"),
        (problem(500, "boom"), "the API failed (status 500)"),
        (problem(503, "later"), "the API does not answer"),
        (Answer(502, b"<html>proxy</html>"), "the API failed (status 502): GET timeSeries: <html>proxy</html>"),
        (Answer(302, b"", {"Location": "http://127.0.0.1:1/login"}), "status 302"),
        (Answer(200, b"<html>log in</html>"), "the answer cannot be read"),
        (Answer(200, b'{"timeSeries": [{"points": 7}]}'), "the answer cannot be read"),
        (Answer(200, b'{"timeSeries": [', claims=500), "does not answer"),
        (Answer(400, b"[1, 2]"), "status 400"),
        (Answer(mute=True), "no answer in time"),
    ],
)
async def test_a_refusal_is_a_fact_and_leaves_the_list_whole(answer, words):
    said = await reason({"timeSeries": [answer]})
    assert said.startswith("not known: cannot read how full Filestore instances of project earth-hubs are")
    assert words in said


@pytest.mark.parametrize("mute", [True, False])
async def test_no_monitoring_at_all_is_a_fact(mute):
    with HttpServer(projects=TWO).running() as server, listener(says=None) as quiet:
        monitoring = f"http://{quiet if mute else unused_port()}"
        endpoints = Endpoints(filestore=server.address, transport="rest", monitoring=monitoring, anonymous=True)
        listing = await GcpFilestore(endpoints=endpoints, extras_timeout_s=3).list_filestores(scope())
    words = {dict(store.facts)["usage"] for store in listing.filestores}
    assert len(listing.filestores) == 2
    assert all(("no answer in time" if mute else "Connection refused") in each for each in words)


async def test_a_project_of_a_domain_is_named_whole():
    where = scope("example.com:hubs")
    projects = {"example.com:hubs": Project(instances=(instance("a"),))}
    with HttpServer(projects=projects).running() as server:
        assert (await over_rest(server).list_filestores(where)).filestores
    assert "/v3/projects/example.com:hubs/timeSeries" in [path for path, _, _ in server.asked]
