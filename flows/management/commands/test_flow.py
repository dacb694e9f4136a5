"""``manage.py test_flow FLOW STORIES``: play stories on a flow, without a network, and say what differs."""

from __future__ import annotations

import json
import re
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml
from django.core.management.base import BaseCommand, CommandError

from common import ids
from flows.engine import DefinitionError, compile_definition
from flows.engine.importer import import_definition
from flows.engine.stories import Coverage, MalformedStory, StoryResult
from flows.engine.story_player import play_story
from flows.limits import LIMITS
from flows.models import Flow
from flows.revisions import find_revision


@dataclass(frozen=True, slots=True)
class Played:
    """A story's result, and how long it took."""

    result: StoryResult
    seconds: float


class Command(BaseCommand):
    help = "Play stories (JSON or YAML) on a flow; ends with 1 where one does not hold."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", help="a definition's file, or the SID of a flow here (its newest revision)")
        parser.add_argument(
            "stories", type=Path, help="a file with one story or a list; those of another ``flow`` are left out"
        )
        parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results as JUnit XML too")
        parser.add_argument("--only", metavar="ID", action="append", help="play the story of this id only; repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        definition = load_definition(options["flow"])
        try:
            program = compile_definition(definition)
        except DefinitionError as error:
            raise CommandError(f"{options['flow']} cannot run: {error}") from error
        stories = load_stories(options["stories"], flow=Path(options["flow"]).name, only=options["only"])
        coverage = Coverage()
        results = []
        for story in stories:
            started = time.perf_counter()
            try:
                result = play_story(program, story, LIMITS)
            except (DefinitionError, MalformedStory, AttributeError, KeyError, TypeError, ValueError) as error:
                raise CommandError(f"The story {story.get('id')!r} cannot be played: {error}") from error
            coverage.add(result.coverage)
            results.append(Played(result, time.perf_counter() - started))
            self._tell(result)
        self._summarise(results, coverage.report(definition))
        if options["junit"]:
            options["junit"].write_bytes(junit(options["flow"], results))
        if not all(played.result.passed for played in results):
            raise SystemExit(1)

    def _tell(self, result: StoryResult) -> None:
        if result.passed:
            self.stdout.write(self.style.SUCCESS("ok    ") + result.id)
            return
        self.stdout.write(self.style.ERROR("FAILED") + f" {result.id}")
        for difference in result.differences:
            self.stdout.write(f"         {difference.what}")
            self.stdout.write(f"           expected {_shown(difference.expected)}")
            self.stdout.write(f"           got      {_shown(difference.actual)}")
        for kind, text in result.transcript:
            self.stdout.write(f"         {_MARKS[kind]} {text}")

    def _summarise(self, results: list[Played], report: Mapping[str, Any]) -> None:
        failed = sum(not played.result.passed for played in results)
        self.stdout.write("")
        self.stdout.write(f"{len(results)} stories, {failed} failed")
        for what in ("widgets", "transitions"):
            part = report[what]
            self.stdout.write(f"{what}: {part['visited']} of {part['total']} visited")
            for missed in part["missed"]:
                name = missed if isinstance(missed, str) else f"{missed[0]} by {missed[2]}"
                self.stdout.write(f"  not visited: {name}")


_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_MARKS = {"in": ">", "out": "<", "note": "-"}


def load_definition(named: str) -> Any:
    """
    Return the definition in a file (an export of today's or of the old format), or the newest one of a flow here.

    :raises CommandError: neither is there.
    """
    path = Path(named)
    if path.is_file():
        try:
            return import_definition(_load(path)).definition
        except ValueError as error:
            raise CommandError(f"{named}: {error}") from error
    flow_id = ids.parse_or_none("FW", named)
    flow = None if flow_id is None else Flow.objects.filter(id=flow_id).first()
    if flow is None:
        raise CommandError(f"{named} is neither a file nor the SID of a flow")
    return find_revision(flow, "LatestRevision").definition


def load_stories(path: Path, *, flow: str, only: list[str] | None) -> list[Mapping[str, Any]]:
    """
    Return the stories in a file; of those that name a ``flow``, the ones of this flow's file.

    ``only`` are ids to choose by.

    :raises CommandError: no such file, no stories for the flow, or no story of an id.
    """
    if not path.is_file():
        raise CommandError(f"There is no file {path}")
    data = _load(path)
    stories = data if isinstance(data, list) else [data]
    if not all(isinstance(story, Mapping) for story in stories):
        raise CommandError(f"{path} must hold a story or a list of stories")
    stories = [story for story in stories if story.get("flow", flow) == flow]
    if not stories:
        raise CommandError(f"{path} has no story for {flow}")
    if only is not None:
        known = {story.get("id") for story in stories}
        unknown = [name for name in only if name not in known]
        if unknown:
            raise CommandError(f"{path} has no story {', '.join(unknown)}")
        stories = [story for story in stories if story.get("id") in only]
    return stories


def _load(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix in (".yaml", ".yml"):
            return yaml.safe_load(text)
        return json.loads(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def junit(suite: str, results: list[Played]) -> bytes:
    """Return results as a JUnit XML document; each story is a test case of the suite named after the flow."""
    name = Path(suite).name
    root = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(results)),
        failures=str(sum(not played.result.passed for played in results)),
        errors="0",
        time=f"{sum(played.seconds for played in results):.4f}",
    )
    for played in results:
        result = played.result
        case = ElementTree.SubElement(
            root, "testcase", classname=name, name=_xml_text(result.id), time=f"{played.seconds:.4f}"
        )
        if not result.passed:
            lines = [str(difference) for difference in result.differences]
            failure = ElementTree.SubElement(case, "failure", message=_xml_text(lines[0]))
            failure.text = _xml_text("\n".join(lines))
        transcript = "\n".join(f"{_MARKS[kind]} {text}" for kind, text in result.transcript)
        ElementTree.SubElement(case, "system-out").text = _xml_text(transcript)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _xml_text(text: str) -> str:
    # XML 1.0 has no way to write most control characters; customers can send them.
    return _NOT_XML.sub("\ufffd", text)
