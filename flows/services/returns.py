"""Control that comes back to a flow from TwiML elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from common import ids, outbox
from common.errors import BadParameter, NotFound
from conversations import queries as conversation_queries
from flows import runtime
from flows.models import Execution

MAX_BYTES = 64 * 1024


@transaction.atomic
def return_control(*, account_id: UUID, flow_sid: str, parameters: Mapping[str, str]) -> Execution:
    """
    End the wait of the redirect that a request names, and hand it the request's parameters.

    The execution is found by ``ExecutionSid``, or by ``From`` and ``To`` in either order; ``flow_sid`` is that of the
    flow or of the subflow it is in. The answer takes its place among the conversation's events; a second one changes
    nothing.

    :raises BadParameter: the parameters name nobody, or are larger than 64 kB.
    :raises NotFound: no execution waits there.
    """
    if sum(len(name) + len(value) for name, value in parameters.items()) > MAX_BYTES:
        raise BadParameter("The parameters may have 64 kB together")
    waiting = Execution.objects.filter(
        account_id=account_id, status=Execution.Status.ACTIVE, waits_for=runtime.REDIRECT
    ).order_by("-id")
    execution_sid = parameters.get("ExecutionSid", "")
    if execution_sid:
        found = waiting.filter(id=ids.parse_or_none("FN", execution_sid))
    else:
        found = waiting.filter(conversation_id__in=_conversations(account_id, parameters))
    execution = next((row for row in found if flow_sid in runtime.flow_sids(row)), None)
    if execution is None:
        raise NotFound("execution that waits for this flow's redirect")
    outbox.put(runtime.returned_entry(execution, dict(parameters)))
    return execution


def _conversations(account_id: UUID, parameters: Mapping[str, str]) -> list[UUID]:
    one, other = parameters.get("From", ""), parameters.get("To", "")
    if not one or not other:
        raise BadParameter("From and To, or ExecutionSid, must say which execution goes on")
    # A chat has no address of ours: its conversation's SID stands for it.
    chats = [key for text in (one, other) if (key := ids.parse_or_none("CH", text)) is not None]
    return chats or conversation_queries.conversations_between(account_id, one, other)
