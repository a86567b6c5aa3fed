"""What the API says about itself, and how it refuses."""

import msgspec

from nexus_data.api.documents import DASHBOARD_EXAMPLE, Dashboard, Problem

PATH = "/api/v3/projects/dashboard"


def test_openapi_has_the_dashboard_with_an_example_and_its_errors(client):
    schema = client.get("/schema/openapi.json").json()
    operation = schema["paths"][PATH]["get"]
    assert set(operation["responses"]) >= {"200", "304", "401", "503"}
    assert operation["security"] == [{"bearer": []}]
    assert [one["name"] for one in operation["parameters"]] == ["user_id"]
    content = operation["responses"]["200"]["content"]["application/json"]
    (example,) = content["examples"].values()
    assert msgspec.convert(example["value"], type=Dashboard) == DASHBOARD_EXAMPLE
    problem = operation["responses"]["401"]["content"]["application/problem+json"]["examples"]
    assert all(msgspec.convert(one["value"], type=Problem).status == 401 for one in problem.values())
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_a_path_that_is_not_there_is_a_problem_too(client):
    answer = client.get("/api/v3/nothing")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert msgspec.json.decode(answer.content, type=Problem).title == "Not Found"


def test_a_method_that_is_not_allowed_is_a_problem_that_names_the_allowed_ones(client, token):
    answer = client.post(PATH, headers=token("ada"))
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
