"""OpenLineage events of steps: read back by the client's own classes; what is lost ends no run and is counted."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dagster as dg
import pytest
from openlineage.client import facet_v2
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from pydantic import ValidationError

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.asset_factory import lake_asset, with_column_lineage
from wethink_assets.commit import commit_result
from wethink_assets.lineage_events import RowsRunFacet
from wethink_assets.settings import OpenLineageSettings, Settings

CLASSES = {
    "parent": facet_v2.parent_run.ParentRunFacet,
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
    "wethink_rows": RowsRunFacet,
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
    "documentation": facet_v2.documentation_dataset.DocumentationDatasetFacet,
    "symlinks": facet_v2.symlinks_dataset.SymlinksDatasetFacet,
    "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
    "columnLineage": facet_v2.column_lineage_dataset.ColumnLineageDatasetFacet,
    "inputStatistics": facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet,
    "outputStatistics": facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
}


def read(line: str) -> RunEvent:
    """An event of a line, by the client's classes, which refuse what is no UUID, no time, and no field of theirs."""
    raw = json.loads(line)
    assert raw.pop("schemaURL").endswith("RunEvent")

    def facets(of: dict) -> dict:
        plain = {name: {k: v for k, v in body.items() if not k.startswith("_")} for name, body in of.items()}
        assert all({"_producer", "_schemaURL"} <= set(body) for body in of.values())
        return {name: CLASSES[name](**body) for name, body in plain.items()}

    def dataset(kind: type, own: str, body: dict):
        some = {name: facets(body.pop(name, {})) for name in (own, "facets")}
        return kind(**body, **some)

    return RunEvent(
        eventType=RunState[raw.pop("eventType")],
        run=Run(raw["run"]["runId"], facets(raw.pop("run")["facets"])),
        job=Job(raw["job"]["namespace"], raw["job"]["name"], facets(raw.pop("job")["facets"])),
        inputs=[dataset(InputDataset, "inputFacets", one) for one in raw.pop("inputs")],
        outputs=[dataset(OutputDataset, "outputFacets", one) for one in raw.pop("outputs")],
        **raw,
    )


@pytest.fixture
def run(lake, tmp_path):
    """A run of two stages, the second of which may fail; gives its result."""

    def run(settings: OpenLineageSettings, error: str = "") -> dg.ExecuteInProcessResult:
        @lake_asset(key="descriptions", group="g", description="d", tables=("descriptions",), kinds=(), owner="team:t")
        def first(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
            return commit_result(context, lake, StageResult(2, 2, {}), key=dg.AssetKey("descriptions"), started=0.0)

        @lake_asset(
            key="refined_descriptions",
            group="g",
            description="d",
            tables=("refined_descriptions",),
            kinds=(),
            owner="team:t",
            deps=["descriptions"],
        )
        def second(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
            if error:
                raise RuntimeError(error)
            stopped = [Stopped("s1", "too_short", "d")]
            result = StageResult(2, 1, {}, dropped=stopped)
            return commit_result(
                context, lake, result, key=dg.AssetKey("refined_descriptions"), started=0.0, data_version="v1"
            )

        own = SettingsResource.of(Settings(home=tmp_path / "home", openlineage=settings))
        assets = with_column_lineage([first, second])
        return dg.materialize(assets, resources={"lake": lake, "settings": own}, raise_on_error=False)

    return run


def test_every_step_is_a_run_with_inputs_rows_and_columns(run, tmp_path):
    result = run(OpenLineageSettings(file="lineage/events.jsonl"))
    assert result.success
    events = [read(line) for line in (tmp_path / "home/lineage/events.jsonl").read_text("utf-8").splitlines()]
    assert [(e.job.name, e.eventType.name) for e in events] == [
        ("descriptions", "START"),
        ("descriptions", "COMPLETE"),
        ("refined_descriptions", "START"),
        ("refined_descriptions", "COMPLETE"),
    ]
    assert events[0].run.runId == events[1].run.runId != events[2].run.runId == events[3].run.runId
    done = events[3]
    assert done.run.facets["parent"].run["runId"] == result.run_id
    rows = done.run.facets["wethink_rows"]
    assert (rows.rowsIn, rows.continued, rows.dropped, rows.failed) == (2, 1, 1, 0)
    (read_from,) = done.inputs
    assert (read_from.name, read_from.inputFacets["inputStatistics"].rowCount) == ("descriptions", 2)
    (written,) = done.outputs
    assert written.outputFacets["outputStatistics"].rowCount == 0
    assert written.facets["version"].datasetVersion == "v1"
    assert written.facets["symlinks"].identifiers[0]["name"] == "lake.refined_descriptions"
    columns = written.facets["columnLineage"].fields
    assert set(columns) == {"description_id", "image_id"}
    (origin,) = columns["image_id"]["inputFields"]
    assert (origin["name"], origin["field"]) == ("descriptions", "image_id")
    assert "refined_id" in {field["name"] for field in written.facets["schema"].fields}


class Server:
    """A lineage server that keeps what it is sent and answers with a status."""

    def __init__(self, status: int) -> None:
        self.got: list[tuple[str, str | None, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.got.append((self.path, self.headers.get("Authorization"), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def server(request):
    one = Server(getattr(request, "param", 201))
    yield one
    one.http.shutdown()
    one.http.server_close()


def test_a_server_gets_the_key_in_the_header_and_a_failure_without_any(run, server, monkeypatch):
    monkeypatch.setenv("LINEAGE_KEY", "key-of-the-lineage-server")
    settings = OpenLineageSettings(url=server.url, api_key_env="LINEAGE_KEY")
    told = "postgresql://ann:hidden@db refused, key-of-the-lineage-server, Authorization: Bearer abcdefgh1234"
    assert not run(settings, told).success
    paths, keys, bodies = zip(*server.got, strict=True)
    assert set(paths) == {"/api/v1/lineage"} and set(keys) == {"Bearer key-of-the-lineage-server"}
    events = [read(body) for body in bodies]
    assert [e.eventType.name for e in events] == ["START", "COMPLETE", "START", "FAIL"]
    message = events[3].run.facets["errorMessage"].message
    assert message.startswith("RuntimeError: postgresql://db refused")
    assert not [secret for secret in ("hidden", "key-of-the", "abcdefgh") if secret in "".join(bodies)]


@pytest.mark.parametrize("server", [500], indirect=True)
def test_what_a_server_refuses_is_told_once_counted_and_ends_no_run(run, server, capfd):
    result = run(OpenLineageSettings(url=server.url))
    assert result.success
    lost = [
        result.asset_materializations_for_node(name)[0].metadata["openlineage_events_lost"].value
        for name in ("descriptions", "refined_descriptions")
    ]
    assert lost == [1, 3]
    assert len(server.got) == 1  # then it is left alone
    warnings = [line for line in capfd.readouterr().err.splitlines() if "OpenLineage: " in line]
    assert len(warnings) == 1 and "HTTP 500" in warnings[0] and "/api/" not in warnings[0]


def test_a_place_that_is_not_there_ends_no_run(run, tmp_path, server):
    server.http.shutdown()
    server.http.server_close()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "file").mkdir()
    assert run(OpenLineageSettings(url=server.url, file="file", api_key_env="NO_SUCH_KEY")).success


def test_an_address_that_would_show_a_secret_is_refused():
    for url in ("http://ann:hidden@host", "http://host?key=hidden", "host:5000"):
        with pytest.raises(ValidationError) as refused:
            OpenLineageSettings(url=url)
        assert "hidden" not in str(refused.value)
