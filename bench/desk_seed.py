"""Makes what ``bench.sockets`` needs: an account, a web chat that hands over at once, agents and their sessions."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django


def definition(workflow_sid: str, channel_sid: str) -> dict[str, Any]:
    """Hand every customer to the agents at once."""
    exits = [{"event": "callComplete"}, {"event": "failedToEnqueue"}, {"event": "callFailure"}]
    return {
        "description": "Straight to the desk",
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
        "states": [
            {
                "name": "Trigger",
                "type": "trigger",
                "transitions": [{"event": "incomingMessage", "next": "desk"}],
                "properties": {},
            },
            {
                "name": "desk",
                "type": "send-to-flex",
                "transitions": exits,
                "properties": {"workflow": workflow_sid, "channel": channel_sid, "timeout": "86400"},
            },
        ],
    }


def seed(agents: int, chats_each: int) -> dict[str, Any]:
    """Create the rows; returns the deployment key and one session cookie an agent."""
    from django.contrib import auth
    from django.contrib.sessions.backends.db import SessionStore

    from accounts import services as accounts
    from channels_app.services import create_connection
    from common import clock
    from conversations.services import AddressTarget, save_address
    from flows import services as flows
    from routing import queries as routing
    from routing import services as routing_services
    from routing.models import WorkerChannel

    now = clock.now()
    account = accounts.create_account(name="Desk", now=now)
    workspace = routing.default_workspace(account.id)
    assert workspace is not None
    available = next(each for each in routing.activities(workspace.id) if each.available)
    connection = create_connection(
        account_id=account.id, type="chat", provider="web", address="desk-chat", credentials={}, now=now
    )
    chat = next(each for each in routing.task_channels(account.id) if each.unique_name == "chat")
    flow = flows.create_flow(
        account_id=account.id,
        friendly_name="Desk",
        definition=definition(routing.workflows(account.id)[0].sid, chat.sid),
        status="published",
        author="bench",
        now=now,
    )
    target = AddressTarget(target="studio", flow_id=flow.id)
    save_address(account_id=account.id, type="chat", address="desk-chat", to=target, now=now)
    cookies = []
    for number in range(agents):
        user = accounts.create_user(account_id=account.id, username=f"agent{number}", password=None, role="agent")
        worker = routing_services.create_worker(
            account_id=account.id,
            friendly_name=f"agent{number}",
            attributes={},
            activity_id=available.id,
            now=now,
        )
        seats = WorkerChannel.objects.get(worker=worker, task_channel_id=chat.id)
        routing_services.update_worker_channel(worker_channel_id=seats.id, capacity=chats_each, now=now)
        accounts.link_worker(user_id=user.id, worker_id=worker.id)
        session = SessionStore()
        session[auth.SESSION_KEY] = str(user.pk)
        session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        cookies.append(session.session_key)
    return {"deployment_key": connection.deployment_key, "sessions": cookies}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print(json.dumps(seed(int(sys.argv[1]), int(sys.argv[2]))))
