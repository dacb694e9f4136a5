"""Reads of what is set up for the console."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from console.models import CannedReply, ConsoleSettings, MessageTemplate, PanelApp, Preferences
from console.origins import origin_of


def replies(account_id: UUID, user_id: UUID) -> list[CannedReply]:
    """Return everybody's canned replies and the user's own, by folder and shortcode."""
    rows = CannedReply.objects.filter(Q(owner_id=None) | Q(owner_id=user_id), account_id=account_id)
    return list(rows.order_by("folder", "shortcode", "id"))


def reply(account_id: UUID, reply_id: UUID, user_id: UUID) -> CannedReply | None:
    """Return a canned reply that a user may use."""
    return CannedReply.objects.filter(
        Q(owner_id=None) | Q(owner_id=user_id), account_id=account_id, id=reply_id
    ).first()


def templates(account_id: UUID) -> list[MessageTemplate]:
    """Return an account's templates by channel and name."""
    return list(MessageTemplate.objects.filter(account_id=account_id).order_by("channel_type", "name"))


def template(account_id: UUID, template_id: UUID) -> MessageTemplate | None:
    """Return a template, or None where the account has none of this id."""
    return MessageTemplate.objects.filter(account_id=account_id, id=template_id).first()


def apps(account_id: UUID, *, enabled_only: bool = False) -> list[PanelApp]:
    """Return an account's apps in the order they were added."""
    rows = PanelApp.objects.filter(account_id=account_id)
    return list((rows.filter(enabled=True) if enabled_only else rows).order_by("id"))


def enabled_app(account_id: UUID, app_id: UUID) -> PanelApp | None:
    """Return an app that is shown in the consoles of an account."""
    return PanelApp.objects.filter(account_id=account_id, id=app_id, enabled=True).first()


def frame_origins(account_id: UUID) -> list[str]:
    """Return the origins that the account's pages may show in frames."""
    return sorted({origin_of(row.url) for row in apps(account_id, enabled_only=True)})


def settings(account_id: UUID) -> ConsoleSettings:
    """Return how an account's consoles behave; the defaults where nobody changed anything."""
    return ConsoleSettings.objects.filter(account_id=account_id).first() or ConsoleSettings(account_id=account_id)


def preferences(user_id: UUID) -> dict[str, Any]:
    """Return what a user has chosen; empty where nothing."""
    row = Preferences.objects.filter(user_id=user_id).first()
    return {} if row is None else dict(row.values)
