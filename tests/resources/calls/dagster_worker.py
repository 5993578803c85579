"""A Dagster run that makes calls, to be cancelled: `dagster_worker.py LAKE_FOLDER BASE_URL REQUESTS`.

Prints what happened as lines of JSON, each with the monotonic time: when the calling asset was left and with what, when
the run was over.
"""

import json
import sys
import time
from pathlib import Path

import dagster as dg

from resources.calls.resource import ModelCalls
from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from tests.resources.calls.calls_worker import requests_of
from wethink_assets.settings import EndpointSettings, Settings


def say(what: str, **more: object) -> None:
    print(json.dumps({"what": what, "at": time.monotonic(), **more}), flush=True)


def main(folder: Path, base_url: str, count: int) -> bool:
    endpoint = EndpointSettings(base_url=base_url, model="stub", concurrency=8)
    settings = SettingsResource.of(Settings(home=folder, endpoints={"vlm": endpoint}))
    lake = Lake.at(f"sqlite:{folder}/lake/catalog.sqlite", f"{folder}/lake/data")
    images = ImageFiles(lake=lake, settings=settings)

    @dg.asset
    def asking(context: dg.AssetExecutionContext, calls: ModelCalls) -> None:
        try:
            calls.for_asset(context, batch="b")(requests_of(count))
        except BaseException as error:
            say(
                "left",
                error=type(error).__name__,
                durable=calls.lake.rows("calls/sum_spent", run_id=context.run.run_id)[0]["calls"],
            )
            raise

    resources = {"calls": ModelCalls(lake=lake, settings=settings, images=images)}
    try:
        return dg.materialize([asking], resources=resources, raise_on_error=False).success
    finally:
        say("run over")


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])) else 1)
