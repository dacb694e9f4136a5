"""What a program needs to use an account of this installation (``make credentials``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts import queries as account_queries
from channels_app import queries as channel_queries
from common import ids
from config.demo import data, passwords
from flows import queries as flow_queries
from routing import queries as routing_queries

if TYPE_CHECKING:
    from accounts.models import Account


def credentials(account: Account) -> dict[str, Any]:
    """Return an account's addresses and secrets; ``password`` is null for users that are not the demo's."""
    workspace = routing_queries.default_workspace(account.id)
    workflows = routing_queries.workflows(account.id)
    connections = channel_queries.connections(account.id)
    demo_names = {person.username for person in data.PEOPLE} if account.is_demo else set()
    return {
        "base_url": settings.PUBLIC_URL,
        "account_sid": account.sid,
        "auth_token": account.auth_token,
        "users": [
            {
                "username": user.username,
                "password": (passwords.kept() or None) if user.username in demo_names else None,
                "role": user.role,
                "worker_sid": None if user.worker_id is None else ids.sid("WK", user.worker_id),
            }
            for user in account_queries.users(account.id)
        ],
        "workspace_sid": None if workspace is None else workspace.sid,
        "workflow_sid": workflows[0].sid if workflows else None,
        "flows": {flow.friendly_name: flow.sid for flow in flow_queries.flows(account.id)},
        "connections": [
            {
                "type": row.type,
                "address": row.address,
                "sid": row.sid,
                "webhook_url": channel_queries.webhook_url(row),
            }
            for row in connections
        ],
        "webchat_deployment_key": next((row.deployment_key for row in connections if row.deployment_key), None),
    }
