"""Reads of reports for the parts further left."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts import queries as accounts
from reports import goals as _goals
from reports.models import FloorSettings, Survey, SurveyRule
from routing import histories


def goals(account_id: UUID) -> _goals.Goals:
    """Return what an account's floor measures itself against."""
    stored = FloorSettings.objects.filter(account_id=account_id).values_list("values", flat=True).first()
    return _goals.complete(stored or {})


def names_of_agents(account_id: UUID) -> dict[UUID, str]:
    """Return the names of an account's workers: those of their users, where they have one."""
    return {**histories.names_of_workers(account_id), **accounts.names_of_workers(account_id)}


def surveys(conversation_ids: Iterable[UUID]) -> dict[UUID, Survey]:
    """Return the survey of each conversation that has one."""
    return {row.conversation_id: row for row in Survey.objects.filter(conversation_id__in=list(conversation_ids))}


def survey_rules(account_id: UUID) -> list[SurveyRule]:
    """Return an account's survey rules, oldest first."""
    return list(SurveyRule.objects.filter(account_id=account_id).order_by("id"))


def newest_surveys(account_id: UUID, *, limit: int = 50) -> list[Survey]:
    """Return an account's newest surveys, newest first."""
    return list(Survey.objects.filter(account_id=account_id).order_by("-ended_at")[:limit])
