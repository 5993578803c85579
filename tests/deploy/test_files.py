"""The files of deploy/ are read by the packages that will read them, as far as no cluster is needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config
from dagster._core.workspace.config_schema import process_workspace_config
from dagster_k8s import K8sRunLauncher
from dagster_k8s.job import UserDefinedDagsterK8sConfig
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config
from sqlalchemy import create_engine

from tests.conftest import PROJECT_ROOT
from wethink_assets.settings import load_settings

DEPLOY = PROJECT_ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
VALUES = yaml.safe_load((DEPLOY / "kubernetes" / "values.yaml").read_text())
OURS = ("code", "webserver", "webserver-read-only", "daemon")


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_the_instance_is_one_that_dagster_takes(monkeypatch):
    given = COMPOSE["x-image"]["environment"]
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    config, _ = dagster_instance_config(str(DEPLOY / "dagster"))
    storage = process_config(
        resolve_to_config_type(DagsterPostgresStorage.config_type()), config["storage"]["postgres"]
    )
    assert storage.success, storage.errors
    named = {value["env"] for value in config["storage"]["postgres"]["postgres_db"].values() if isinstance(value, dict)}
    assert named and named <= given.keys()
    create_engine(pg_url_from_config(storage.value))  # connects to nothing, but needs the driver


def test_the_workspace_names_the_code_location_of_the_compose_file():
    workspace = yaml.safe_load((DEPLOY / "dagster" / "workspace.yaml").read_text())
    assert process_workspace_config(workspace).success
    server = workspace["load_from"][0]["grpc_server"]
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert server["host"] in COMPOSE["services"] and f'"-p", "{server["port"]}"' in dockerfile


def test_settings_and_secrets_are_those_of_the_project():
    settings = load_settings({"WETHINK_CONFIG": str(DEPLOY / "wethink.toml")})
    catalog = dict(part.split("=") for part in settings.lake_catalog.removeprefix("postgres:").split())
    assert catalog["host"] in COMPOSE["services"] and f"DATABASE {catalog['dbname']} " in _text("init-databases.sql")
    assert settings.lake_data_path.startswith("s3://wethink/") and "s3/wethink" in str(COMPOSE["services"]["bucket"])
    mounts = [volume.rpartition(":")[0] if volume.endswith(":ro") else volume for volume in _volumes("code")]
    targets = {Path(volume.rpartition(":")[2]) for volume in mounts}
    assert {settings.home, settings.sources_dir, settings.benchmarks_dir} <= targets


def _text(name: str) -> str:
    return (DEPLOY / name).read_text()


def _volumes(service: str) -> list[str]:
    return COMPOSE["services"][service]["volumes"]


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_service_depends_on_services_mounts_known_volumes_and_holds_no_secret(name):
    service = COMPOSE["services"][name]
    assert set(service.get("depends_on", ())) <= COMPOSE["services"].keys()
    for volume in service.get("volumes", ()):
        source = volume.partition(":")[0]
        assert source in COMPOSE["volumes"] or source.startswith("${") or (DEPLOY / source).is_file(), volume
    for key, value in service.get("environment", {}).items():
        if re.search("PASSWORD|SECRET|KEY", key):
            assert str(value).startswith("${") and str(value).endswith(":?}"), key
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_one_webserver_cannot_change_anything():
    commands = {name: COMPOSE["services"][name].get("command", ()) for name in OURS}
    assert [name for name, command in commands.items() if "--read-only" in command] == ["webserver-read-only"]
    assert VALUES["dagsterWebserver"]["enableReadOnly"] is True


def test_runs_are_pods_that_the_launcher_takes():
    given = {snake(k): v for k, v in VALUES["runLauncher"]["config"]["k8sRunLauncher"].items()}
    pods = {snake(k): v for k, v in given["run_k8s_config"].items()}
    config = given | {"run_k8s_config": pods, "service_account_name": "x", "instance_config_map": "x"}
    checked = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), config)
    assert checked.success, checked.errors
    made = UserDefinedDagsterK8sConfig.from_dict(pods)
    assert made.container_config["resources"]["limits"]["nvidia.com/gpu"] == "1"
    wrong = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), config | {"job_name_space": "x"})
    assert not wrong.success
