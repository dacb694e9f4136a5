"""
The Messages API, 2010-04-01: messages over channels, and their media.

Served below ``/2010-04-01`` and ``/api/2010-04-01``, with and without ``.json``. Dates are RFC 2822, lists have the
older envelope, addresses in answers begin at ``/2010-04-01``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponseRedirect
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import queries, services
from channels_app.adapters.segments import segments_of
from channels_app.services.api_messages import status_of
from common import clock, ids
from common.api import CompatView
from common.api.parsers import Params
from common.errors import BadParameter, NotFound
from conversations import queries as conversations
from conversations import services as conversation_services
from conversations.webhooks.parameters import media_sid

if TYPE_CHECKING:
    from channels_app.models import ApiMessage
    from conversations.models import Message, Receipt

ROOT = "/2010-04-01/Accounts"
MAX_SIZE = 1000


class AccountView(CompatView):
    """A view below ``/Accounts/{AccountSid}``: the caller's own, or nothing is there."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.kwargs.pop("account_sid") != self.account_sid:
            raise NotFound(f"resource {request.path}")

    def message_id(self, sid: str) -> UUID:
        """
        Return the key in a message's SID, which begins with SM or, with media, MM.

        :raises NotFound: it is none.
        """
        return self.key("MM" if sid.startswith("MM") else "SM", sid)

    def find(self, sid: str) -> Message | ApiMessage:
        """
        Return a message, or one that is scheduled or cancelled.

        :raises NotFound: unknown in this account.
        """
        key = self.message_id(sid)
        found = conversations.channel_message(self.account_id, key) or queries.pending_api_message(self.account_id, key)
        if found is None:
            raise NotFound(f"resource {self.request.path}")
        return found

    def written(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Return messages as they are answered; what belongs to them is read at once."""
        keys = [row.id for row in rows]
        receipts = conversations.receipts(keys)
        return [
            self.write(row, receipts.get(row.id, ())) if hasattr(row, "conversation_id") else self.write_pending(row)
            for row in rows
        ]

    def write(self, row: Message, receipts: Sequence[Receipt]) -> dict[str, Any]:
        """Return a message of a conversation."""
        conversation = row.conversation
        came = row.source == conversation_services.Source.CUSTOMER
        # Receipts of what came in are of those it was passed on to.
        told = receipts[0] if receipts and not came else None
        ours = conversation.proxy_address
        theirs = row.author if came else str(row.fields.get("to_address") or conversation.customer_address)
        reply = row.source in (conversation_services.Source.FLOW, conversation_services.Source.AGENT)
        return {
            **self._common(row.id, row.body, sum(1 for item in row.media if item)),
            "direction": "inbound" if came else "outbound-reply" if reply else "outbound-api",
            "from": theirs if came else ours,
            "to": ours if came else theirs,
            "status": status_of(row, receipts),
            "error_code": (told.error_code or None) if told else None,
            "error_message": (told.error_message or None) if told else None,
            "date_created": _date(row.created_at),
            "date_updated": _date(told.updated_at if told else row.updated_at or row.created_at),
            "date_sent": _date(row.created_at) if came or told else None,
        }

    def write_pending(self, row: ApiMessage) -> dict[str, Any]:
        """Return a message that is scheduled, or was cancelled."""
        return {
            **self._common(row.id, row.content["body"], len(row.content["media"])),
            "direction": "outbound-api",
            "from": row.sender,
            "to": row.recipient,
            "status": row.state,
            "error_code": None,
            "error_message": None,
            "date_created": _date(row.created_at),
            "date_updated": _date(row.updated_at),
            "date_sent": None,
        }

    def _common(self, key: UUID, body: str, media: int) -> dict[str, Any]:
        sid = ids.sid("MM" if media else "SM", key)
        uri = f"{ROOT}/{self.account_sid}/Messages/{sid}"
        return {
            "sid": sid,
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": body,
            "num_media": str(media),
            "num_segments": str(segments_of(body).count),
            "messaging_service_sid": None,
            "price": None,
            "price_unit": "USD",
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }


class MessagesView(AccountView):
    """``/Messages``."""

    def get(self, request: Request) -> Response:
        params = self.params(request)
        size, number, before = read_page(params)
        sender, recipient = params.text("From") or "", params.text("To") or ""
        since, until = read_dates(params)
        rows: list[Any] = list(
            conversations.channel_messages(
                self.account_id,
                author_or_sender=sender,
                recipient=recipient,
                since=since,
                until=until,
                before=before,
                limit=size + 1,
            )
        )
        if since is None and until is None:
            # What is scheduled has no date of sending.
            rows += queries.pending_api_messages(
                self.account_id, sender=sender, recipient=recipient, before=before, limit=size + 1
            )
        rows.sort(key=lambda row: row.id, reverse=True)
        following = rows[size - 1].id if len(rows) > size else None
        shown = self.written(rows[:size])
        return Response(envelope(request, "messages", shown, size=size, number=number, following=following))

    def post(self, request: Request) -> Response:
        params = self.params(request)
        if not params.text("To"):
            raise BadParameter("A 'To' phone number is required.", code=21604)
        if not params.text("From"):
            raise BadParameter("A 'From' phone number is required.", code=21603)
        content_sid = params.text("ContentSid") or ""
        if content_sid and ids.parse_or_none("HX", content_sid) is None:
            raise BadParameter("ContentSid must be a SID that begins with HX")
        variables = params.json_object("ContentVariables") if params.text("ContentVariables") else None
        send_at = params.moment("SendAt")
        if bool(send_at) != (params.text("ScheduleType", choices=("", "fixed")) == "fixed"):
            raise BadParameter("SendAt and ScheduleType=fixed go together", code=35111)
        key = services.create_message(
            account_id=self.account_id,
            recipient=params.required("To"),
            sender=params.required("From", max_length=256),
            body="" if content_sid else params.text("Body") or "",
            media_urls=[] if content_sid else [url for url in params.texts("MediaUrl") or [] if url],
            content_sid=content_sid,
            content_variables=variables,
            status_callback=params.text("StatusCallback") or "",
            send_at=send_at,
            now=clock.now(),
        )
        (written,) = self.written([self.find(ids.sid("SM", key))])
        return Response(written, status=201)


class MessageView(AccountView):
    """``/Messages/{Sid}``."""

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.written([self.find(sid)])[0])

    def post(self, request: Request, sid: str) -> Response:
        row = self.find(sid)
        params = self.params(request)
        body = params.text("Body")
        if params.text("Status", choices=("", "canceled")):
            services.cancel_message(account_id=self.account_id, message_id=row.id, now=clock.now())
        elif body == "":
            services.redact_message(account_id=self.account_id, message_id=row.id, now=clock.now())
        elif body is not None:
            raise BadParameter("Body can only be emptied")
        return Response(self.written([self.find(sid)])[0])

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_message(account_id=self.account_id, message_id=self.find(sid).id)
        return Response(status=204)


class MediaListView(AccountView):
    """``/Messages/{MessageSid}/Media``."""

    def get(self, request: Request, message_sid: str) -> Response:
        params = self.params(request)
        size, number, before = read_page(params)
        row = self.find(message_sid)
        since, until = read_dates(params, name="DateCreated")
        fits = (since is None or row.created_at >= since) and (until is None or row.created_at < until)
        shown = [item for _, item in self.media(row, message_sid)] if fits and before is None else []
        return Response(envelope(request, "media_list", shown[:size], size=size, number=number, following=None))

    def media(self, row: Any, message_sid: str) -> list[tuple[int, dict[str, Any]]]:
        """Return a message's media by their places."""
        if not hasattr(row, "conversation_id"):
            return []
        return [
            (place, self.write_medium(row, message_sid, place, item)) for place, item in enumerate(row.media) if item
        ]

    def write_medium(self, row: Message, message_sid: str, place: int, item: dict[str, Any]) -> dict[str, Any]:
        """Return one medium."""
        sid = media_sid(row.id, place, item)
        return {
            "sid": sid,
            "account_sid": self.account_sid,
            "parent_sid": message_sid,
            "content_type": item.get("content_type") or None,
            "date_created": _date(row.created_at),
            "date_updated": _date(row.updated_at or row.created_at),
            "uri": f"{ROOT}/{self.account_sid}/Messages/{message_sid}/Media/{sid}.json",
        }


class MediumView(MediaListView):
    """``/Messages/{MessageSid}/Media/{Sid}``; without ``.json`` the medium itself."""

    as_content = False

    def get(self, request: Request, message_sid: str, sid: str) -> Any:
        row, place, written = self.medium(message_sid, sid)
        if self.as_content:
            until = clock.now() + conversation_services.media.SHORTLY
            return HttpResponseRedirect(conversation_services.media.url_of(row.media[place], until=until))
        return Response(written)

    def delete(self, request: Request, message_sid: str, sid: str) -> Response:
        row, place, _ = self.medium(message_sid, sid)
        conversation_services.remove_medium(message_id=row.id, number=place, now=clock.now())
        return Response(status=204)

    def medium(self, message_sid: str, sid: str) -> tuple[Any, int, dict[str, Any]]:
        """
        Return a message, and the place and the resource of one of its media.

        :raises NotFound: there is none.
        """
        row = self.find(message_sid)
        for place, written in self.media(row, message_sid):
            if written["sid"] == sid:
                return row, place, written
        raise NotFound(f"resource {self.request.path}")


def read_page(params: Params) -> tuple[int, int, UUID | None]:
    """
    Return the size and number of a page, and the key it begins after.

    :raises BadParameter: malformed.
    """
    size = params.integer("PageSize", least=1, most=10**9)
    token = params.text("PageToken")
    before = ids.parse_or_none("PA", token) if token else None
    if token and before is None:
        raise BadParameter("PageToken is malformed")
    return min(size or 50, MAX_SIZE), params.integer("Page", least=0, most=10**9) or 0, before


def read_dates(params: Params, *, name: str = "DateSent") -> tuple[datetime | None, datetime | None]:
    """
    Return the moments from which and before which messages are wanted: a day, or ``<`` and ``>`` with a date or time.

    :raises BadParameter: no date.
    """
    since, until = params.moment(f"{name}>"), params.moment(f"{name}<")
    day = params.moment(name)
    if day is not None:
        start = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        since = max(since or start, start)
        until = min(until or start + timedelta(days=1), start + timedelta(days=1))
    return since, until


def envelope(
    request: Request, key: str, shown: list[dict[str, Any]], *, size: int, number: int, following: UUID | None
) -> dict[str, Any]:
    """Return a list as the 2010 API does."""
    path = request.path.removeprefix("/api")
    path = path if path.endswith(".json") else path + ".json"
    kept = [
        (name, value)
        for name, values in request.query_params.lists()
        for value in values
        if name not in ("PageToken", "Page", "PageSize")
    ]

    def uri(**more: str) -> str:
        return f"{path}?{urlencode([*kept, ('PageSize', str(size)), *more.items()])}"

    first = uri(Page="0")
    here = {name: request.query_params[name] for name in ("Page", "PageToken") if name in request.query_params}
    start = number * size
    return {
        key: shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "uri": uri(**(here or {"Page": "0"})),
        "first_page_uri": first,
        "previous_page_uri": None if number == 0 else first,
        "next_page_uri": None if following is None else uri(Page=str(number + 1), PageToken=ids.sid("PA", following)),
    }


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))
