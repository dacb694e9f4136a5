"""Creating, saving, publishing, importing and deleting flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from accounts.services import record_audit
from common import events, ids
from common.errors import BadParameter
from conversations import queries as conversation_queries
from conversations import services as conversation_services
from flows.authors import author_name
from flows.engine import importer, structure, validation
from flows.engine.problems import Problem
from flows.errors import InvalidDefinition, RevisionOutdated
from flows.events import FlowSaved
from flows.limits import LIMITS
from flows.models import Flow, FlowRevision
from flows.revisions import newest_revision, subflow_definitions

MAX_DEFINITION_BYTES = 2 * 1024 * 1024
MAX_TEST_USERS = 100
NEW_FLOW: dict[str, Any] = {
    "description": "",
    "states": [
        {
            "name": "Trigger",
            "type": "trigger",
            "transitions": [
                {"event": "incomingMessage"},
                {"event": "incomingCall"},
                {"event": "incomingConversationMessage"},
                {"event": "incomingRequest"},
                {"event": "incomingParent"},
            ],
            "properties": {"offset": {"x": 0, "y": 0}},
        }
    ],
    "initial_state": "Trigger",
    "flags": {"allow_concurrent_calls": True},
}
# What makes a text no flow at all. Everything else may still be wrong in a draft: it is work in progress.
_SHAPE = frozenset(
    {"not-an-object", "no-widgets", "not-a-widget", "no-name", "no-type", "wrong-shape", "no-event", "not-storable"}
)


@dataclass(frozen=True, slots=True)
class ImportedFlow:
    """``report`` is ``{converted, unknown, placeholders, notes}`` of docs/contracts.md, 6."""

    flow: Flow
    report: dict[str, Any]


@transaction.atomic
def create_flow(
    *,
    account_id: UUID,
    friendly_name: str,
    author: str,
    now: datetime,
    definition: object = None,
    status: str = Flow.Status.DRAFT,
    commit_message: str = "",
) -> Flow:
    """
    Create a flow with its first revision; without a definition it is a trigger alone.

    ``author`` is the SID of a user, an account or an API key.

    :raises BadParameter: the name or the message is empty or too long.
    :raises InvalidDefinition: see ``validate_definition``.
    """
    name = _checked_name(friendly_name)
    flow = Flow(account_id=account_id, friendly_name=name, revision=0, status=status, created_at=now)
    _add_revision(
        flow,
        definition=NEW_FLOW if definition is None else definition,
        status=status,
        author=author,
        commit_message=commit_message,
        now=now,
        is_new=True,
    )
    _record(flow, "flow.created", author, now, friendly_name=name, status=status)
    return flow


@transaction.atomic
def save_revision(
    *,
    account_id: UUID,
    flow_id: UUID,
    status: str,
    author: str,
    now: datetime,
    definition: object = None,
    base_revision: int | None = None,
    friendly_name: str | None = None,
    commit_message: str = "",
) -> Flow:
    """
    Save a flow as its next revision, a draft or the published one that new executions run from now on.

    Without a definition the newest one is taken again. With ``base_revision`` the save is refused when that is
    not the newest revision any more.

    :raises Flow.DoesNotExist: unknown in this account.
    :raises RevisionOutdated: somebody saved in between.
    :raises InvalidDefinition: see ``validate_definition``.
    :raises BadParameter: the name or the message is empty or too long.
    """
    flow = Flow.objects.select_for_update().get(account_id=account_id, id=flow_id)
    if base_revision is not None and base_revision != flow.revision:
        newest = newest_revision(flow)
        raise RevisionOutdated(revision=flow.revision, author=author_name(newest.author), updated_at=newest.created_at)
    if definition is None:
        definition = newest_revision(flow).definition
    if friendly_name is not None:
        flow.friendly_name = _checked_name(friendly_name)
    _add_revision(
        flow, definition=definition, status=status, author=author, commit_message=commit_message, now=now, is_new=False
    )
    action = "flow.published" if status == Flow.Status.PUBLISHED else "flow.saved"
    _record(flow, action, author, now, revision=flow.revision, commit_message=commit_message)
    events.publish(
        FlowSaved(
            account_id=account_id,
            flow_id=flow.id,
            revision=flow.revision,
            status=status,
            author=author,
            author_name=author_name(author),
        )
    )
    return flow


@transaction.atomic
def import_flow(
    *, account_id: UUID, text: str, author: str, now: datetime, friendly_name: str | None = None
) -> ImportedFlow:
    """
    Create a draft from the JSON text of an export, today's or the old format.

    The name is ``friendly_name``, else the export's own, else its description.

    :raises InvalidDefinition: no JSON, or no flow.
    """
    data = read_definition(text)
    try:
        imported = importer.import_definition(data)
    except ValueError as error:
        raise InvalidDefinition([Problem("not-importable", "error", str(error))]) from error
    flow = create_flow(
        account_id=account_id,
        friendly_name=friendly_name or _name_in(data),
        author=author,
        definition=imported.definition,
        commit_message="Imported",
        now=now,
    )
    return ImportedFlow(flow, imported.report.to_json())


@transaction.atomic
def delete_flow(*, account_id: UUID, flow_id: UUID, author: str, now: datetime) -> None:
    """
    Delete a flow with its revisions and executions; the addresses it answered are answered by nothing then.

    :raises Flow.DoesNotExist: unknown in this account.
    """
    flow = Flow.objects.select_for_update().get(account_id=account_id, id=flow_id)
    answered = [row for row in conversation_queries.addresses(account_id) if row.flow_id == flow_id]
    for row in answered:
        conversation_services.save_address(
            account_id=account_id,
            address_id=row.id,
            type=row.type,
            address=row.address,
            friendly_name=row.friendly_name,
            enabled=row.enabled,
            to=conversation_services.AddressTarget(target="default"),
            now=now,
        )
    addresses = [row.address for row in answered]
    _record(flow, "flow.deleted", author, now, friendly_name=flow.friendly_name, addresses=addresses)
    flow.delete()


@transaction.atomic
def set_test_users(*, account_id: UUID, flow_id: UUID, test_users: Sequence[str], author: str, now: datetime) -> Flow:
    """
    Replace the addresses that run the newest draft instead of the published revision.

    :raises Flow.DoesNotExist: unknown in this account.
    :raises BadParameter: more than 100, or one that is empty or longer than 256 characters.
    """
    users = list(dict.fromkeys(user.strip() for user in test_users))
    if len(users) > MAX_TEST_USERS:
        raise BadParameter(f"TestUsers may hold {MAX_TEST_USERS} addresses")
    if any(not user or len(user) > 256 or "\x00" in user for user in users):
        raise BadParameter("Each of the TestUsers must be an address of 1 to 256 characters")
    flow = Flow.objects.select_for_update().get(account_id=account_id, id=flow_id)
    _record(flow, "flow.test_users", author, now, old=flow.test_users, new=users)
    flow.test_users = users
    flow.save(update_fields=("test_users",))
    return flow


def read_definition(text: str) -> object:
    """
    Return the JSON value in a text.

    :raises InvalidDefinition: no JSON, or more than 2 MB.
    """
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        raise _refused("The text holds characters that are not valid Unicode.") from error
    if len(raw) > MAX_DEFINITION_BYTES:
        raise _refused("A flow definition may have 2 MB of text.")
    try:
        return orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _refused(f"The text is not valid JSON: {error}.") from error


def validate_definition(*, account_id: UUID, definition: object, status: str) -> list[Problem]:
    """
    Return every problem of a definition, after refusing what ``status`` does not allow.

    A draft needs the shape of a flow: an object with a list of widgets that have names, types and exits. To be
    published it must have no errors.

    :raises InvalidDefinition: it cannot be stored or published like this; holds all its errors.
    """
    blocking = [problem for problem in _storing_problems(definition) if problem.code in _SHAPE]
    if blocking:
        raise InvalidDefinition(blocking)
    problems = find_problems(account_id=account_id, definition=definition)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors and status == Flow.Status.PUBLISHED:
        raise InvalidDefinition(errors)
    return problems


def find_problems(*, account_id: UUID, definition: object) -> list[Problem]:
    """Return the problems of any JSON value seen as a flow definition; it refuses nothing."""
    unstorable = _unstorable(definition)
    if unstorable:
        return unstorable
    return validation.check(definition, subflows=subflow_definitions(account_id, definition), limits=LIMITS)


def _add_revision(
    flow: Flow, *, definition: object, status: str, author: str, commit_message: str, now: datetime, is_new: bool
) -> None:
    if status not in Flow.Status.values:
        raise BadParameter(f"Status must be one of {', '.join(Flow.Status.values)}")
    if len(commit_message) > 512:
        raise BadParameter("CommitMessage must have at most 512 characters")
    problems = validate_definition(account_id=flow.account_id, definition=definition, status=status)
    flow.revision += 1
    flow.status = status
    flow.author = author
    flow.updated_at = now
    if status == Flow.Status.PUBLISHED:
        flow.published_revision = flow.revision
    flow.save(force_insert=is_new)
    assert isinstance(definition, dict)
    FlowRevision.objects.create(
        account_id=flow.account_id,
        flow=flow,
        revision=flow.revision,
        status=status,
        friendly_name=flow.friendly_name,
        definition=definition,
        commit_message=commit_message,
        author=author,
        valid=not any(problem.severity == "error" for problem in problems),
        problems=[problem.to_json() for problem in problems],
        widget_count=len(definition["states"]),
        created_at=now,
    )


def _storing_problems(definition: object) -> list[Problem]:
    return _unstorable(definition) or structure.find_problems(definition)


def _unstorable(definition: object) -> list[Problem]:
    """Refuse a value that can be parsed and not be written again: nested too deep, numbers past 64 bits."""
    try:
        size = len(orjson.dumps(definition))
    except (TypeError, RecursionError) as error:
        return [Problem("not-storable", "error", f"The definition cannot be stored: {error}.")]
    if size > MAX_DEFINITION_BYTES:
        return [Problem("not-storable", "error", "A flow definition may have 2 MB of text.")]
    return []


def _refused(message: str) -> InvalidDefinition:
    return InvalidDefinition([Problem("not-json", "error", message)])


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 256 or "\x00" in name:
        raise BadParameter("FriendlyName must have 1 to 256 characters")
    return name


def _name_in(data: object) -> str:
    if isinstance(data, dict):
        for key in ("friendly_name", "FriendlyName", "description", "Description"):
            if isinstance(data.get(key), str) and data[key].strip():
                return str(data[key]).strip().replace("\x00", "")[:256]
    return "Imported flow"


def _record(flow: Flow, action: str, author: str, now: datetime, **changes: object) -> None:
    sid = ids.sid("FW", flow.id)
    record_audit(account_id=flow.account_id, actor=author, action=action, subject=sid, changes=changes, now=now)
