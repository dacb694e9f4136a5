"""Admins manage who may log in, who takes tasks, and which keys integrators have."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from accounts.models import Account, AuditEntry, User
from accounts.services import create_user
from common import clock, ids
from routing.models import Worker
from routing.services import provision_workspace
from tests.factories import make_account

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
    assert listed == [{name: key[name] for name in ("sid", "friendly_name", "date_created")}]
    assert admin.get("/app/v1/api-keys").json() == {"api_keys": []}


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
