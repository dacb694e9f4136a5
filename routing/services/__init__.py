"""Writes of routing. Verb first, keyword only, ``now`` passed in; errors are those of ``routing.errors``."""

from routing.services.activities import set_activity
from routing.services.assigning import assign
from routing.services.calendars import create_calendar, delete_calendar, update_calendar
from routing.services.queues import (
    create_queue,
    create_workflow,
    delete_queue,
    delete_workflow,
    update_queue,
    update_workflow,
)
from routing.services.reservations import (
    accept_reservation,
    complete_reservation,
    reject_reservation,
    wrap_reservation,
)
from routing.services.seizing import seize_task
from routing.services.tasks import cancel_task, complete_task, create_task, delete_task, lock_task, update_task
from routing.services.timing import run_due
from routing.services.workers import create_worker, delete_worker, update_worker, update_worker_channel
from routing.services.workspaces import (
    create_activity,
    create_task_channel,
    create_workspace,
    delete_activity,
    delete_task_channel,
    delete_workspace,
    provision_workspace,
    update_activity,
    update_task_channel,
    update_workspace,
)

__all__ = (
    "accept_reservation",
    "assign",
    "cancel_task",
    "complete_reservation",
    "complete_task",
    "create_activity",
    "create_calendar",
    "create_queue",
    "create_task",
    "create_task_channel",
    "create_worker",
    "create_workflow",
    "create_workspace",
    "delete_activity",
    "delete_calendar",
    "delete_queue",
    "delete_task",
    "delete_task_channel",
    "delete_worker",
    "delete_workflow",
    "delete_workspace",
    "lock_task",
    "provision_workspace",
    "reject_reservation",
    "run_due",
    "seize_task",
    "set_activity",
    "update_activity",
    "update_calendar",
    "update_queue",
    "update_task",
    "update_task_channel",
    "update_worker",
    "update_worker_channel",
    "update_workflow",
    "update_workspace",
    "wrap_reservation",
)
