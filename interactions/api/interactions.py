"""Flex Interactions v1: interactions, their channels, invites and participants (reference/interactions.md)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import CompatView
from common.api.paging import page
from common.api.parsers import Params
from common.errors import ApiError, BadParameter, NotFound
from conversations import services as conversations
from conversations.errors import ConversationClosed
from interactions import services
from interactions.api.reading import ChannelRequest, read_channel, read_routing
from interactions.api.writing import write_channel, write_interaction, write_invite, write_participant
from interactions.errors import ParticipantNotAdded
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite
from interactions.services import RoutingRequest
from routing import queries as routing

MAX_TTID = 64
LEAVE = ("closed", "wrapup")
KINDS = ("supervisor", "external", "agent", "unknown")


class InteractionsView(CompatView):
    """What the views of interactions have in common."""

    def interaction(self, sid: str) -> Interaction:
        rows = Interaction.objects.select_related("channel")
        found = rows.filter(account_id=self.account_id, id=self.key("KD", sid)).first()
        if found is None:
            raise NotFound(f"interaction {sid}")
        return found

    def channel(self, interaction: str, sid: str) -> InteractionChannel:
        rows = InteractionChannel.objects.select_related("interaction")
        keys = {"id": self.key("UO", sid), "interaction_id": self.key("KD", interaction)}
        found = rows.filter(account_id=self.account_id, **keys).first()
        if found is None:
            raise NotFound(f"channel {sid}")
        return found

    @property
    def workspace_id(self) -> UUID | None:
        """The workspace that interactions are routed in."""
        found = routing.default_workspace(self.account_id)
        return None if found is None else found.id

    def write(self, row: Interaction) -> Response:
        first = Invite.objects.filter(channel=row.channel).order_by("id").first()
        task = None if first is None else routing.task(self.account_id, first.task_id)
        return Response(write_interaction(row, task, clock.now()))


class InteractionListView(InteractionsView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        channel = read_channel(params)
        request_ = read_routing(
            params,
            workspace_id=self.workspace_id,
            is_direct=channel.initiated_by == "agent",
        )
        ttid, now = params.text("WebhookTtid", max_length=MAX_TTID) or None, clock.now()
        context = params.text("InteractionContextSid") or None
        if context is not None and ids.parse_or_none("HQ", context) is None:
            raise BadParameter("InteractionContextSid must be a SID that begins with HQ")
        try:
            row = self._make(channel, request_, ttid=ttid, context=context, now=now)
        except ApiError as error:
            services.tell_failure(
                account_id=self.account_id,
                channel_type=channel.type,
                ttid=ttid,
                code=error.code,
                message=error.message,
                now=now,
            )
            raise
        return self.write(self.interaction(row.sid))

    def _make(
        self, channel: ChannelRequest, request: RoutingRequest, *, ttid: str | None, context: str | None, now: datetime
    ) -> Interaction:
        if channel.conversation_id is not None:
            return services.start_interaction(
                account_id=self.account_id,
                conversation_id=channel.conversation_id,
                request=request,
                key=None,
                now=now,
                initiated_by=channel.initiated_by,
                webhook_ttid=ttid,
                context_sid=context,
            )
        return services.begin_contact(
            account_id=self.account_id,
            channel_type=channel.type,
            address=channel.address,
            proxy_address=channel.proxy_address,
            identity=channel.identity,
            request=request,
            initiated_by=channel.initiated_by,
            now=now,
            webhook_ttid=ttid,
            context_sid=context,
        )


class InteractionView(InteractionsView):
    def get(self, request: Request, sid: str) -> Response:
        return self.write(self.interaction(sid))

    def post(self, request: Request, sid: str) -> Response:
        row = self.interaction(sid)
        ttid = self.params(request).text("WebhookTtid", max_length=MAX_TTID)
        if ttid is not None:
            row.webhook_ttid, row.updated_at = ttid or None, clock.now()
            row.save(update_fields=("webhook_ttid", "updated_at"))
        return self.write(row)


class ChannelListView(InteractionsView):
    def get(self, request: Request, interaction: str) -> Response:
        rows = InteractionChannel.objects.filter(interaction=self.interaction(interaction))
        return page(request, rows.select_related("interaction"), key="channels", write=write_channel, order="id")


class ChannelView(InteractionsView):
    def get(self, request: Request, interaction: str, sid: str) -> Response:
        return Response(write_channel(self.channel(interaction, sid)))

    def post(self, request: Request, interaction: str, sid: str) -> Response:
        row = self.channel(interaction, sid)
        params = self.params(request)
        is_parking = params.required("Status", choices=("closed", "inactive")) == "inactive"
        routing_status = Params(params.json_object("Routing") or {}).text("status", choices=LEAVE)
        if is_parking:
            if routing_status != "closed":
                raise BadParameter('Status=inactive needs Routing={"status":"closed"}')
            services.park_channel(channel=row, now=clock.now())
            return Response(write_channel(self.channel(interaction, sid)))
        services.close_channel(channel=row, is_wrapped_up=routing_status == "closed", now=clock.now())
        return Response(write_channel(self.channel(interaction, sid)))


class InviteListView(InteractionsView):
    def get(self, request: Request, interaction: str, channel: str) -> Response:
        rows = Invite.objects.filter(channel=self.channel(interaction, channel)).select_related("channel__interaction")
        return page(request, rows, key="invites", write=self._write, order="id")

    def post(self, request: Request, interaction: str, channel: str) -> Response:
        row = self.channel(interaction, channel)
        request_ = read_routing(self.params(request), workspace_id=self.workspace_id)
        return Response(self._write(services.create_invite(channel=row, request=request_, now=clock.now())))

    def _write(self, row: Invite) -> dict[str, object]:
        return write_invite(row, routing.task(self.account_id, row.task_id), clock.now())


class ParticipantListView(InteractionsView):
    def get(self, request: Request, interaction: str, channel: str) -> Response:
        rows = InteractionParticipant.objects.filter(channel=self.channel(interaction, channel), left_at=None)
        related = rows.select_related("channel__interaction")
        return page(request, related, key="participants", write=write_participant, order="id")

    def post(self, request: Request, interaction: str, channel: str) -> Response:
        row = self.channel(interaction, channel)
        params = self.params(request)
        kind = params.required("Type", choices=KINDS)
        media = Params(params.json_object("MediaProperties") or {})
        identity = media.required("identity", max_length=256)
        routing_ = Params(params.json_object("RoutingProperties") or {})
        if row.conversation_id is None:
            raise BadParameter("The channel has no conversation")
        now = clock.now()
        worker_id = self._own("WK", routing_.text("worker_sid"))
        try:
            conversations.add_participant(
                conversation_id=row.conversation_id,
                kind=kind if kind in ("supervisor", "agent") else "external",
                identity=identity,
                name=identity,
                worker_id=worker_id,
                now=now,
            )
        except (ConversationClosed, ObjectDoesNotExist) as error:
            raise ParticipantNotAdded("The conversation is closed, or was deleted: nobody can be added") from error
        added, is_new = InteractionParticipant.objects.get_or_create(
            account_id=row.account_id,
            channel=row,
            identity=identity,
            left_at=None,
            defaults={
                "type": kind,
                "name": identity,
                "joined_at": now,
                "worker_id": worker_id,
            },
        )
        if is_new:
            services.tell_participant(row, "onParticipantJoined", added, now=now)
        return Response(write_participant(added))

    def _own(self, prefix: str, sid: str | None) -> UUID | None:
        key = ids.parse_or_none(prefix, sid) if sid else None
        if key is None:
            return None
        worker = routing.worker(key)
        if worker is None or worker.account_id != self.account_id:
            raise BadParameter(f"RoutingProperties.worker_sid: there is no worker {sid}")
        return key


class ParticipantView(InteractionsView):
    def post(self, request: Request, interaction: str, channel: str, sid: str) -> Response:
        rows = InteractionParticipant.objects.select_related("channel__interaction")
        row = rows.filter(channel=self.channel(interaction, channel), id=self.key("UT", sid)).first()
        if row is None:
            raise NotFound(f"participant {sid}")
        status = self.params(request).required("Status", choices=LEAVE)
        if not services.leave_channel(participant=row, is_wrapped_up=status == "closed", now=clock.now()):
            raise BadParameter("Only who takes part can leave, and a customer cannot be made to")
        row.refresh_from_db()
        return Response(write_participant(row))
