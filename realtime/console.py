"""
``/ws/console/``: a console's socket (docs/contracts.md §6).

It hears of the worker's own reservations and activity, of the conversations of open reservations, and of those the
browser watches; a supervisor's page hears of the whole floor. Browsers send the session's cookie whosever page opens
the socket, so the page's origin is checked.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, ClassVar
from uuid import UUID

from common import clock, ids
from common.api.app import AGENT
from common.errors import BadParameter, Forbidden
from common.limits import Bucket
from conversations import queries as conversations
from conversations import services
from conversations.services import State
from interactions import queries as interactions
from realtime import access, database, desk, groups, transcript, work
from realtime.frames import FORBIDDEN, REFUSED, Command, is_own_origin, session_key, user_of
from realtime.gathered import Gathered
from realtime.hints import Hints
from realtime.sockets import PAGE, JsonSocket, stands_at
from routing import queries as routing

MOST_WATCHED = 200
SESSION_CHECK_SECONDS = 60.0
DOES = ("looking", "writing", "gone")
# As long as a reading of the wallboard is kept.
FLOOR_SECONDS = 2.0

RESERVATIONS = Gathered(desk.read_reservations)
HELD = Gathered(routing.held_statuses)


class ConsoleSocket(JsonSocket):
    """One tab of one user."""

    looks_around = True
    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typing = Bucket(per_second=2, burst=5)
        self.presence = Bucket(per_second=2, burst=10)
        # The conversation that this tab has on the screen.
        self.looks_at: UUID | None = None
        self.watched: set[UUID] = set()
        # Status of the open reservations the browser was told of, and the conversation of each.
        self.open: dict[str, str] = {}
        self.threads: dict[str, UUID] = {}
        self.states: dict[UUID, str] = {}
        self.session_checked_at = time.monotonic()
        self.work_on_floor = Hints(self._tell_work_on_floor, FLOOR_SECONDS)
        self.sees_floor = False

    @property
    def worker_id(self) -> UUID | None:
        return self.user.worker_id

    async def connect(self) -> None:
        if is_own_origin(dict(self.scope["headers"])):
            await super().connect()
        else:
            # Before it was accepted: the handshake is answered 403.
            await self.close(FORBIDDEN)

    async def begin(self) -> bool:
        self.session_key = session_key(dict(self.scope["headers"]))
        self.user = await database.run(user_of, self.session_key)
        if self.user is None:
            await self.close(REFUSED)
            return False
        worker_sid = None if self.worker_id is None else ids.sid("WK", self.worker_id)
        if self.worker_id is not None:
            await self.channel_layer.group_add(groups.worker(self.worker_id), self.channel_name)
            for told in await database.run(desk.snapshot, self.worker_id, now=clock.now()):
                await self._note(told)
        await self.send_value({"type": "hello", "worker_sid": worker_sid})
        return True

    async def disconnect(self, code: int) -> None:
        if self.looks_at is not None:
            await self._tell_colleagues(self.looks_at, "gone")
        user = getattr(self, "user", None)
        if user is not None and user.worker_id is not None:
            await self.channel_layer.group_discard(groups.worker(user.worker_id), self.channel_name)
        self.work_on_floor.end()
        if self.sees_floor:
            await self.channel_layer.group_discard(groups.floor(self.user.account_id), self.channel_name)
        for conversation_id in list(self.followed):
            await self.channel_layer.group_discard(groups.inside(conversation_id), self.channel_name)
        await super().disconnect(code)

    async def watch(self, data: dict[str, Any]) -> None:
        """Hear of a conversation; ``after``: the newest index the browser has, to be sent what it lacks."""
        conversation_id = _conversation_id(data)
        if len(self.watched) >= MOST_WATCHED:
            raise BadParameter(f"At most {MOST_WATCHED} conversations can be watched at once")
        await database.run(access.visible_conversation, self.user, conversation_id)
        self.watched.add(conversation_id)
        await self._follow_from_now(conversation_id)
        after = data.get("after")
        if isinstance(after, int) and not isinstance(after, bool):
            self.followed[conversation_id] = min(max(after, -1), self.followed[conversation_id])
            await self.catch_up(conversation_id)

    async def unwatch(self, data: dict[str, Any]) -> None:
        conversation_id = _conversation_id(data)
        self.watched.discard(conversation_id)
        await self._let_go(conversation_id)

    async def take_typing(self, data: dict[str, Any]) -> None:
        """Tell the others that the agent types; only who takes part may."""
        conversation_id = _conversation_id(data)
        if self.worker_id is None or not self.typing.take():
            return
        mine = await database.run(conversations.participations, self.worker_id, [conversation_id])
        if conversation_id not in mine:
            raise Forbidden("Only who takes part in a conversation can write in it")
        services.announce_typing(
            account_id=self.user.account_id,
            conversation_id=conversation_id,
            author=mine[conversation_id].identity or "",
            kind=mine[conversation_id].kind,
        )

    async def here(self, data: dict[str, Any]) -> None:
        """Tell colleagues who have the conversation too that the agent looks at it, writes, or has turned away."""
        conversation_id = _conversation_id(data)
        does = data.get("does")
        if does not in DOES:
            raise BadParameter(f"does must be one of {', '.join(DOES)}")
        # Who looks on from elsewhere is not shown; so no question to the database is needed.
        mine = {self.threads.get(sid) for sid, status in self.open.items() if status != "pending"}
        if conversation_id not in mine or not self.presence.take():
            return
        self.looks_at = None if does == "gone" else conversation_id
        await self._tell_colleagues(conversation_id, does)

    async def watch_floor(self, data: dict[str, Any]) -> None:
        """Hear that something changed on the floor, in any conversation."""
        if self.user.role == AGENT:
            raise Forbidden("Only supervisors see the floor")
        self.sees_floor = True
        await self.channel_layer.group_add(groups.floor(self.user.account_id), self.channel_name)

    async def ping(self, data: dict[str, Any]) -> None:
        await self.send_value({"type": "pong"})

    commands: ClassVar[dict[str, Command]] = {
        "watch": watch,
        "unwatch": unwatch,
        "watch_floor": watch_floor,
        "typing": take_typing,
        "here": here,
        "ping": ping,
    }

    async def read_messages(self, conversation_id: UUID, after: int) -> list[dict[str, Any]]:
        return await database.run(_read, self.user.account_id, conversation_id, after, self._author_id)

    @property
    def _author_id(self) -> UUID:
        return self.worker_id or self.user.id

    async def send_message(self, conversation_id: UUID, message: dict[str, Any]) -> None:
        sid = ids.sid("CH", conversation_id)
        await self.send_value({"type": "message", "conversation_sid": sid, "message": message})

    async def state_changed(self, event: dict[str, Any]) -> None:
        conversation_id = UUID(event["conversation_id"])
        # The sweep tells it again and again.
        if self.states.get(conversation_id) == event["state"]:
            return
        self.states[conversation_id] = event["state"]
        if event["state"] == State.CLOSED:
            await self.catch_up(conversation_id)
        sid = ids.sid("CH", conversation_id)
        await self.send_value({"type": "conversation", "conversation_sid": sid, "state": event["state"]})
        if event["state"] == State.CLOSED:
            await self._let_go(conversation_id)

    async def follow(self, conversation_id: UUID, index: int) -> None:
        """Hear of a conversation also what colleagues say about it."""
        await self.channel_layer.group_add(groups.inside(conversation_id), self.channel_name)
        await super().follow(conversation_id, index)

    async def unfollow(self, conversation_id: UUID) -> None:
        if conversation_id in self.followed:
            await self.channel_layer.group_discard(groups.inside(conversation_id), self.channel_name)
        await super().unfollow(conversation_id)

    async def internal_added(self, event: dict[str, Any]) -> None:
        """From the group of colleagues: read the note or whisper, and tell it to whom it is for."""
        row = await database.run(conversations.internal_message, UUID(event["internal_message_id"]))
        if row is None or not access.may_read(self.user, row):
            return
        (told,) = transcript.write_internal([row], author_id=self._author_id)
        sid = ids.sid("CH", row.conversation_id)
        await self.send_value({"type": "internal", "conversation_sid": sid, "message": told})

    async def colleague_here(self, event: dict[str, Any]) -> None:
        """From the group of colleagues; this agent's other tabs say nothing new."""
        if event["user_sid"] == self.user.sid:
            return
        sid = ids.sid("CH", UUID(event["conversation_id"]))
        told = {name: event[name] for name in ("user_sid", "name", "does")}
        await self.send_value({"type": "colleague", "conversation_sid": sid, **told})

    async def work_changed(self, event: dict[str, Any]) -> None:
        """From the group of colleagues, or the worker's own: the browser reads what goes on around a conversation."""
        sid = ids.sid("CH", UUID(event["conversation_id"]))
        told: dict[str, Any] = {"type": "work", "conversation_sid": sid, "transfer": None}
        if event["transfer_id"] is not None and self.worker_id is not None:
            row = await database.run(interactions.transfer, self.user.account_id, UUID(event["transfer_id"]))
            if row is not None and row.worker_id == self.worker_id:
                told["transfer"] = work.transfer(row, worker_id=self.worker_id)
        await self.send_value(told)

    async def floor_changed(self, event: dict[str, Any]) -> None:
        """From the floor's group: calls for help at once, what comes in crowds now and then."""
        if event["what"] == "work":
            self.work_on_floor.give()
        else:
            await self.send_value({"type": "floor", "what": event["what"]})

    async def _tell_work_on_floor(self) -> None:
        await self.send_value({"type": "floor", "what": "work"})

    async def receipt_updated(self, event: dict[str, Any]) -> None:
        sid = ids.sid("CH", UUID(event["conversation_id"]))
        told = {"index": event["index"], "delivery": event["delivery"]}
        await self.send_value({"type": "receipt", "conversation_sid": sid, **told})

    async def media_updated(self, event: dict[str, Any]) -> None:
        sid = ids.sid("CH", UUID(event["conversation_id"]))
        told = {"index": event["index"], "media": event["media"]}
        await self.send_value({"type": "media", "conversation_sid": sid, **told})

    async def typing_started(self, event: dict[str, Any]) -> None:
        sid = ids.sid("CH", UUID(event["conversation_id"]))
        await self.send_value({"type": "typing", "conversation_sid": sid, "author": event["author"]})

    async def reservation_changed(self, event: dict[str, Any]) -> None:
        """From the worker's group: read what became of a reservation and tell it."""
        await self._tell_reservations([UUID(event["reservation_id"])])

    async def activity_changed(self, event: dict[str, Any]) -> None:
        """From the worker's group."""
        row = await database.run(routing.worker, self.worker_id)
        if row is not None:
            await self.send_value({"type": "activity", "worker": desk.worker(row)})

    async def look_around(self) -> None:
        """From the sweep: tell reservations whose hint was lost, and end with the log-in."""
        if time.monotonic() - self.session_checked_at > SESSION_CHECK_SECONDS:
            self.session_checked_at = time.monotonic()
            if await database.run(user_of, self.session_key) is None:
                await self.close(REFUSED)
                return
        if self.worker_id is None:
            return
        held = await HELD.get(self.worker_id) or {}
        now_open = {ids.sid("WR", key): status for key, status in held.items()}
        known = dict(self.open)
        different = [sid for sid in now_open.keys() | known.keys() if now_open.get(sid) != known.get(sid)]
        if different:
            await self._tell_reservations([ids.parse("WR", sid) for sid in different])

    async def _tell_colleagues(self, conversation_id: UUID, does: str) -> None:
        told = {"type": "colleague.here", "conversation_id": conversation_id.hex, "does": does}
        who = {"user_sid": self.user.sid, "name": self.user.display_name}
        await self.channel_layer.group_send(groups.inside(conversation_id), {**told, **who})

    async def _tell_reservations(self, reservation_ids: list[UUID]) -> None:
        for told in await asyncio.gather(*map(RESERVATIONS.get, sorted(reservation_ids))):
            if told is not None:
                await self._note(told)
                await self.send_value({"type": "reservation", "reservation": told})

    async def _note(self, told: dict[str, Any]) -> None:
        """Hear of a reservation's conversation for as long as it is open."""
        sid, thread = told["sid"], told["conversation"]
        conversation_id = ids.parse("CH", thread["sid"]) if thread else None
        if told["status"] in desk.OPEN:
            self.open[sid] = told["status"]
            if conversation_id is not None:
                self.threads[sid] = conversation_id
                await self._follow_from_now(conversation_id)
            return
        self.open.pop(sid, None)
        left = self.threads.pop(sid, None)
        # Who was in the conversation hears it end, which may come after the reservation's own end.
        if left is not None and (told["status"] != "completed" or self.states.get(left) == State.CLOSED):
            await self._let_go(left)

    async def _follow_from_now(self, conversation_id: UUID) -> None:
        if conversation_id in self.followed:
            return
        # First hear, then look where the conversation is: what is said in between is not missed.
        await self.follow(conversation_id, -1)
        self.followed[conversation_id], self.states[conversation_id] = await stands_at(conversation_id)

    async def _let_go(self, conversation_id: UUID) -> None:
        if conversation_id not in self.watched and conversation_id not in self.threads.values():
            self.states.pop(conversation_id, None)
            await self.unfollow(conversation_id)


def _conversation_id(data: dict[str, Any]) -> UUID:
    sid = data.get("conversation_sid")
    found = ids.parse_or_none("CH", sid if isinstance(sid, str) else None)
    if found is None:
        raise BadParameter("conversation_sid must be a conversation's SID")
    return found


def _read(account_id: UUID, conversation_id: UUID, after: int, author_id: UUID) -> list[dict[str, Any]]:
    conversation = conversations.find_conversation(account_id, conversation_id)
    if conversation is None:
        # Deleted meanwhile; that it is closed is still told.
        return []
    return transcript.read(conversation, after=after, limit=PAGE, author_id=author_id)
