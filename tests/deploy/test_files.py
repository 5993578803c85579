"""The files of deploy/ are read by the packages that will read them, as far as no cluster is needed."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config
from dagster._core.instance.ref import InstanceRef
from dagster._core.workspace.config_schema import process_workspace_config
from dagster._serdes import ConfigurableClass
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
USER = 1000
OURS = ("setup", "code", "webserver", "webserver-read-only", "daemon")


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


def test_the_form_for_ray_is_the_same_instance_with_another_launcher(monkeypatch):
    from dagster_ray import RayRunLauncher

    for name, value in (COMPOSE["x-image"]["environment"] | {"RAY_ADDRESS": "http://head:8265"}).items():
        monkeypatch.setenv(name, value)
    config, _ = dagster_instance_config(str(DEPLOY / "ray"))
    own, _ = dagster_instance_config(str(DEPLOY / "dagster"))
    differing = {name for name in config if config[name] != own.get(name)}
    assert differing == {"run_launcher"} and config.keys() == own.keys()
    launcher = InstanceRef.from_dir(str(DEPLOY / "ray")).run_launcher
    assert isinstance(launcher, RayRunLauncher)
    assert (launcher.address, launcher.num_gpus, launcher.env_vars) == ("http://head:8265", 1, None)


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


def test_what_dagster_writes_lies_on_the_volume_of_every_service(monkeypatch):
    for name, value in COMPOSE["x-image"]["environment"].items():
        monkeypatch.setenv(name, value)
    given, _ = dagster_instance_config(str(DEPLOY / "dagster"))
    ref = InstanceRef.from_dir(str(DEPLOY / "dagster"))
    home = load_settings({"WETHINK_CONFIG": str(DEPLOY / "wethink.toml")}).home
    assert given["telemetry"] == {"enabled": False}  # its identity would be written beside the configuration
    for data in (ref.local_artifact_storage_data, ref.compute_logs_data):
        written = Path(yaml.safe_load(data.config_yaml)["base_dir"])
        assert issubclass(getattr(importlib.import_module(data.module_name), data.class_name), ConfigurableClass)
        assert written.is_relative_to(home) and written != home
    assert all(f"home:{home}" in _volumes(name) for name in OURS)
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    made = dockerfile.index(f"mkdir -p {home} ")  # an empty volume takes the owner of the folder it is mounted on
    assert made < dockerfile.index("chown -R wethink:wethink /data") < dockerfile.index("USER wethink")


def test_the_image_holds_no_keys_and_nothing_of_this_machine(tmp_path):
    kept = ("README.md", "deploy/wethink.toml", "resources/environment.py", "requirements/cpu.lock", "docs/keys.md")
    keys = (".env", ".env.team", "deploy/.env", "deploy/endpoints.env", "a/b/tls.pem", "tls.key", "wethink.toml")
    made = (
        ".git/config",
        ".venv/bin/python",
        ".wethink/lake/catalog.sqlite",
        "a/.pytest_cache/x",
        "a/__pycache__/b.pyc",
    )
    for name in (*kept, *keys, *made):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert set(_copied(tmp_path)) == set(kept)
    unshared = [line.strip("/") for line in (PROJECT_ROOT / ".gitignore").read_text().split() if "*" not in line]
    assert unshared and not [name for name in unshared if not _ignored(name)]


def _copied(folder: Path) -> list[str]:
    """What `COPY . .` takes."""
    names = [file.relative_to(folder) for file in folder.rglob("*") if file.is_file()]
    return [str(name) for name in names if not any(_ignored(str(part)) for part in (name, *name.parents[:-1]))]


def _ignored(name: str) -> bool:
    """By a pattern of Docker's: `**` any number of folders, `*` within one name, the rest from the root."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for pattern in (line for line in lines if line and not line.startswith("#")):
        assert pattern[0] != "!", "exceptions are not read here"
        parts = (re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("**/"))
        if re.fullmatch("(?:.*/)?".join(parts), name):
            return True
    return False


