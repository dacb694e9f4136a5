"""What becomes of a contact whose conversation is deleted."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from common.errors import Conflict
from interactions.models import InteractionChannel, Invite, Parking
from interactions.services.channels import close_channel, end_task
from interactions.services.parking import close_parked


def end_deleted(*, conversation_id: UUID, now: datetime) -> None:
    """
    End the contacts of a conversation that is gone: nobody is asked for it any more, and who had it is done with it.

    There is nothing left to wrap up. Called again it changes nothing.
    """
    for parking in Parking.objects.filter(conversation_id=conversation_id, status=Parking.Status.PARKED):
        with suppress(Conflict):
            close_parked(parking=parking, now=now)
    channels = InteractionChannel.objects.filter(conversation_id=conversation_id)
    for channel in channels.exclude(status=InteractionChannel.Status.CLOSED).order_by("id"):
        # First the tasks: they are locked before interactions, never after.
        live = channel.invites.exclude(status__in=Invite.ENDED).order_by("id")
        for task_id in live.values_list("task_id", flat=True):
            end_task(account_id=channel.account_id, task_id=task_id, is_wrapped_up=True, now=now)
        close_channel(channel=channel, is_wrapped_up=True, now=now)
