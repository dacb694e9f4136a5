"""Writes of workspaces, activities and task channels."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from common.errors import BadParameter, NotFound
from routing.errors import InUse
from routing.models import Activity, Task, TaskChannel, TaskQueue, Worker, WorkerChannel, Workspace
from routing.services import queues
from routing.services.log import Log
from routing.services.workers import change_units, lock_workspace, new_channel

CHANNELS = (
    ("default", "Default"),
    ("voice", "Voice"),
    ("chat", "Programmable Chat"),
    ("sms", "SMS"),
    ("video", "Video"),
)
ROOMY = {"chat": 3, "sms": 3}  # capacities in an account's own default workspace
_UNIQUE_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


@transaction.atomic
def provision_workspace(*, account_id: UUID, now: datetime) -> Workspace:
    """
    Return the account's default workspace, made with its activities, channels, queue and workflow if it is missing.

    Calling it twice, or twice at the same moment, makes one.
    """
    found = Workspace.objects.filter(account_id=account_id, is_default=True).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            workspace = _new_workspace(account_id, "Flowdesk", now, is_default=True, capacities=ROOMY)
            everyone = queues.create_queue(workspace_id=workspace.id, friendly_name="Everyone", now=now)
            queues.create_workflow(
                workspace_id=workspace.id,
                friendly_name="Assign to Anyone",
                configuration=queues.plain_configuration(everyone),
                now=now,
            )
            return workspace
    except IntegrityError:
        return Workspace.objects.get(account_id=account_id, is_default=True)


@transaction.atomic
def create_workspace(
    *,
    account_id: UUID,
    friendly_name: str,
    now: datetime,
    event_callback_url: str = "",
    events_filter: str = "",
    multi_task_enabled: bool = True,
    template: str = "NONE",
    prioritize_queue_order: str = "FIFO",
    source: str = "system",
) -> Workspace:
    """
    Create a workspace with its activities and channels; template FIFO adds a queue of everyone and a workflow.

    :raises BadParameter: a value is out of bounds.
    """
    if template.upper() not in ("NONE", "FIFO", ""):
        raise BadParameter("Template must be NONE or FIFO")
    workspace = _new_workspace(
        account_id,
        check_name(friendly_name),
        now,
        event_callback_url=event_callback_url,
        events_filter=events_filter,
        multi_task_enabled=multi_task_enabled,
        prioritize_queue_order=prioritize_queue_order,
        source=source,
    )
    if template.upper() == "FIFO":
        sample = queues.create_queue(workspace_id=workspace.id, friendly_name="Sample Queue", now=now)
        queues.create_workflow(
            workspace_id=workspace.id,
            friendly_name="Default Fifo Workflow",
            configuration=queues.plain_configuration(sample),
            now=now,
        )
    return workspace


@transaction.atomic
def update_workspace(
    *,
    workspace_id: UUID,
    now: datetime,
    friendly_name: str | None = None,
    default_activity_id: UUID | None = None,
    timeout_activity_id: UUID | None = None,
    event_callback_url: str | None = None,
    events_filter: str | None = None,
    prioritize_queue_order: str | None = None,
    channel_fairness: str | None = None,
    source: str = "system",
) -> Workspace:
    """
    Change a workspace.

    :raises NotFound: unknown.
    :raises BadParameter: an activity is not of this workspace.
    """
    workspace = lock_workspace(workspace_id)
    if friendly_name is not None:
        workspace.friendly_name = check_name(friendly_name)
    for field, activity_id in (
        ("default_activity", default_activity_id),
        ("timeout_activity", timeout_activity_id),
    ):
        if activity_id is not None:
            setattr(workspace, field, _activity(workspace, activity_id))
    if event_callback_url is not None:
        workspace.event_callback_url = event_callback_url
    if events_filter is not None:
        workspace.events_filter = events_filter
    if prioritize_queue_order is not None:
        workspace.prioritize_queue_order = prioritize_queue_order
    if channel_fairness is not None:
        workspace.channel_fairness = channel_fairness
        workspace.channel_turns = {}
    workspace.updated_at = now
    workspace.save()
    _note(
        workspace, "workspace.updated", ("workspace", workspace.id), now, source, workspace_name=workspace.friendly_name
    )
    return workspace


@transaction.atomic
def delete_workspace(*, workspace_id: UUID) -> None:
    """
    Delete a workspace and everything in it.

    :raises NotFound: unknown.
    :raises InUse: it is the account's default one, which hand-overs go to.
    """
    workspace = lock_workspace(workspace_id)
    if workspace.is_default:
        raise InUse("The account's default workspace cannot be deleted")
    # Tasks first: they hold on to channels, as workers to activities.
    Task.objects.filter(workspace=workspace).delete()
    Worker.objects.filter(workspace=workspace).delete()
    workspace.delete()


@transaction.atomic
def create_activity(
    *, workspace_id: UUID, friendly_name: str, available: bool, now: datetime, source: str = "system"
) -> Activity:
    """
    Create an activity; whether it is an available one cannot be changed later.

    :raises NotFound: the workspace is unknown.
    :raises BadParameter: the name is empty, longer than 64 characters, or taken.
    """
    workspace = lock_workspace(workspace_id)
    name = _activity_name(workspace, friendly_name, None)
    activity = Activity.objects.create(
        account_id=workspace.account_id,
        workspace=workspace,
        friendly_name=name,
        available=available,
        created_at=now,
        updated_at=now,
    )
    _note(workspace, "activity.created", ("activity", activity.id), now, source, **_told(activity))
    return activity


@transaction.atomic
def update_activity(*, activity_id: UUID, friendly_name: str | None, now: datetime, source: str = "system") -> Activity:
    """
    Rename an activity.

    :raises NotFound: unknown.
    :raises BadParameter: the name is empty, too long, or taken.
    """
    activity = Activity.objects.select_related("workspace").filter(id=activity_id).first()
    if activity is None:
        raise NotFound("activity")
    workspace = lock_workspace(activity.workspace_id)
    if friendly_name is not None and friendly_name != activity.friendly_name:
        activity.friendly_name = _activity_name(workspace, friendly_name, activity.id)
        activity.updated_at = now
        activity.save(update_fields=["friendly_name", "updated_at"])
        queues.renew_memberships(workspace)
        _note(workspace, "activity.updated", ("activity", activity.id), now, source, **_told(activity))
    return activity


@transaction.atomic
def delete_activity(*, activity_id: UUID, now: datetime, source: str = "system") -> None:
    """
    Delete an activity.

    :raises NotFound: unknown.
    :raises InUse: workers are in it, or the workspace or a queue refers to it.
    """
    activity = Activity.objects.filter(id=activity_id).first()
    if activity is None:
        raise NotFound("activity")
    workspace = lock_workspace(activity.workspace_id)
    if activity.id in (workspace.default_activity_id, workspace.timeout_activity_id):
        raise InUse("The activity is the workspace's default or time-out activity")
    if activity.workers.exists():
        raise InUse("Workers are in this activity")
    referring = Q(reservation_activity=activity) | Q(assignment_activity=activity)
    if TaskQueue.objects.filter(referring).exists():
        raise InUse("A task queue refers to this activity")
    _note(workspace, "activity.deleted", ("activity", activity.id), now, source, **_told(activity))
    activity.delete()


@transaction.atomic
def create_task_channel(
    *,
    workspace_id: UUID,
    friendly_name: str,
    unique_name: str,
    now: datetime,
    channel_optimized_routing: bool = False,
    default_capacity: int = 1,
    units: int = 1,
    source: str = "system",
) -> TaskChannel:
    """
    Create a task channel, and every worker's seat on it.

    :raises BadParameter: a name is empty, malformed or taken.
    """
    workspace = lock_workspace(workspace_id)
    if not _UNIQUE_NAME.fullmatch(unique_name):
        raise BadParameter("UniqueName must have 1 to 64 letters, digits, '_', '-' or '.'")
    if TaskChannel.objects.filter(workspace=workspace, unique_name=unique_name).exists():
        raise BadParameter(f"TaskChannel with the unique name {unique_name!r} already exists")
    channel = _new_channel(
        workspace,
        unique_name,
        check_name(friendly_name),
        now,
        capacity=default_capacity,
        units=units,
        optimized=channel_optimized_routing,
    )
    workers = list(Worker.objects.filter(workspace=workspace))
    WorkerChannel.objects.bulk_create([new_channel(worker, channel, now) for worker in workers], batch_size=2000)
    _note(workspace, "task-channel.created", ("task-channel", channel.id), now, source, **_told_channel(channel))
    return channel


@transaction.atomic
def update_task_channel(
    *,
    task_channel_id: UUID,
    now: datetime,
    friendly_name: str | None = None,
    channel_optimized_routing: bool | None = None,
    default_capacity: int | None = None,
    units: int | None = None,
    source: str = "system",
) -> TaskChannel:
    """
    Change a task channel. ``default_capacity`` is for workers made later; ``units`` count for everybody at once.

    :raises NotFound: unknown.
    """
    found = TaskChannel.objects.filter(id=task_channel_id).first()
    if found is None:
        raise NotFound("task channel")
    workspace = lock_workspace(found.workspace_id)
    channel = TaskChannel.objects.select_for_update().get(id=task_channel_id)
    if default_capacity is not None:
        channel.default_capacity = default_capacity
    if units is not None and units != channel.units:
        channel.units = units
        change_units(channel, now)
    if friendly_name is not None:
        channel.friendly_name = check_name(friendly_name)
    if channel_optimized_routing is not None:
        channel.channel_optimized_routing = channel_optimized_routing
    channel.updated_at = now
    channel.save()
    _note(workspace, "task-channel.updated", ("task-channel", channel.id), now, source, **_told_channel(channel))
    return channel


@transaction.atomic
def delete_task_channel(*, task_channel_id: UUID, now: datetime, source: str = "system") -> None:
    """
    Delete a task channel.

    :raises NotFound: unknown.
    :raises InUse: it is a built-in one, or tasks are on it.
    """
    channel = TaskChannel.objects.filter(id=task_channel_id).first()
    if channel is None:
        raise NotFound("task channel")
    workspace = lock_workspace(channel.workspace_id)
    if channel.is_built_in:
        raise InUse("A built-in task channel cannot be deleted")
    if channel.tasks.exists():
        raise InUse("Tasks are on this task channel")
    _note(workspace, "task-channel.deleted", ("task-channel", channel.id), now, source, **_told_channel(channel))
    channel.delete()


def check_name(name: str) -> str:
    """
    Return a friendly name without surrounding space.

    :raises BadParameter: empty, or longer than 120 characters.
    """
    name = name.strip()
    if not name or len(name) > 120:
        raise BadParameter("FriendlyName must have 1 to 120 characters")
    return name


def _new_workspace(
    account_id: UUID,
    friendly_name: str,
    now: datetime,
    *,
    is_default: bool = False,
    capacities: dict[str, int] | None = None,
    source: str = "system",
    **more: object,
) -> Workspace:
    workspace = Workspace.objects.create(
        account_id=account_id,
        friendly_name=friendly_name,
        is_default=is_default,
        created_at=now,
        updated_at=now,
        **more,
    )
    made = {}
    for name, available in (("Offline", False), ("Available", True), ("Unavailable", False)):
        made[name] = Activity.objects.create(
            account_id=account_id,
            workspace=workspace,
            friendly_name=name,
            available=available,
            created_at=now,
            updated_at=now,
        )
    workspace.default_activity = workspace.timeout_activity = made["Offline"]
    workspace.save(update_fields=["default_activity", "timeout_activity"])
    for unique_name, name in CHANNELS:
        capacity = (capacities or {}).get(unique_name, 1)
        _new_channel(workspace, unique_name, name, now, capacity=capacity, built_in=True)
    _note(workspace, "workspace.created", ("workspace", workspace.id), now, source, workspace_name=friendly_name)
    return workspace


def _new_channel(
    workspace: Workspace,
    unique_name: str,
    friendly_name: str,
    now: datetime,
    *,
    capacity: int = 1,
    units: int = 1,
    built_in: bool = False,
    optimized: bool = False,
) -> TaskChannel:
    return TaskChannel.objects.create(
        account_id=workspace.account_id,
        workspace=workspace,
        unique_name=unique_name,
        friendly_name=friendly_name,
        channel_optimized_routing=optimized,
        default_capacity=capacity,
        units=units,
        is_built_in=built_in,
        created_at=now,
        updated_at=now,
    )


def _activity(workspace: Workspace, activity_id: UUID) -> Activity:
    found = Activity.objects.filter(id=activity_id, workspace=workspace).first()
    if found is None:
        raise BadParameter("The activity does not exist in this workspace")
    return found


def _activity_name(workspace: Workspace, friendly_name: str, own: UUID | None) -> str:
    name = friendly_name.strip()
    if not name or len(name) > 64:
        raise BadParameter("FriendlyName must have 1 to 64 characters")
    if Activity.objects.filter(workspace=workspace, friendly_name__iexact=name).exclude(id=own).exists():
        raise BadParameter("Activity with the same friendly name already exists")
    return name


def _note(
    workspace: Workspace, event_type: str, resource: tuple[str, UUID], now: datetime, source: str, **told: object
) -> None:
    log = Log.of(workspace, now, source=source)
    log.add(event_type, resource=resource, data=told)
    log.flush()


def _told(activity: Activity) -> dict[str, object]:
    return {
        "activity_sid": f"WA{activity.id.hex}",
        "activity_name": activity.friendly_name,
        "activity_available": activity.available,
    }


def _told_channel(channel: TaskChannel) -> dict[str, object]:
    return {
        "task_channel_sid": f"TC{channel.id.hex}",
        "task_channel_name": channel.friendly_name,
        "task_channel_unique_name": channel.unique_name,
        "task_channel_optimized_routing": channel.channel_optimized_routing,
    }
