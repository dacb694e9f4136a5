"""
Addresses of flows: Studio's REST API (below ``/studio/v2/``), the builder's (below ``/app/v1/``), and the flows' own
(below ``/webhooks/``).
"""

from django.urls import path

from flows.api import (
    app_addresses,
    app_executions,
    app_flows,
    app_options,
    app_simulator,
    app_tests,
    app_traffic,
    compat_executions,
    compat_flows,
    returning,
)

_FLOW = "Flows/<str:sid>"
_EXECUTIONS = "Flows/<str:flow_sid>/Executions"
_EXECUTION = f"{_EXECUTIONS}/<str:execution_sid>"

compat_urls = [
    path("Flows", compat_flows.FlowsView.as_view()),
    # Before {Sid}: it would be taken for one.
    path("Flows/Validate", compat_flows.FlowValidateView.as_view()),
    path(_FLOW, compat_flows.FlowDetailView.as_view()),
    path(f"{_FLOW}/Revisions", compat_flows.RevisionsView.as_view()),
    path(f"{_FLOW}/Revisions/<str:revision>", compat_flows.RevisionDetailView.as_view()),
    path(f"{_FLOW}/TestUsers", compat_flows.TestUsersView.as_view()),
    path(_EXECUTIONS, compat_executions.ExecutionsView.as_view()),
    path(f"{_EXECUTIONS}/<str:sid>", compat_executions.ExecutionDetailView.as_view()),
    path(f"{_EXECUTION}/Context", compat_executions.ExecutionContextView.as_view()),
    path(f"{_EXECUTION}/Steps", compat_executions.StepsView.as_view()),
    path(f"{_EXECUTION}/Steps/<str:sid>", compat_executions.StepView.as_view()),
    path(f"{_EXECUTION}/Steps/<str:sid>/Context", compat_executions.StepContextView.as_view()),
]

app_urls = [
    path("widgets", app_flows.WidgetsView.as_view()),
    path("options", app_options.OptionsView.as_view()),
    path("flows", app_flows.FlowsView.as_view()),
    path("flows/import", app_flows.FlowImportView.as_view()),
    path("flows/validate", app_flows.FlowValidateView.as_view()),
    path("flows/simulate", app_simulator.SimulateView.as_view()),
    path("flows/simulate/call", app_simulator.LiveCallView.as_view()),
    path("flows/preview", app_simulator.PreviewView.as_view()),
    path("flows/<str:sid>", app_flows.FlowDetailView.as_view()),
    path("flows/<str:sid>/draft", app_flows.FlowDraftView.as_view()),
    path("flows/<str:sid>/publish", app_flows.FlowPublishView.as_view()),
    path("flows/<str:sid>/revisions", app_flows.RevisionsView.as_view()),
    path("flows/<str:sid>/revisions/<str:revision>", app_flows.RevisionView.as_view()),
    path("flows/<str:sid>/export", app_flows.FlowExportView.as_view()),
    path("flows/<str:sid>/traffic", app_traffic.TrafficView.as_view()),
    path("flows/<str:sid>/sample", app_traffic.SampleView.as_view()),
    path("flows/<str:sid>/tests/run", app_tests.TestRunView.as_view()),
    path("flows/<str:sid>/tests", app_tests.TestsView.as_view()),
    # After tests/run, which it would take for one.
    path("flows/<str:sid>/tests/<str:test_sid>", app_tests.TestView.as_view()),
    path("executions", app_executions.ExecutionsView.as_view()),
    path("executions/<str:sid>", app_executions.ExecutionView.as_view()),
    path("executions/<str:sid>/retry", app_executions.ExecutionRetryView.as_view()),
    path("addresses", app_addresses.AddressesView.as_view()),
    path("addresses/<str:sid>", app_addresses.AddressView.as_view()),
]

webhook_urls = [path("v1/Accounts/<str:account_sid>/Flows/<str:flow_sid>", returning.FlowWebhookView.as_view())]
