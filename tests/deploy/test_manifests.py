"""What is under `deploy/` is what its readers accept: Kubernetes' own schemas, Prometheus."""

import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from nexus_data.api.measures import Measures
from nexus_data.settings import Settings
from tests.debian import program

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yaml"


def _manifests() -> list[dict[str, Any]]:
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return [one for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("manifest", _manifests(), ids=lambda one: one["kind"])
def test_kubernetes_accepts_every_manifest(manifest):
    kubernetes_validate.validate(manifest, "1.34", strict=True)


def test_three_to_twenty_replicas_by_processor_and_memory():
    scaler = next(one for one in _manifests() if one["kind"] == "HorizontalPodAutoscaler")["spec"]
    wanted = {m["resource"]["name"]: m["resource"]["target"]["averageUtilization"] for m in scaler["metrics"]}
    assert (scaler["minReplicas"], scaler["maxReplicas"], wanted) == (3, 20, {"cpu": 70, "memory": 80})


def test_only_settings_that_there_are_stand_in_the_manifests():
    deployment = next(one for one in _manifests() if one["kind"] == "Deployment")
    given = {one["name"] for one in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
    given |= next(one for one in _manifests() if one["kind"] == "Secret")["stringData"].keys()
    Settings.from_env(dict.fromkeys(given, "1"))


def test_prometheus_accepts_the_rules():
    promtool = program("promtool")
    subprocess.run([promtool.path, "check", "rules", RULES], env=promtool.environment, check=True)


def test_rules_tell_slow_requests_and_statements(tmp_path):
    promtool = program("promtool")
    (tmp_path / "case.yaml").write_text(
        f"""
rule_files: [{RULES}]
tests:
  - interval: 1m
    input_series:
      - {{series: 'nexus_http_request_seconds_count{{route="/a",method="GET"}}', values: '0+10x10'}}
      - {{series: 'nexus_http_request_seconds_bucket{{route="/a",method="GET",le="1.0"}}', values: '0+8x10'}}
      - {{series: 'nexus_http_request_seconds_count{{route="/b",method="GET"}}', values: '0+10x10'}}
      - {{series: 'nexus_http_request_seconds_bucket{{route="/b",method="GET",le="1.0"}}', values: '0+10x10'}}
      - {{series: 'nexus_query_seconds_count{{query="page"}}', values: '0+4x10'}}
      - {{series: 'nexus_query_seconds_bucket{{query="page",le="0.5"}}', values: '0+3x10'}}
    alert_rule_test:
      - eval_time: 6m
        alertname: NexusSlowRequests
        exp_alerts:
          - exp_labels: {{severity: warning, route: /a}}
            exp_annotations: {{summary: requests to /a took over 1 s 10 times in five minutes}}
      - eval_time: 6m
        alertname: NexusSlowQueries
        exp_alerts:
          - exp_labels: {{severity: warning, query: page}}
            exp_annotations: {{summary: the statement page took over 0.5 s 5 times in five minutes}}
""",
        encoding="utf-8",
    )
    command = [promtool.path, "test", "rules", tmp_path / "case.yaml"]
    done = subprocess.run(command, env=promtool.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_ask_for_what_the_api_measures():
    measures = Measures()
    measures.answered("GET", "/a", 200, 0.1)
    measures.asked("page", 0.1)
    told = measures.exposition().decode()
    for name in ("nexus_http_request_seconds_bucket", "nexus_http_requests_total", "nexus_query_seconds_bucket"):
        assert name in RULES.read_text(encoding="utf-8")
        assert f"{name}{{" in told
    assert 'le="1.0"' in told
    assert 'le="0.5"' in told
