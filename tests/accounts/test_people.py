"""Admins manage who may log in, who takes tasks, and which keys integrators have."""

from __future__ import annotations

import base64
import json
from unittest.mock import ANY

import pytest
from django.test import Client

from accounts.models import Account, AuditEntry, User
from accounts.services import create_user, record_audit
from common import clock, ids
from routing.models import Worker
from routing.services import provision_workspace
from tests.factories import make_account
from tests.world import content_of

pytestmark = pytest.mark.django_db
PASSWORD = "a long and rare password"


@pytest.fixture
def account() -> Account:
    made = make_account()
    provision_workspace(account_id=made.id, now=clock.now())
    return made


@pytest.fixture
def admin(account: Account) -> Client:
    return log_in(account, "boss", "admin")


def log_in(account: Account, username: str, role: str) -> Client:
    user = create_user(account_id=account.id, username=username, password=PASSWORD, role=role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, path: str, **body: object) -> tuple[int, dict]:
    answer = client.post(f"/app/v1/{path}", body, content_type="application/json")
    return answer.status_code, answer.json()


def put(client: Client, path: str, **body: object) -> tuple[int, dict]:
    answer = client.put(f"/app/v1/{path}", body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_new_agent_logs_in_and_is_a_worker(admin: Client, account: Account) -> None:
    status, made = post(admin, "users", username="cleo", password=PASSWORD, role="agent", name="Cleo Cruz")

    assert (status, made["username"], made["name"], made["is_active"]) == (201, "cleo", "Cleo Cruz", True)
    worker = Worker.objects.get(id=ids.parse("WK", made["worker_sid"]))
    assert (worker.account_id, worker.friendly_name) == (account.id, "cleo")
    assert User.objects.get(username="cleo").check_password(PASSWORD)
    assert AuditEntry.objects.get(action="user.created").subject == made["sid"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"username": "x y"}, 400, "A username has letters"),
        ({"password": "short"}, 400, "too short"),
        ({"password": "password12"}, 400, "too common"),
        ({"role": "owner"}, 400, "Role must be one of"),
        ({"username": "boss"}, 409, "is taken"),
        ({"username": None}, 400, "Missing required parameter username"),
    ],
)
def test_tells_what_is_wrong_with_a_new_user(admin: Client, body: dict, status: int, said: str) -> None:
    given = {"username": "dora", "password": PASSWORD, "role": "agent", **body}

    answer = post(admin, "users", **{key: value for key, value in given.items() if value is not None})

    assert answer[0] == status
    assert said in answer[1]["message"]
    assert not User.objects.filter(username="dora").exists()


def test_changes_a_user_and_ends_their_sessions(admin: Client, account: Account) -> None:
    agent = log_in(account, "ed", "agent")
    sid = User.objects.get(username="ed").sid

    changed = admin.put(
        f"/app/v1/users/{sid}", {"role": "supervisor", "password": PASSWORD + "!"}, content_type="application/json"
    )

    assert (changed.status_code, changed.json()["role"]) == (200, "supervisor")
    assert agent.get("/app/v1/session").status_code == 401


def test_keeps_the_last_active_admin(admin: Client) -> None:
    sid = User.objects.get(username="boss").sid

    refused = admin.put(f"/app/v1/users/{sid}", {"is_active": False}, content_type="application/json")

    assert (refused.status_code, refused.json()["message"]) == (400, "Somebody has to stay an active admin")
    assert User.objects.get(username="boss").is_active


