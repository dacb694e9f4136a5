"""The stories that admins keep with a flow as its tests, and playing stories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from accounts.services import record_audit
from common.errors import BadParameter, Conflict
from flows.engine import DefinitionError, Program, compile_definition
from flows.engine.stories import MalformedStory, StoryResult
from flows.engine.story_player import play_story
from flows.limits import LIMITS
from flows.models import Flow, FlowTest
from flows.revisions import newest_revision

MAX_TESTS = 200
MAX_NAME = 200
MAX_STORY_BYTES = 64 * 1024


def play(program: Program, story: Mapping[str, Any]) -> StoryResult:
    """
    Play one story.

    :raises BadParameter: it is none.
    """
    try:
        return play_story(program, story, LIMITS)
    except DefinitionError as error:
        raise BadParameter(f"A subflow of the story {story.get('id')!r} cannot be run: {error}") from error
    except (MalformedStory, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # Whatever a hand-written story holds in the wrong place shows as one of these.
        raise BadParameter(f"The story {story.get('id')!r} cannot be played: {error}") from error


@transaction.atomic
def create_test(*, account_id: UUID, flow_id: UUID, name: str, story: object, author: str, now: datetime) -> FlowTest:
    """
    Keep a story with a flow, whether it holds now or not.

    :raises Flow.DoesNotExist: unknown in this account.
    :raises BadParameter: no name, no story, or the flow has 200 of them.
    :raises Conflict: the flow has a test of this name.
    """
    flow = Flow.objects.select_for_update().get(account_id=account_id, id=flow_id)
    if FlowTest.objects.filter(flow=flow).count() >= MAX_TESTS:
        raise BadParameter(f"A flow may have {MAX_TESTS} tests")
    test = FlowTest(account_id=account_id, flow=flow, author=author, created_at=now, updated_at=now)
    test.name = _free_name(test, name)
    test.story = _checked_story(flow, story)
    test.save(force_insert=True)
    _record(test, "created", author, now)
    return test


@transaction.atomic
def update_test(
    *,
    account_id: UUID,
    flow_id: UUID,
    test_id: UUID,
    author: str,
    now: datetime,
    name: str | None = None,
    story: object = None,
) -> FlowTest:
    """
    Change a test's name or story, or both.

    :raises Flow.DoesNotExist, FlowTest.DoesNotExist: unknown in this account, or not of this flow.
    :raises BadParameter: no name, or no story.
    :raises Conflict: the flow has another test of this name.
    """
    flow = Flow.objects.select_for_update().get(account_id=account_id, id=flow_id)
    test = FlowTest.objects.get(flow=flow, id=test_id)
    if name is not None:
        test.name = _free_name(test, name)
    if story is not None:
        test.story = _checked_story(flow, story)
    test.author, test.updated_at = author, now
    test.save(update_fields=("name", "story", "author", "updated_at"))
    _record(test, "changed", author, now)
    return test


@transaction.atomic
def delete_test(*, account_id: UUID, flow_id: UUID, test_id: UUID, author: str, now: datetime) -> None:
    """
    Delete a test.

    :raises FlowTest.DoesNotExist: unknown in this account, or not of this flow.
    """
    test = FlowTest.objects.select_for_update().get(account_id=account_id, flow_id=flow_id, id=test_id)
    _record(test, "deleted", author, now)
    test.delete()


def _free_name(test: FlowTest, name: str) -> str:
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise BadParameter(f"name must have 1 to {MAX_NAME} characters")
    if FlowTest.objects.filter(flow_id=test.flow_id, name=name).exclude(id=test.id).exists():
        raise Conflict(f"This flow has a test {name!r} already")
    return name


def _checked_story(flow: Flow, story: object) -> dict[str, Any]:
    """Return a story without its id, after trying to play it on the newest revision."""
    if not isinstance(story, dict):
        raise BadParameter("story must be an object")
    try:
        size = len(orjson.dumps(story))
    except (TypeError, RecursionError) as error:
        raise BadParameter(f"The story cannot be stored: {error}") from error
    if size > MAX_STORY_BYTES:
        raise BadParameter("A story may have 64 kB of text")
    try:
        program = compile_definition(newest_revision(flow).definition)
    except DefinitionError:
        # An unfinished draft: the story is judged when it is played.
        program = None
    if program is not None:
        play(program, story)
    return {key: value for key, value in story.items() if key != "id"}


def _record(test: FlowTest, what: str, author: str, now: datetime) -> None:
    record_audit(
        account_id=test.account_id,
        actor=author,
        action=f"flow_test.{what}",
        subject=test.sid,
        changes={"flow": test.flow.sid, "name": test.name},
        now=now,
    )
