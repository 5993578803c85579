"""A Dagster run that asks, to be cancelled: `calls_dagster_worker.py <lake folder> <base url> <number of requests>`."""

import sys
from pathlib import Path

import dagster as dg

from resources.image_files import ImageFiles
from resources.lake import Lake
from resources.model_calls import ModelCalls
from resources.settings import SettingsResource
from tests.resources.calls_worker import requests_of
from wethink_assets.settings import EndpointSettings, Settings


def main(folder: Path, base_url: str, count: int) -> bool:
    endpoint = EndpointSettings(base_url=base_url, model="stub", concurrency=8)
    settings = SettingsResource.of(Settings(home=folder, endpoints={"vlm": endpoint}))
    lake = Lake(catalog=f"sqlite:{folder}/lake/catalog.sqlite", data_path=f"{folder}/lake/data")
    images = ImageFiles(lake=lake, settings=settings)

    @dg.asset
    def asking(context: dg.AssetExecutionContext, calls: ModelCalls) -> None:
        calls.asker(context, batch="b")(requests_of(count))

    resources = {"calls": ModelCalls(lake=lake, settings=settings, images=images)}
    return dg.materialize([asking], resources=resources, raise_on_error=False).success


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])) else 1)
