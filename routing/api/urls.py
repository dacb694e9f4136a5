"""The addresses of TaskRouter v1, below ``/taskrouter/v1/``, and of the administration, below ``/app/v1/``."""

from django.urls import path

from routing.api import (
    app_calendars,
    app_overview,
    app_people,
    app_rules,
    app_tasks,
    app_what_if,
    events,
    explain,
    queues,
    reservations,
    statistics,
    tasks,
    workers,
    workspaces,
)

WORKSPACE = "Workspaces/<str:workspace_sid>"
_TASK = f"{WORKSPACE}/Tasks/<str:parent_sid>/Reservations"
_WORKER = f"{WORKSPACE}/Workers/<str:parent_sid>/Reservations"
_QUEUE = f"{WORKSPACE}/TaskQueues/<str:sid>"
_WORKFLOW = f"{WORKSPACE}/Workflows/<str:sid>"

compat_urls = [
    path("Workspaces", workspaces.WorkspacesView.as_view()),
    path(WORKSPACE, workspaces.OneWorkspaceView.as_view()),
    path(f"{WORKSPACE}/Activities", workspaces.ActivitiesView.as_view()),
    path(f"{WORKSPACE}/Activities/<str:sid>", workspaces.ActivityView.as_view()),
    path(f"{WORKSPACE}/TaskChannels", workspaces.TaskChannelsView.as_view()),
    path(f"{WORKSPACE}/TaskChannels/<str:sid>", workspaces.TaskChannelView.as_view()),
    path(f"{WORKSPACE}/Events", events.EventsView.as_view()),
    path(f"{WORKSPACE}/Events/<str:sid>", events.EventView.as_view()),
    path(f"{WORKSPACE}/Tasks", tasks.TasksView.as_view()),
    path(f"{WORKSPACE}/Tasks/<str:sid>", tasks.TaskView.as_view()),
    path(f"{WORKSPACE}/Tasks/<str:sid>/Explanation", explain.ExplanationView.as_view()),
    path(_TASK, reservations.ReservationsView.as_view(parent="Tasks")),
    path(f"{_TASK}/<str:sid>", reservations.ReservationView.as_view(parent="Tasks")),
    # The literal names come before the SIDs they could be taken for.
    path(f"{WORKSPACE}/TaskQueues", queues.TaskQueuesView.as_view()),
    path(f"{WORKSPACE}/TaskQueues/Statistics", statistics.TaskQueuesStatisticsView.as_view()),
    path(f"{WORKSPACE}/TaskQueues/RealTimeStatistics", statistics.BulkQueueStatisticsView.as_view()),
    path(_QUEUE, queues.TaskQueueView.as_view()),
    path(f"{_QUEUE}/Statistics", statistics.QueueView.as_view(figures="both")),
    path(f"{_QUEUE}/RealTimeStatistics", statistics.QueueView.as_view(figures="realtime")),
    path(f"{_QUEUE}/CumulativeStatistics", statistics.QueueView.as_view(figures="cumulative")),
    path(f"{WORKSPACE}/Workers", workers.WorkersView.as_view()),
    path(f"{WORKSPACE}/Workers/Statistics", statistics.WorkersView.as_view(figures="both")),
    path(f"{WORKSPACE}/Workers/RealTimeStatistics", statistics.WorkersView.as_view(figures="realtime")),
    path(f"{WORKSPACE}/Workers/CumulativeStatistics", statistics.WorkersView.as_view(figures="cumulative")),
    path(f"{WORKSPACE}/Workers/<str:sid>", workers.WorkerView.as_view()),
    path(f"{WORKSPACE}/Workers/<str:sid>/Statistics", statistics.WorkerView.as_view()),
    path(f"{WORKSPACE}/Workers/<str:worker_sid>/Channels", workers.WorkerChannelsView.as_view()),
    path(f"{WORKSPACE}/Workers/<str:worker_sid>/Channels/<str:sid>", workers.WorkerChannelView.as_view()),
    path(_WORKER, reservations.ReservationsView.as_view(parent="Workers")),
    path(f"{_WORKER}/<str:sid>", reservations.ReservationView.as_view(parent="Workers")),
    path(f"{WORKSPACE}/Workflows", queues.WorkflowsView.as_view()),
    path(_WORKFLOW, queues.WorkflowView.as_view()),
    path(f"{_WORKFLOW}/Statistics", statistics.WorkflowView.as_view(figures="both")),
    path(f"{_WORKFLOW}/RealTimeStatistics", statistics.WorkflowView.as_view(figures="realtime")),
    path(f"{_WORKFLOW}/CumulativeStatistics", statistics.WorkflowView.as_view(figures="cumulative")),
    path(f"{WORKSPACE}/Statistics", statistics.WorkspaceStatisticsView.as_view(figures="both")),
    path(f"{WORKSPACE}/RealTimeStatistics", statistics.WorkspaceStatisticsView.as_view(figures="realtime")),
    path(f"{WORKSPACE}/CumulativeStatistics", statistics.WorkspaceStatisticsView.as_view(figures="cumulative")),
]

app_urls = [
    path("routing", app_overview.OverviewView.as_view()),
    path("routing/workspace", app_overview.WorkspaceSettingsView.as_view()),
    path("routing/queues", app_rules.QueuesView.as_view()),
    path("routing/queues/<str:sid>", app_rules.QueueView.as_view()),
    path("routing/workflows", app_rules.WorkflowsView.as_view()),
    path("routing/workflows/<str:sid>", app_rules.WorkflowView.as_view()),
    path("routing/workers", app_people.WorkersView.as_view()),
    path("routing/workers/<str:sid>", app_people.WorkerView.as_view()),
    path("routing/activities", app_people.ActivitiesView.as_view()),
    path("routing/activities/<str:sid>", app_people.ActivityView.as_view()),
    path("routing/task-channels", app_people.TaskChannelsView.as_view()),
    path("routing/task-channels/<str:sid>", app_people.TaskChannelView.as_view()),
    path("routing/calendars", app_calendars.CalendarsView.as_view()),
    path("routing/calendars/options", app_calendars.CalendarOptionsView.as_view()),
    path("routing/calendars/<str:sid>", app_calendars.CalendarView.as_view()),
    path("routing/calendars/<str:sid>/days", app_calendars.CalendarDaysView.as_view()),
    path("routing/expressions/check", app_tasks.ExpressionCheckView.as_view()),
    path("routing/what-if", app_what_if.WhatIfView.as_view()),
    path("routing/tasks", app_tasks.TasksView.as_view()),
    path("routing/tasks/<str:sid>/explanation", app_tasks.ExplanationView.as_view()),
]