def test_settings_and_keys_reach_the_containers_from_files_that_are_mounted():
    assert "./wethink.toml:/opt/wethink/deploy/wethink.toml:ro" in _volumes("code")
    assert "WETHINK_CONFIG=/opt/wethink/deploy/wethink.toml" in _text("Dockerfile")
    for name in OURS:
        (keys,) = COMPOSE["services"][name]["env_file"]
        assert keys["required"] is False and _ignored(f"deploy/{keys['path']}")
        assert _volumes(name) == _volumes("code")


def test_images_of_others_are_fixed_and_the_database_is_healthy_once_the_lake_is_there():
    others = {name: service["image"] for name, service in COMPOSE["services"].items() if name not in OURS}
    assert all(re.search(r":(\d+|RELEASE\.[\w-]+)$", image) for image in others.values()), others
    settings = load_settings({"WETHINK_CONFIG": str(DEPLOY / "wethink.toml")})
    check = COMPOSE["services"]["postgres"]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "psql"] and "127.0.0.1" in check
    assert f"dbname={check[check.index('-d') + 1]} " in settings.lake_catalog


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
    given["env_secrets"] = [secret["name"] for secret in given["env_secrets"]]  # as the chart renders them
    pods = {snake(k): v for k, v in given["run_k8s_config"].items()}
    config = given | {"run_k8s_config": pods, "service_account_name": "x", "instance_config_map": "x"}
    checked = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), config)
    assert checked.success, checked.errors
    made = UserDefinedDagsterK8sConfig.from_dict(pods)
    assert made.container_config["resources"]["limits"]["nvidia.com/gpu"] == "1"
    wrong = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), config | {"job_name_space": "x"})
    assert not wrong.success
    assert made.pod_spec_config["security_context"] == {"fs_group": USER}


def test_the_chart_is_told_of_the_database_the_lake_and_the_user_of_the_image():
    (code,) = VALUES["dagster-user-deployments"]["deployments"]
    assert f"--uid {USER} " in _text("Dockerfile") and code["podSecurityContext"] == {"fsGroup": USER}
    assert code["image"]["tag"] not in ("", "latest")
    install = _text("kubernetes/values.yaml").partition("helm install ")[2].split()
    release = install[0]
    assert install[install.index("--namespace") + 1] and "--create-namespace" in install
    database = VALUES["postgresql"]
    settings = load_settings({"WETHINK_CONFIG": str(DEPLOY / "wethink.toml"), **code["env"]})
    catalog = dict(part.split("=") for part in settings.lake_catalog.removeprefix("postgres:").split())
    assert catalog["host"] == f"{release}-postgresql" and catalog["user"] == database["postgresqlUsername"]
    assert f"CREATE DATABASE {catalog['dbname']} OWNER {catalog['user']};" in database["initdbScripts"].values()
    secrets = {VALUES["global"]["postgresqlSecretName"], database["existingSecret"]}
    assert secrets == {secret["name"] for secret in code["envSecrets"]} and "postgresqlPassword" not in database
    url = {"username": "u", "password": "p", "hostname": "h", "db_name": "d", "scheme": database["postgresqlScheme"]}
    create_engine(pg_url_from_config({"postgres_db": url | {"port": 5432, "params": {}}}))  # needs the driver


def test_what_the_chart_adds_to_the_instance_is_what_dagster_takes(tmp_path):
    added = VALUES["additionalInstanceConfig"]
    queue = {"module": "dagster._core.run_coordinator", "class": "QueuedRunCoordinator"}
    beside = {"run_coordinator": queue | {"config": {"dequeue_use_threads": True, "dequeue_num_workers": 4}}}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(added | beside))
    given, _ = dagster_instance_config(str(tmp_path))
    own = yaml.safe_load((DEPLOY / "dagster" / "dagster.yaml").read_text())
    assert given["concurrency"] == own["concurrency"] and given["concurrency"]["pools"]["default_limit"] == 1
    (mount,) = VALUES["dagster-user-deployments"]["deployments"][0]["volumeMounts"]
    assert Path(given["local_artifact_storage"]["config"]["base_dir"]).is_relative_to(mount["mountPath"])
    assert "runCoordinator" not in VALUES  # the chart reads none at the top
