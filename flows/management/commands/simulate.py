"""``manage.py simulate FLOW``: chat with a flow in the terminal; nothing is stored and nothing leaves the machine."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common import clock, ids
from common.http import HttpError, HttpRequest, fetch_sync
from flows import simulation
from flows.engine import DefinitionError, Step, StepWarning, commands, compile_definition, events
from flows.engine.times import read_time
from flows.management.commands.test_flow import load_definition
from flows.models import Flow
from flows.revisions import find_flow_revision

HELP = """Write as the customer. Lines that begin with / are for the simulator:
  /timeout        let the wait of the current widget run out
  /done, /failed  the agents are done with the contact, or could not be reached
  /vars           show the context: flow, contact, trigger, widgets
  /stop           end the execution
  /restart        begin again
  /help, /quit"""


class Command(BaseCommand):
    help = "Chat with a flow in the terminal."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", help="a definition's file, or the SID of a flow here (its newest revision)")
        parser.add_argument("--contact", default=simulation.CONTACT, help="the customer's address")
        parser.add_argument("--channel", default=simulation.CHANNEL, help="our address")
        parser.add_argument("--request", metavar="JSON", help="start by a REST request with these parameters")
        parser.add_argument("--live", action="store_true", help="really make HTTP calls instead of asking for answers")
        parser.add_argument("--steps", action="store_true", help="show each step and its warnings")

    def handle(self, *args: Any, **options: Any) -> None:
        self.options = options
        try:
            self.program = compile_definition(load_definition(options["flow"]))
        except DefinitionError as error:
            raise CommandError(f"{options['flow']} cannot run: {error}") from error
        self.account_id = _account_of(options["flow"])
        self.stdout.write(HELP)
        self._restart()
        while True:
            line = self._read("> ")
            if line is None or line == "/quit":
                return
            self._take(line)

    def _restart(self) -> None:
        self.session = simulation.begin(contact=self.options["contact"], channel=self.options["channel"])
        self.now = clock.now()
        if self.options["request"] is not None:
            parameters = _object(self.options["request"])
            addresses = {"from": self.options["channel"], "to": self.options["contact"]}
            self._give(events.TriggerFired("incomingRequest", {**addresses, "parameters": parameters}))

    def _take(self, line: str) -> None:
        wait = self.session["wait"] or {}
        ref = wait.get("ref", 0)
        match line:
            case "/help":
                self.stdout.write(HELP)
            case "/restart":
                self._restart()
            case "/vars":
                self.stdout.write(json.dumps(self.session["context"], indent=2, ensure_ascii=False))
            case "/stop":
                self._give(events.Stopped())
            case "/timeout" if wait.get("due_at"):
                self.now = max(self.now, read_time(wait["due_at"]))
                self._give(events.TimerFired(ref))
            case "/done" if wait.get("kind") == "handoff":
                self._give(events.HandOffCompleted(ref, {"sid": "WT" + "0" * 32}))
            case "/failed" if wait.get("kind") == "handoff":
                self._give(events.HandOffFailed(ref, "nobody could be reached"))
            case _ if line.startswith("/"):
                self.stdout.write(f"{line} does nothing here (/help)")
            case _:
                self._write(line)

    def _write(self, text: str) -> None:
        if self.session["status"] == "ended":
            # As in production: the next message begins anew.
            self._restart()
        self.now += timedelta(seconds=1)
        payload = {"Body": text, "From": self.options["contact"], "To": self.options["channel"], "NumMedia": "0"}
        if self.session["began"] is None:
            kind = "incomingMessage"
            if self.program.start.leads("incomingConversationMessage"):
                kind = "incomingConversationMessage"
            self._give(events.TriggerFired(kind, payload))
        else:
            self._give(events.ReplyReceived(payload))

    def _give(self, event: events.Event) -> None:
        pending = [event]
        while pending:
            outcome = simulation.advance_simulation(
                self.program, self.session, pending.pop(0), self.now, self._load_flow
            )
            self.session = outcome.session
            if self.options["steps"]:
                self._show_steps(outcome.steps, outcome.warnings)
            for command in outcome.commands:
                answer = self._carry_out(command)
                if answer is not None:
                    pending.append(answer)

    def _carry_out(self, command: commands.Command) -> events.Event | None:
        match command:
            case commands.SendMessage():
                shown = command.body or f"[template {command.content_sid}]"
                self.stdout.write(self.style.SUCCESS(f"< {shown}"))
                if command.media_url:
                    self.stdout.write(self.style.SUCCESS(f"< [media] {command.media_url}"))
            case commands.CallHttp():
                return self._call(command)
            case commands.HandOff():
                attributes = json.dumps(command.attributes, ensure_ascii=False)
                self._note(f"handed to agents ({command.task_channel}): {attributes} (/done or /failed)")
            case commands.StartConversation() | commands.ResumeConversation():
                outputs = {"conversation": {"sid": "CH" + "0" * 32, "state": "active"}}
                return events.ConversationStarted(command.ref, outputs)
            case commands.Redirect():
                self._note(f"redirected to {command.url} (/timeout)")
            case commands.SetTimer():
                self._note(f"waits until {command.due_at:%Y-%m-%d %H:%M:%S} (/timeout)")
            case commands.Finish():
                self._note(f"ended: {command.reason} {command.message}".rstrip())
        return None

    def _call(self, command: commands.CallHttp) -> events.Event:
        self._note(f"HTTP {command.method} {command.url} {command.body}".rstrip())
        if self.options["live"]:
            return _fetch(command)
        line = self._read("  status and body of the answer [200 {}]: ") or "200 {}"
        status, _, body = line.strip().partition(" ")
        if not (status.isdigit() and len(status) == 3):
            return events.HttpFailed(command.ref, line.strip())
        kind = "application/json" if body.startswith(("{", "[")) else "text/plain"
        return events.HttpAnswered(command.ref, int(status), kind, body)

    def _show_steps(self, steps: tuple[Step, ...], warnings: tuple[StepWarning, ...]) -> None:
        for step in steps:
            self._note(f"{step.name} --{step.event}--> {step.transitioned_to}")
        for warning in warnings:
            self.stdout.write(self.style.WARNING(f"! {warning.code} {warning.message}"))

    def _note(self, text: str) -> None:
        self.stdout.write(self.style.NOTICE(f"- {text}"))

    def _read(self, prompt: str) -> str | None:
        try:
            return input(prompt)
        except (EOFError, KeyboardInterrupt):
            return None

    def _load_flow(self, flow_sid: str, which: str) -> tuple[object, int] | None:
        if self.account_id is None:
            return None
        found = find_flow_revision(self.account_id, flow_sid, which)
        return None if found is None else (found.definition, found.revision)


def _account_of(named: str) -> Any:
    """Return the account of a flow's SID, whose other flows it may run; None for a file."""
    flow_id = ids.parse_or_none("FW", named)
    return None if flow_id is None else Flow.objects.filter(id=flow_id).values_list("account_id", flat=True).first()


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--request is not valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise CommandError("--request must be a JSON object")
    return found


def _fetch(command: commands.CallHttp) -> events.Event:
    request = HttpRequest(
        command.method,
        command.url,
        command.headers,
        command.body.encode(),
        timeout_seconds=command.timeout_seconds,
        max_bytes=command.max_response_bytes,
    )
    try:
        answer = fetch_sync(request)
    except HttpError as error:
        return events.HttpFailed(command.ref, str(error))
    headers = dict(answer.headers)
    kind = headers.get("content-type", "")
    return events.HttpAnswered(command.ref, answer.status, kind, answer.body.decode(errors="replace"), headers)
