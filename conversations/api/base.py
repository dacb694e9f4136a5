"""What the views of Conversations v1 share: the service in the path, finding rows, and the webhook header."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from rest_framework.request import Request

from accounts import queries as accounts
from common import clock, ids
from common.api import CompatView
from common.api.parsers import Params
from common.errors import BadParameter, NotFound
from conversations.api.writers import Writer
from conversations.errors import ParticipantNotFound, ParticipantSidMissing
from conversations.models import ChatUser, Conversation, Participant
from conversations.webhooks import listeners, pre
from conversations.webhooks.parameters import service_sid


class ConversationsView(CompatView):
    """
    A view of one account's conversations, at account level or below ``/Services/{sid}``.

    An account has one service; every other SID is unknown.
    """

    service: str | None = None
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = clock.now()
        # Names are looked up as they are, and PostgreSQL takes no NUL.
        if any("\x00" in name for name in self.kwargs.values()):
            raise self.missing()
        # The handlers below are the same with and without the service in the path.
        self.service = self.kwargs.pop("service_sid", None)
        if self.service is not None and self.service != service_sid(self.account_id):
            raise self.missing()

    @property
    def write(self) -> Writer:
        return Writer(self.account_id, in_service=self.service is not None)

    @property
    def fires(self) -> bool:
        """Whether the caller asks that this write be told to webhooks."""
        return self.request.headers.get("X-Twilio-Webhook-Enabled", "").lower() == "true"

    def missing(self) -> NotFound:
        return NotFound(f"resource {self.request.path}")

    def conversation(self, sid: str) -> Conversation:
        """
        Return a conversation by SID or unique name; of several with one name the open one, else the newest.

        :raises NotFound: unknown in this account.
        """
        rows = Conversation.objects.filter(account_id=self.account_id)
        key = ids.parse_or_none("CH", sid)
        if key is not None:
            found = rows.filter(id=key).first()
        else:
            named = sorted(rows.filter(unique_name=sid), key=lambda row: (not row.is_closed, row.id))
            found = named[-1] if named else None
        if found is None:
            raise self.missing()
        return found

    def participant(self, conversation: Conversation, sid: str) -> Participant:
        """
        Return a participant by SID, identity or address.

        :raises ParticipantSidMissing: it is blank.
        :raises ParticipantNotFound: nobody of that name takes part.
        """
        if not sid.strip():
            raise ParticipantSidMissing
        by_any = Q(id=ids.parse_or_none("MB", sid)) | Q(identity=sid) | Q(address=sid)
        found = conversation.participants.filter(by_any).order_by("id").first()
        if found is None:
            raise ParticipantNotFound(f"resource {self.request.path}")
        return found

    def user(self, sid: str) -> ChatUser:
        """
        Return a user by SID or identity.

        :raises NotFound: unknown in this account.
        """
        by_any = Q(id=ids.parse_or_none("US", sid)) | Q(identity=sid)
        found = ChatUser.objects.filter(by_any, account_id=self.account_id).order_by("id").first()
        if found is None:
            raise self.missing()
        return found

    def ask_before(self, event: str, told: dict[str, Any], conversation_id: UUID | None = None) -> dict[str, str]:
        """
        Ask the account's pre-webhooks, where the caller wants webhooks; returns what they change.

        :raises RefusedByWebhook: one of them answered with an error.
        """
        if not self.fires or not listeners.configurations(self.account_id):
            return {}
        return pre.ask(
            account_id=self.account_id,
            event=event,
            told=told,
            auth_token=accounts.account(self.account_id).auth_token,
            conversation_id=conversation_id,
        )


def key_param(params: Params, name: str, prefix: str) -> UUID | None:
    """
    Return the key in a SID given as a parameter; None where it is not given or empty.

    :raises BadParameter: it is no SID of that kind.
    """
    text = params.text(name)
    if not text:
        return None
    found = ids.parse_or_none(prefix, text)
    if found is None:
        raise BadParameter(f"{name} must be a SID that begins with {prefix}")
    return found


def method_param(params: Params, name: str) -> str | None:
    """
    Return an HTTP method, in capitals.

    :raises BadParameter: neither GET nor POST.
    """
    text = params.text(name)
    if not text:
        return None
    if text.upper() not in ("GET", "POST"):
        raise BadParameter(f"{name} must be GET or POST")
    return text.upper()


def list_param(params: Params, name: str) -> list[str] | None:
    """Return a repeated parameter; a single empty one is an empty list."""
    values = params.texts(name)
    return None if values is None else [value for value in values if value]
