"""What can be wrong with routing rules, as named errors."""

from __future__ import annotations


class RuleError(ValueError):
    """Routing rules (an expression or a workflow) that cannot be used; the message says why."""


class ExpressionError(RuleError):
    """
    An expression that does not parse, or names something it may not.

    ``line`` and ``column`` count from 1 and point at the offending text.
    """

    def __init__(self, message: str, *, line: int, column: int) -> None:
        super().__init__(f"line {line}:{column} {message}")
        self.detail = message
        self.line = line
        self.column = column


class WorkflowError(RuleError):
    """
    A workflow configuration that cannot be used.

    ``path`` names the place, as ``task_routing.filters[0].targets[1].timeout``.
    """

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.detail = message
        self.path = path