def test_an_api_key_works_until_it_is_ended(admin: Client, account: Account) -> None:
    _, key = post(admin, "api-keys", friendly_name="CRM")
    basic = base64.b64encode(f"{key['sid']}:{key['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}

    before = Client().get("/studio/v2/Flows", headers=headers)
    listed = admin.get("/app/v1/api-keys").json()["api_keys"]
    ended = admin.delete(f"/app/v1/api-keys/{key['sid']}")
    after = Client().get("/studio/v2/Flows", headers=headers)

    assert [before.status_code, ended.status_code, after.status_code] == [200, 204, 401]
    known = {name: key[name] for name in ("sid", "friendly_name", "date_created", "scopes")}
    assert listed == [{**known, "last_used": ANY}]
    assert listed[0]["last_used"] is not None
    assert admin.get("/app/v1/api-keys").json()["api_keys"] == []


def test_an_api_key_does_what_its_scopes_say(admin: Client) -> None:
    status, key = post(admin, "api-keys", friendly_name="Reader", scopes=["studio:read", "taskrouter:write"])
    unknown = post(admin, "api-keys", friendly_name="Odd", scopes=["everything"])
    basic = base64.b64encode(f"{key['sid']}:{key['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}

    def ask(method: str, path: str) -> int:
        return Client().generic(method, path, headers=headers).status_code

    assert (status, key["scopes"], unknown[0]) == (201, ["studio:read", "taskrouter:write"], 400)
    assert ask("GET", "/studio/v2/Flows") == 200
    assert ask("POST", "/studio/v2/Flows") == 403
    assert ask("GET", "/taskrouter/v1/Workspaces") == 200
    assert ask("POST", "/taskrouter/v1/Workspaces") == 400
    assert ask("GET", "/conversations/v1/Conversations") == 403
    answer = Client().get("/channels/v1/Connections", headers=headers).json()
    assert (answer["code"], answer["message"]) == (20403, "This API key lacks the scope channels:read")


def test_a_team_and_skills_reach_the_worker(admin: Client, account: Account) -> None:
    _, cleo = post(admin, "users", username="cleo", password=PASSWORD, role="agent", name="Cleo Cruz")
    _, team = post(admin, "teams", name="  Night   shift ")
    worker = Worker.objects.get(id=ids.parse("WK", cleo["worker_sid"]))

    def attributes() -> dict:
        worker.refresh_from_db()
        return json.loads(worker.attributes)

    _, joined = put(admin, f"teams/{team['sid']}", members=[cleo["sid"]])
    _, skilled = put(admin, f"users/{cleo['sid']}", skills=["sales", " chess ", "sales"])

    assert joined["members"] == [{"sid": cleo["sid"], "name": "Cleo Cruz"}]
    assert skilled["skills"] == ["sales", "chess"]
    assert attributes() == {"full_name": "Cleo Cruz", "skills": ["sales", "chess"], "team": ["Night shift"]}
    listed = admin.get("/app/v1/users").json()
    assert listed["skills"] == ["chess", "sales"]
    assert listed["users"][1]["teams"] == [{"sid": team["sid"], "name": "Night shift"}]

    assert put(admin, f"teams/{team['sid']}", name="Late shift")[0] == 200
    assert attributes()["team"] == ["Late shift"]
    assert admin.delete(f"/app/v1/teams/{team['sid']}").status_code == 204
    assert attributes()["team"] == []


def test_refuses_what_is_no_team_or_skill(admin: Client, account: Account) -> None:
    _, cleo = post(admin, "users", username="cleo", password=PASSWORD, role="agent")
    _, team = post(admin, "teams", name="Night")
    stranger = create_user(account_id=make_account("Other").id, username="eve", password=PASSWORD, role="agent")
    boss = admin.get("/app/v1/users").json()["users"][0]

    assert [post(admin, "teams", name=name)[0] for name in ("Night", " ", "x" * 81)] == [409, 400, 400]
    assert put(admin, f"teams/{team['sid']}", members=[stranger.sid])[0] == 400
    assert put(admin, f"teams/{team['sid']}", members=["nonsense"])[0] == 400
    assert put(admin, f"users/{boss['sid']}", skills=["chess"])[0] == 400
    assert put(admin, f"users/{cleo['sid']}", skills=["x" * 61])[0] == 400
    assert log_in(account, "super", "supervisor").get("/app/v1/teams").status_code == 200
    assert log_in(account, "agent", "agent").get("/app/v1/teams").status_code == 403


def test_tells_admins_what_was_changed_by_whom(admin: Client, account: Account) -> None:
    boss, other = User.objects.get(username="boss"), make_account("Other")
    for number in range(55):
        post(admin, "teams", name=f"=team {number}")
    record_audit(account_id=other.id, actor="US1", action="team.created", subject="x", changes={}, now=clock.now())

    first = admin.get("/app/v1/audit?action=team.").json()
    second = admin.get(f"/app/v1/audit?action=team.&page_token={first['next_page_token']}").json()
    none = admin.get("/app/v1/audit?action=user.").json()
    file = content_of(admin.get(f"/app/v1/audit.csv?actor={boss.sid}")).decode()

    assert (len(first["entries"]), len(second["entries"]), second["next_page_token"]) == (50, 5, None)
    assert {**first["entries"][0], "at": "", "subject": ""} == {
        "at": "",
        "actor": boss.sid,
        "actor_name": "boss",
        "action": "team.created",
        "subject": "",
        "subject_name": "",
        "changes": {"name": "=team 54"},
    }
    assert none["entries"] == []
    assert len(file.splitlines()) == 56
    assert admin.get("/app/v1/audit?from=yesterday").status_code == 400
    assert log_in(account, "super", "supervisor").get("/app/v1/audit").status_code == 403


def test_changes_the_account(admin: Client, account: Account) -> None:
    status, changed = put(admin, "account", name=" Acme Ltd ", time_zone="Europe/Berlin")
    wrong = [{"name": ""}, {"time_zone": "Mars"}, {"second_factor": "maybe"}]

    found = (status, changed["name"], changed["time_zone"], changed["second_factor"])
    assert found == (200, "Acme Ltd", "Europe/Berlin", "none")
    assert [put(admin, "account", **body)[0] for body in wrong] == [400] * 3


@pytest.mark.parametrize("path", ["users", "api-keys"])
@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_is_for_admins_only(account: Account, role: str, path: str) -> None:
    somebody = log_in(account, "somebody", role)

    assert somebody.get(f"/app/v1/{path}").status_code == 403


def test_shows_another_accounts_people_and_keys_to_nobody(admin: Client) -> None:
    other = make_account("Other")
    stranger = create_user(account_id=other.id, username="stranger", password=PASSWORD, role="admin")

    assert admin.put(f"/app/v1/users/{stranger.sid}", {}, content_type="application/json").status_code == 404
    assert "stranger" not in str(admin.get("/app/v1/users").json())
