"""
Workspaces, workers, queues, workflows, tasks and reservations.

Who locks what: a change locks the tasks it touches (by id), then the workers (by id);
reservations are guarded by their task's lock, worker channels by their worker's.
Assigning holds the workspace's lock and takes task and worker locks only where it
need not wait, so it can be part of no deadlock.
"""

from routing.models.records import AssignmentAttempt, RoutingEvent
from routing.models.setup import Activity, Calendar, Row, TaskChannel, TaskQueue, Workflow, Workspace
from routing.models.tasks import Reservation, Task, WaitingLine
from routing.models.workers import Worker, WorkerChannel, WorkerQueueMembership

__all__ = (
    "Activity",
    "AssignmentAttempt",
    "Calendar",
    "Reservation",
    "RoutingEvent",
    "Row",
    "Task",
    "TaskChannel",
    "TaskQueue",
    "WaitingLine",
    "Worker",
    "WorkerChannel",
    "WorkerQueueMembership",
    "Workflow",
    "Workspace",
)
