"""``/app/v1/supervisor``: one conversation, one task, and who asks for help."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.errors import Conflict, NotFound
from conversations import queries as conversations
from interactions import queries as interactions
from interactions.errors import ChannelClosed
from routing import queries as routing
from routing.errors import TransitionRefused
from supervision import floor, queries, services, wallboard
from supervision.api.base import SupervisorView, optional_key


class WatchView(SupervisorView):
    """A supervisor looks on: every 20 seconds, as long as the conversation is on the screen."""

    def post(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        mine = services.watch(actor=self.actor, conversation_id=row.id, now=self.now)
        people = conversations.participants(row.id)
        help_ = queries.help_in([row.id]).get(row.id)
        tasks = interactions.tasks_of_conversation(row.id)
        return Response(
            {
                "customer": floor.customer_name(routing.task(self.account_id, tasks[-1]) if tasks else None, row),
                "is_private": mine.is_private,
                "has_barged_in": any(each.identity == self.actor.identity for each in people),
                "agents": [each.name or each.identity for each in people if each.kind == "agent"],
                "can_take_over": self.actor.worker_id is not None and row.state != "closed",
                "watchers": [
                    name for user, name in queries.watchers([row.id], self.now)[row.id] if user != self.actor.user_id
                ],
                "help": wallboard.help_json(help_) if help_ else None,
            }
        )

    def delete(self, request: Request, sid: str) -> Response:
        services.stop_watching(actor=self.actor, conversation_id=self.conversation(sid).id)
        return Response(status=204)


class BargeView(SupervisorView):
    def post(self, request: Request, sid: str) -> Response:
        services.barge_in(actor=self.actor, conversation_id=self.conversation(sid).id, now=self.now)
        return Response(status=204)

    def delete(self, request: Request, sid: str) -> Response:
        services.leave(actor=self.actor, conversation_id=self.conversation(sid).id, now=self.now)
        return Response(status=204)


class TakeOverView(SupervisorView):
    def post(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        try:
            task_id = services.take_over(actor=self.actor, conversation_id=row.id, now=self.now)
        except (ChannelClosed, TransitionRefused) as error:
            raise Conflict(error.message) from error
        held = routing.reservation_of_task(task_id)
        return Response({"task_sid": ids.sid("WT", task_id), "reservation_sid": None if held is None else held.sid})


class TaskView(SupervisorView):
    """``{action: requeue | end, outcome, queue_sid?}``."""

    def post(self, request: Request, sid: str) -> Response:
        task_id = self.key("WT", sid)
        params = self.params(request)
        outcome = params.text("outcome") or ""
        queue_id = optional_key(params, "queue_sid", "WQ")
        if queue_id is not None and queue_id not in {row.id for row in routing.task_queues(self.account_id)}:
            raise NotFound("task queue")
        try:
            if params.required("action", choices=("requeue", "end")) == "end":
                services.cancel_or_complete(actor=self.actor, task_id=task_id, outcome=outcome, now=self.now)
                return Response(status=204)
            new = services.put_back(actor=self.actor, task_id=task_id, queue_id=queue_id, outcome=outcome, now=self.now)
        except (ChannelClosed, TransitionRefused) as error:
            # It moved on while the supervisor looked at it.
            raise Conflict(error.message) from error
        return Response({"task_sid": ids.sid("WT", new)})


class HelpListView(SupervisorView):
    def get(self, request: Request) -> Response:
        return Response({"help": [wallboard.help_json(row) for row in queries.open_help(self.account_id)]})


class HelpView(SupervisorView):
    def post(self, request: Request, sid: str) -> Response:
        row = services.accept_help(actor=self.actor, help_id=self.key("HR", sid), now=self.now)
        wallboard.forget(self.account_id)
        return Response(wallboard.help_json(row))

    def delete(self, request: Request, sid: str) -> Response:
        """The supervisor says that it is settled."""
        row = services.accept_help(actor=self.actor, help_id=self.key("HR", sid), now=self.now)
        services.close_help(
            account_id=self.account_id, conversation_id=row.conversation_id, worker_id=row.worker_id, now=self.now
        )
        wallboard.forget(self.account_id)
        return Response(status=204)


class CoachingView(AppView):
    """The agent's side: who looks on (where that is not private), and the agent's own request for help."""

    def get(self, request: Request, sid: str) -> Response:
        return Response(self._told(request, self._conversation_id(request, sid)))

    def post(self, request: Request, sid: str) -> Response:
        conversation_id = self._conversation_id(request, sid)
        user = request.user
        tasks = interactions.tasks_of_conversation(conversation_id)
        mine = [row.task_id for row in routing.open_reservations(user.worker_id) if row.task_id in tasks]
        services.ask_for_help(
            account_id=user.account_id,
            conversation_id=conversation_id,
            worker_id=user.worker_id,
            task_id=mine[0] if mine else None,
            agent_name=user.display_name,
            note=(self.params(request).text("note") or "").strip(),
            now=clock.now(),
        )
        wallboard.forget(user.account_id)
        return Response(self._told(request, conversation_id))

    def delete(self, request: Request, sid: str) -> Response:
        conversation_id = self._conversation_id(request, sid)
        services.close_help(
            account_id=request.user.account_id,
            conversation_id=conversation_id,
            worker_id=request.user.worker_id,
            now=clock.now(),
        )
        wallboard.forget(request.user.account_id)
        return Response(self._told(request, conversation_id))

    def _conversation_id(self, request: Request, sid: str):
        """:raises NotFound: unknown, another account's, or one that the user's worker takes no part in."""
        key = self.key("CH", sid)
        found = conversations.find_conversation(request.user.account_id, key)
        worker_id = request.user.worker_id
        if found is None or worker_id is None or not conversations.participations(worker_id, [key]):
            raise NotFound("conversation")
        return key

    def _told(self, request: Request, conversation_id):
        row = queries.own_help(request.user.worker_id, conversation_id)
        watching = queries.watchers([conversation_id], clock.now(), for_agents=True).get(conversation_id, [])
        return {
            "help": wallboard.help_json(row) if row else None,
            "watchers": [name for user, name in watching if user != request.user.id],
        }
