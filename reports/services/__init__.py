"""Writes of reports; import them from here."""

from reports.services.rebuild import rebuild_facts
from reports.services.record import record_stays, record_tasks
from reports.services.rules import RuleValues, delete_rule, save_rule
from reports.services.settings import change_goals
from reports.services.surveys import open_survey, plan_survey, rate, take_answer, take_step

__all__ = (
    "RuleValues",
    "change_goals",
    "delete_rule",
    "open_survey",
    "plan_survey",
    "rate",
    "rebuild_facts",
    "record_stays",
    "record_tasks",
    "save_rule",
    "take_answer",
    "take_step",
)
