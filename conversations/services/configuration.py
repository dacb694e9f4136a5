"""What an account's conversations begin with: timers and roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from common.errors import BadParameter
from conversations.models import Role, ServiceSettings
from conversations.services.checks import LEAST_CLOSED, LEAST_INACTIVE, check_timer
from conversations.webhooks import listeners

MEMBER = ("sendMessage", "sendMediaMessage", "leaveConversation", "editOwnMessage", "editOwnMessageAttributes")
ADMIN = (
    *MEMBER,
    "addParticipant",
    "removeParticipant",
    "deleteConversation",
    "deleteAnyMessage",
    "deleteOwnMessage",
    "editAnyMessage",
    "editAnyMessageAttributes",
    "editConversationAttributes",
    "editConversationName",
)
SERVICE_MEMBER = ("createConversation", "joinConversation", "editOwnUserInfo")
# The roles of a new account (reference/conversations.md, 8).
DEFAULTS = (
    ("channel user", Role.Type.CONVERSATION, MEMBER),
    ("channel admin", Role.Type.CONVERSATION, ADMIN),
    ("service user", Role.Type.SERVICE, SERVICE_MEMBER),
    (
        "service admin",
        Role.Type.SERVICE,
        (*SERVICE_MEMBER, "addParticipant", "removeParticipant", "deleteConversation", "editAnyUserInfo"),
    ),
)


def settings_of(account_id: UUID, *, now: datetime) -> ServiceSettings:
    """Return an account's settings; the first look makes them, with the default roles."""
    found = ServiceSettings.objects.filter(account_id=account_id).first()
    if found is not None:
        return found
    with transaction.atomic():
        # Keys that follow from the account, so that two first looks make the same rows.
        roles = {
            name: Role(
                id=uuid5(account_id, f"role/{name}"),
                account_id=account_id,
                friendly_name=name,
                type=type,
                permissions=list(permissions),
                created_at=now,
                updated_at=now,
            )
            for name, type, permissions in DEFAULTS
        }
        Role.objects.bulk_create(roles.values(), ignore_conflicts=True)
        made = ServiceSettings(
            account_id=account_id,
            conversation_role_id=roles["channel user"].id,
            creator_role_id=roles["channel admin"].id,
            service_role_id=roles["service user"].id,
            created_at=now,
            updated_at=now,
        )
        ServiceSettings.objects.bulk_create([made], ignore_conflicts=True)
    return ServiceSettings.objects.get(account_id=account_id)


@transaction.atomic
def update_settings(*, account_id: UUID, now: datetime, **changes: Any) -> ServiceSettings:
    """
    Change an account's settings; None leaves one as it is, an empty text takes it away.

    ``messaging_service_sid``, ``inactive_timer``, ``closed_timer`` (ISO 8601), ``conversation_role_id``,
    ``creator_role_id``, ``service_role_id``, ``reachability_enabled``.

    :raises BadParameter: a malformed timer, or a role that does not exist or is of the other type.
    """
    settings_of(account_id, now=now)
    row = ServiceSettings.objects.select_for_update().get(account_id=account_id)
    given = {name: value for name, value in changes.items() if value is not None}
    for name, least in (("inactive_timer", LEAST_INACTIVE), ("closed_timer", LEAST_CLOSED)):
        if name in given:
            seconds = check_timer(given[name], name=f"Default{name.title().replace('_', '')}", least=least)
            given[name] = given[name] if seconds else None
    for name in ("conversation_role_id", "creator_role_id", "service_role_id"):
        if name in given:
            type = Role.Type.SERVICE if name == "service_role_id" else Role.Type.CONVERSATION
            if not Role.objects.filter(account_id=account_id, id=given[name], type=type).exists():
                raise BadParameter(f"The default role must be a {type} role of this account")
    if given.get("messaging_service_sid") == "":
        given["messaging_service_sid"] = None
    for name, value in given.items():
        setattr(row, name, value)
    row.updated_at = now
    row.save()
    listeners.forget()
    transaction.on_commit(listeners.forget, robust=True)
    return row


def default_timers(account_id: UUID) -> tuple[int | None, int | None]:
    """Return the seconds until new conversations become inactive and closed."""
    row = ServiceSettings.objects.filter(account_id=account_id).first()
    if row is None:
        return None, None
    return (
        check_timer(row.inactive_timer or "", name="DefaultInactiveTimer", least=LEAST_INACTIVE),
        check_timer(row.closed_timer or "", name="DefaultClosedTimer", least=LEAST_CLOSED),
    )
