"""``…/Transfers``: JSON or form bodies (reference/interactions.md, 6)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.errors import BadParameter, Conflict, NotFound
from interactions import services
from interactions.api.interactions import InteractionsView
from interactions.api.writing import write_transfer
from interactions.models import InteractionParticipant, Invite, Transfer


class TransferListView(InteractionsView):
    def post(self, request: Request, interaction: str, channel: str) -> Response:
        row = self.channel(interaction, channel)
        params = self.params(request)
        present = InteractionParticipant.objects.filter(channel=row, left_at=None, task_id__isnull=False)
        sid = params.text("from")
        if sid:
            participant = present.filter(id=self._key(sid)).first()
        else:
            # Where one worker is there, nobody else can be meant.
            found = list(present[:2])
            participant = found[0] if len(found) == 1 else None
        if participant is None:
            raise BadParameter("from must be the SID of an agent who takes part")
        participant.channel = row
        transfer = services.start_transfer(
            participant=participant,
            type=params.text("type") or Transfer.Type.COLD,
            to_sid=params.required("to"),
            note=params.text("note", max_length=1000) or "",
            now=clock.now(),
        )
        return Response(write_transfer(self._find(row.id, transfer.sid)), status=201)

    def _key(self, sid: str) -> object:
        try:
            return self.key("UT", sid)
        except NotFound as error:
            raise BadParameter("from must be the SID of an agent who takes part") from error

    def _find(self, channel_id: object, sid: str) -> Transfer:
        rows = Transfer.objects.select_related("channel__interaction", "invite")
        found = rows.filter(channel_id=channel_id, id=self.key("UX", sid)).first()
        if found is None:
            raise NotFound(f"transfer {sid}")
        return found


class TransferView(TransferListView):
    http_method_names = ("get", "post", "options")

    def get(self, request: Request, interaction: str, channel: str, sid: str) -> Response:
        return Response(write_transfer(self._find(self.channel(interaction, channel).id, sid)))

    def post(self, request: Request, interaction: str, channel: str, sid: str) -> Response:  # type: ignore[override]
        """``status``: ``failed`` takes the invitation back, ``completed`` lets who transfers leave."""
        row = self.channel(interaction, channel)
        transfer = self._find(row.id, sid)
        status = self.params(request).required("status", choices=("completed", "failed", "active"))
        if status != transfer.status:
            if status == Transfer.Status.FAILED:
                services.cancel_transfer(transfer=transfer, now=clock.now())
            elif status == Transfer.Status.COMPLETED and transfer.status == Transfer.Status.ACTIVE:
                self._complete(transfer)
            else:
                raise Conflict(f"A transfer that is {transfer.status} cannot become {status}")
        return Response(write_transfer(self._find(row.id, sid)))

    def _complete(self, transfer: Transfer) -> None:
        if transfer.invite.status != Invite.Status.ACCEPTED:
            raise Conflict("Nobody has joined yet")
        participant = InteractionParticipant.objects.select_related("channel__interaction").get(
            id=transfer.participant_id
        )
        services.leave_channel(participant=participant, is_wrapped_up=False, now=clock.now())
