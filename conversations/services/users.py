"""Users of conversations (by identity) and the roles they have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common import events
from common.errors import BadParameter, Conflict
from conversations.events import UserChanged
from conversations.models import ChatUser, Conversation, Participant, Role, ServiceSettings
from conversations.services.checks import check_attributes
from conversations.services.configuration import settings_of
from conversations.services.members import take_out

BOTH = (
    "addParticipant",
    "removeParticipant",
    "deleteConversation",
    "deleteAnyMessage",
    "editAnyMessage",
    "editAnyMessageAttributes",
    "editAnyUserInfo",
    "editConversationAttributes",
    "editConversationName",
    "editOwnMessage",
    "editOwnMessageAttributes",
    "editOwnUserInfo",
)
PERMISSIONS = {
    Role.Type.SERVICE: frozenset((*BOTH, "createConversation", "joinConversation")),
    Role.Type.CONVERSATION: frozenset(
        (
            *BOTH,
            "deleteOwnMessage",
            "leaveConversation",
            "sendMessage",
            "sendMediaMessage",
            "addNonChatParticipant",
            "editNotificationLevel",
            "editOwnParticipantAttributes",
            "editAnyParticipantAttributes",
        )
    ),
}
MOST_ROLES = 10  # of each type


@transaction.atomic
def create_role(*, account_id: UUID, friendly_name: str, type: str, permissions: Sequence[str], now: datetime) -> Role:
    """
    Create a role.

    :raises BadParameter: a permission that this type has not, none at all, or ten roles of the type already.
    """
    settings_of(account_id, now=now)
    checked = _permissions(type, permissions)
    if Role.objects.filter(account_id=account_id, type=type).count() >= MOST_ROLES:
        raise BadParameter(f"There may be {MOST_ROLES} roles of the type {type}")
    return Role.objects.create(
        account_id=account_id,
        friendly_name=friendly_name,
        type=type,
        permissions=checked,
        created_at=now,
        updated_at=now,
    )


@transaction.atomic
def update_role(*, role_id: UUID, permissions: Sequence[str], now: datetime) -> Role:
    """
    Replace all of a role's permissions.

    :raises BadParameter: a permission that this type has not, or none at all.
    """
    row = Role.objects.select_for_update().get(id=role_id)
    row.permissions, row.updated_at = _permissions(row.type, permissions), now
    row.save(update_fields=("permissions", "updated_at"))
    return row


@transaction.atomic
def delete_role(*, account_id: UUID, role_id: UUID) -> None:
    """
    Delete a role that nobody gets by default; who has it goes without.

    :raises BadParameter: it is one of the defaults.
    """
    defaults = ServiceSettings.objects.filter(account_id=account_id).values_list(
        "conversation_role_id", "creator_role_id", "service_role_id"
    )
    if any(role_id in row for row in defaults):
        raise BadParameter("The role is one of the service's defaults: choose another default first")
    ChatUser.objects.filter(account_id=account_id, role_id=role_id).update(role_id=None)
    Participant.objects.filter(account_id=account_id, role_id=role_id).update(role_id=None)
    Role.objects.filter(account_id=account_id, id=role_id).delete()


def _permissions(type: str, given: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(given))
    if not wanted or not all(wanted):
        raise BadParameter("A role needs at least one Permission")
    unknown = [name for name in wanted if name not in PERMISSIONS[Role.Type(type)]]
    if unknown:
        raise BadParameter(f"Permission {unknown[0]!r} is not one of a role of the type {type}")
    return wanted


@transaction.atomic
def create_user(
    *,
    account_id: UUID,
    identity: str,
    now: datetime,
    friendly_name: str | None = None,
    attributes: str = "",
    role_id: UUID | None = None,
    is_silent: bool = False,
) -> ChatUser:
    """
    Create a user.

    :raises Conflict: the identity has one.
    :raises BadParameter: malformed attributes, or no such role.
    """
    row = ChatUser(
        account_id=account_id,
        identity=identity,
        friendly_name=friendly_name,
        attributes=check_attributes(attributes),
        role_id=service_role(account_id, role_id, now=now),
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"There is a user with the identity {identity!r} already", code=50201) from error
    events.publish(UserChanged(account_id=account_id, user_id=row.id, is_new=True, is_silent=is_silent))
    return row


@transaction.atomic
def update_user(
    *,
    user_id: UUID,
    now: datetime,
    friendly_name: str | None = None,
    attributes: str | None = None,
    role_id: UUID | None = None,
    is_silent: bool = False,
) -> ChatUser:
    """
    Change a user; None leaves a thing as it is.

    :raises BadParameter: malformed attributes, or no such role.
    """
    row = ChatUser.objects.select_for_update().get(id=user_id)
    if friendly_name is not None:
        row.friendly_name = friendly_name or None
    if attributes is not None:
        row.attributes = check_attributes(attributes)
    if role_id is not None:
        row.role_id = service_role(row.account_id, role_id, now=now)
    row.updated_at = now
    row.save()
    events.publish(UserChanged(account_id=row.account_id, user_id=row.id, is_new=False, is_silent=is_silent))
    return row


@transaction.atomic
def delete_user(*, user_id: UUID, now: datetime) -> None:
    """Delete a user, and take them out of every conversation that is open."""
    row = ChatUser.objects.select_for_update().get(id=user_id)
    present = Participant.objects.filter(account_id=row.account_id, identity=row.identity).exclude(
        conversation__state=Conversation.State.CLOSED
    )
    for participant_id in list(present.order_by("conversation_id").values_list("id", flat=True)):
        take_out(participant_id=participant_id, now=now)
    row.delete()


def service_role(account_id: UUID, role_id: UUID | None, *, now: datetime) -> UUID:
    """
    Return the role of a user: the given one, else the default.

    :raises BadParameter: it is no service role of this account.
    """
    if role_id is None:
        return settings_of(account_id, now=now).service_role_id
    if not Role.objects.filter(account_id=account_id, id=role_id, type=Role.Type.SERVICE).exists():
        raise BadParameter("RoleSid must be a service role of this account")
    return role_id
