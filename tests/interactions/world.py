"""An account with workers at their desks, for the tests of interactions and realtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from accounts.models import Account, User
from accounts.services import create_user, link_worker
from common import clock
from conversations import services as conversations
from conversations.models import Conversation
from interactions import services as interactions
from interactions.models import Interaction, Invite
from routing import services as routing
from routing.models import Activity, Reservation, Worker, Workspace
from tests.factories import make_account

PASSWORD = "a password of tests"


@dataclass
class Desk:
    """An account whose workers are made with ``agent`` and whose customers with ``conversation``."""

    account: Account
    workspace: Workspace

    def agent(
        self, name: str = "Ana Agent", *, attributes: dict[str, Any] | None = None, available: bool = True
    ) -> tuple[Worker, User]:
        """Return a worker and the user who takes tasks as it."""
        username = f"{name.split()[0].lower()}-{uuid4().hex[:8]}"
        worker = routing.create_worker(
            account_id=self.account.id,
            friendly_name=username,
            attributes={"contact_uri": f"client:{name.split()[0].lower()}"} if attributes is None else attributes,
            activity_id=self.activity("Available" if available else "Offline").id,
            now=clock.now(),
        )
        user = self.user("agent", name=name, username=username)
        link_worker(user_id=user.id, worker_id=worker.id)
        user.refresh_from_db()
        return worker, user

    def user(self, role: str, *, name: str = "Sue Pervisor", username: str | None = None) -> User:
        return create_user(
            account_id=self.account.id,
            username=username or f"user-{uuid4().hex[:8]}",
            password=PASSWORD,
            role=role,
            name=name,
        )

    def activity(self, name: str) -> Activity:
        return Activity.objects.get(workspace=self.workspace, friendly_name=name)

    def conversation(self, *, channel_type: str = "sms", name: str = "Carl Customer") -> Conversation:
        """Return a new customer's conversation."""
        number = f"+1555{uuid4().int % 10**7:07}"
        return conversations.create_conversation(
            account_id=self.account.id,
            channel_type=channel_type,
            customer_name=name,
            customer_address="" if channel_type == "chat" else number,
            proxy_address="+15550100001",
            identity=f"visitor{number}" if channel_type == "chat" else None,
            now=clock.now(),
        )

    def hand_over(self, conversation: Conversation, *, key: UUID | None = None, **given: Any) -> Interaction:
        """Return the interaction of a flow's hand-over, to anybody."""
        values: dict[str, Any] = {
            "workflow": "",
            "task_channel": "",
            "attributes": {},
            "priority": 0,
            "timeout_seconds": 3600,
            **given,
        }
        return interactions.create_interaction(
            account_id=self.account.id,
            conversation_id=conversation.id,
            key=uuid4() if key is None else key,
            now=clock.now(),
            **values,
        )

    def offer(self, conversation: Conversation, **given: Any) -> Reservation:
        """Return the reservation that handing a conversation over leads to."""
        interaction = self.hand_over(conversation, **given)
        routing.assign(workspace_id=self.workspace.id, now=clock.now())
        return Reservation.objects.get(task_id=invite_of(interaction).task_id, status="pending")

    def say(self, conversation: Conversation, body: str, *, source: str = "customer", **more: Any) -> Any:
        """Return a stored message."""
        author = more.pop("author", conversation.customer_address)
        item = conversations.NewMessage(
            conversation_id=conversation.id, source=source, author=author, body=body, **more
        )
        return conversations.add_message(item, now=clock.now()).message


def make_desk(name: str = "Acme") -> Desk:
    account = make_account(name)
    workspace = routing.provision_workspace(account_id=account.id, now=clock.now())
    return Desk(account, workspace or Workspace.objects.get(account_id=account.id, is_default=True))


def invite_of(interaction: Interaction) -> Invite:
    return Invite.objects.get(channel__interaction=interaction)
