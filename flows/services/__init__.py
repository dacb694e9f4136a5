"""Writes of flows and executions; import them from here."""

from flows.services.addresses import delete_address, save_address
from flows.services.definitions import (
    ImportedFlow,
    create_flow,
    delete_flow,
    find_problems,
    import_flow,
    read_definition,
    save_revision,
    set_test_users,
    validate_definition,
)
from flows.services.executions import delete_execution, retry_execution, start_execution, stop_execution
from flows.services.returns import return_control
from flows.services.stories import create_test, delete_test, play, update_test

__all__ = (
    "ImportedFlow",
    "create_flow",
    "create_test",
    "delete_address",
    "delete_execution",
    "delete_flow",
    "delete_test",
    "find_problems",
    "import_flow",
    "play",
    "read_definition",
    "retry_execution",
    "return_control",
    "save_address",
    "save_revision",
    "set_test_users",
    "start_execution",
    "stop_execution",
    "update_test",
    "validate_definition",
)
