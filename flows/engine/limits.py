"""The bounds an execution runs in, with Studio's values as defaults."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Pass another one to ``advance`` or ``check`` where an installation sets its own."""

    widgets: int = 2000
    steps: int = 1000
    same_widget_in_a_row: int = 10
    execution_age: timedelta = timedelta(days=30)
    http_timeout_seconds: int = 10
    http_response_bytes: int = 65536
    task_attributes_characters: int = 1024
    redirect_wait_seconds: int = 14400
    task_timeout_seconds: int = 1_209_600
    run_subflow_widgets: int = 150
    distinct_subflows: int = 50
    # What a customer may pile up while no widget waits (flags.queue_inbound_messages).
    queued_messages: int = 50
    loop_rounds: int = 15


DEFAULT_LIMITS = Limits()
