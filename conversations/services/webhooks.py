"""Who hears what: the webhooks of an account and of single conversations, and sending a delivery again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import outbox
from common.errors import BadParameter
from conversations.errors import ConversationClosed, TooManyWebhooks
from conversations.models import Conversation, ConversationWebhook, Message, WebhookConfiguration, WebhookDelivery
from conversations.services.checks import check_webhook_url
from conversations.services.edits import replay_to_flows
from conversations.services.messages import lock_conversations
from conversations.webhooks import fanout, listeners
from conversations.webhooks.parameters import POST_EVENTS, PRE_EVENTS

Target = ConversationWebhook.Target
MOST_REPLAYED = 1_000


@transaction.atomic
def configure_webhooks(
    *,
    account_id: UUID,
    scope: str,
    now: datetime,
    pre_url: str | None = None,
    post_url: str | None = None,
    method: str | None = None,
    filters: Sequence[str] | None = None,
    target: str | None = None,
) -> WebhookConfiguration:
    """
    Change the webhooks of all of an account's conversations; None leaves a thing as it is, "" takes an address away.

    :raises BadParameter: an unknown event among ``filters``, or an address that webhooks cannot go to.
    """
    row, _ = WebhookConfiguration.objects.select_for_update().get_or_create(
        account_id=account_id, scope=scope, defaults={"updated_at": now}
    )
    if pre_url is not None:
        row.pre_url = check_webhook_url(pre_url) if pre_url else ""
    if post_url is not None:
        row.post_url = check_webhook_url(post_url) if post_url else ""
    if filters is not None:
        row.filters = check_filters(filters, (*PRE_EVENTS, *POST_EVENTS))
    row.method = method or row.method
    row.target = target or row.target
    row.updated_at = now
    row.save()
    listeners.forget()
    transaction.on_commit(listeners.forget, robust=True)
    return row


def check_filters(filters: Sequence[str], known: Sequence[str]) -> list[str]:
    """
    Return the events to hear, each once.

    :raises BadParameter: there is no such event.
    """
    wanted = [name for name in dict.fromkeys(filters) if name]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise BadParameter(f"Filters: there is no event {unknown[0]!r} here; known are {', '.join(known)}")
    return wanted


@transaction.atomic
def add_webhook(
    *,
    conversation_id: UUID,
    target: str,
    now: datetime,
    url: str = "",
    method: str = "POST",
    filters: Sequence[str] = (),
    triggers: Sequence[str] = (),
    flow_id: UUID | None = None,
    replay_after: int | None = None,
) -> ConversationWebhook:
    """
    Have an address or a flow hear one conversation. With ``replay_after`` it first hears the messages after that index.

    :raises ConversationClosed: nothing happens in it any more.
    :raises TooManyWebhooks: there are five, or a flow is attached already.
    :raises BadParameter: the target lacks what it needs.
    """
    conversation = lock_conversations([conversation_id]).get(conversation_id)
    if conversation is None:
        raise Conversation.DoesNotExist
    if conversation.is_closed:
        raise ConversationClosed
    present = list(conversation.webhooks.values_list("target", flat=True))
    if len(present) >= ConversationWebhook.MOST:
        raise TooManyWebhooks(f"A conversation has at most {ConversationWebhook.MOST} webhooks")
    if target == Target.STUDIO and Target.STUDIO in present:
        raise TooManyWebhooks("A conversation has at most one webhook of Studio")
    row = ConversationWebhook(
        account_id=conversation.account_id,
        conversation=conversation,
        target=target,
        replay_after=replay_after,
        created_at=now,
        updated_at=now,
    )
    _fill(row, url=url, method=method, filters=filters, triggers=triggers, flow_id=flow_id)
    row.save(force_insert=True)
    if target != Target.STUDIO and not conversation.has_webhooks:
        conversation.has_webhooks = True
        conversation.save(update_fields=("has_webhooks",))
    if replay_after is not None:
        earlier = list(conversation.messages.filter(index__gt=replay_after).order_by("index")[:MOST_REPLAYED])
        if target == Target.STUDIO:
            replay_to_flows(conversation, earlier)
        else:
            fanout.replay(row, earlier, now=now)
    return row


@transaction.atomic
def replace_flow(*, conversation_id: UUID, flow_id: UUID, now: datetime) -> bool:
    """
    Have another flow answer a conversation from now on. It is told the customer's last message at once.

    Returns whether there is such a message; without one the flow begins with the next.

    :raises ConversationClosed: nothing happens in it any more.
    """
    lock_conversations([conversation_id])
    ConversationWebhook.objects.filter(conversation_id=conversation_id, target=Target.STUDIO).delete()
    last = Message.objects.filter(conversation_id=conversation_id, source=Message.Source.CUSTOMER).order_by("-index")
    index = last.values_list("index", flat=True).first()
    add_webhook(
        conversation_id=conversation_id,
        target=Target.STUDIO,
        flow_id=flow_id,
        replay_after=None if index is None else index - 1,
        now=now,
    )
    return index is not None


@transaction.atomic
def change_webhook(
    *,
    webhook_id: UUID,
    now: datetime,
    url: str | None = None,
    method: str | None = None,
    filters: Sequence[str] | None = None,
    triggers: Sequence[str] | None = None,
    flow_id: UUID | None = None,
) -> ConversationWebhook:
    """
    Change a scoped webhook; None leaves a thing as it is.

    :raises BadParameter: the target would lack what it needs.
    """
    row = ConversationWebhook.objects.select_for_update().get(id=webhook_id)
    is_trigger = row.target == Target.TRIGGER
    _fill(
        row,
        url=row.url if url is None else url,
        method=method or row.method,
        filters=(() if is_trigger else row.filters) if filters is None else filters,
        triggers=(row.filters if is_trigger else ()) if triggers is None else triggers,
        flow_id=flow_id or row.flow_id,
    )
    row.updated_at = now
    row.save()
    return row


@transaction.atomic
def remove_webhook(*, webhook_id: UUID) -> None:
    """Take a scoped webhook away."""
    row = ConversationWebhook.objects.get(id=webhook_id)
    conversation = lock_conversations([row.conversation_id])[row.conversation_id]
    row.delete()
    left = conversation.webhooks.exclude(target=Target.STUDIO).exists()
    if conversation.has_webhooks != left:
        conversation.has_webhooks = left
        conversation.save(update_fields=("has_webhooks",))


def _fill(
    row: ConversationWebhook,
    *,
    url: str,
    method: str,
    filters: Sequence[str],
    triggers: Sequence[str],
    flow_id: UUID | None,
) -> None:
    if row.target == Target.STUDIO:
        if flow_id is None:
            raise BadParameter("Configuration.FlowSid is required for the target studio")
        row.flow_id = flow_id
        return
    if not url:
        raise BadParameter(f"Configuration.Url is required for the target {row.target}")
    row.url, row.method = check_webhook_url(url), method.upper()
    if row.target == Target.TRIGGER:
        row.filters = [word for word in dict.fromkeys(triggers) if word.strip()]
        if not row.filters:
            raise BadParameter("Configuration.Triggers is required for the target trigger")
    else:
        row.filters = check_filters(filters, POST_EVENTS)


@transaction.atomic
def resend_delivery(*, account_id: UUID, delivery_id: UUID, now: datetime) -> WebhookDelivery:
    """
    Make a request again that is done or has failed; one that is still on its way stays as it is.

    :raises WebhookDelivery.DoesNotExist: unknown in this account.
    """
    row = WebhookDelivery.objects.select_for_update().get(account_id=account_id, id=delivery_id)
    if row.status != WebhookDelivery.Status.QUEUED:
        row.status, row.updated_at = WebhookDelivery.Status.QUEUED, now
        row.save(update_fields=("status", "updated_at"))
        outbox.put(outbox.Entry(fanout.TOPIC, row.key, {"delivery": row.id.hex}))
    return row


def queue_callback(
    *,
    account_id: UUID,
    key: UUID,
    url: str,
    event: str,
    parameters: dict[str, str],
    now: datetime,
    method: str = "POST",
) -> None:
    """Have an address told something by a signed request, after all it was told before under the same ``key``."""
    row = fanout.make_delivery(
        account_id=account_id,
        conversation_id=None,
        order=key,
        target={"webhook": "callback", "url": url, "method": method},
        told=parameters,
        now=now,
    )
    row.event = event
    fanout.put_deliveries([row])
