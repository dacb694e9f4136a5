"""
``/ws/builder/?flow=FW…``: who else has a flow open in the builder, and that it was saved (docs/contracts.md §6).

Nothing is stored: each tab says where it is, the others of the group hear it, and who comes asks the rest to say it
again. So a tab that is gone without a word is forgotten by the others when it has been silent for a while.
"""

from __future__ import annotations

import secrets
import time
from typing import Any, ClassVar
from urllib.parse import parse_qs
from uuid import UUID

from common import ids
from common.api.app import ADMIN
from common.errors import BadParameter
from flows import queries as flows
from realtime import database, groups
from realtime.frames import FORBIDDEN, NOT_FOUND, REFUSED, Command, JsonFrames, is_own_origin, session_key, user_of

SESSION_CHECK_SECONDS = 60.0
MOST_WIDGETS = 20
MAX_NAME = 256


class BuilderSocket(JsonFrames):
    """One tab that has a flow open."""

    user: Any
    flow_id: UUID | None = None
    place: dict[str, Any]

    async def connect(self) -> None:
        if is_own_origin(dict(self.scope["headers"])):
            await super().connect()
        else:
            await self.close(FORBIDDEN)

    async def begin(self) -> bool:
        self.session_key = session_key(dict(self.scope["headers"]))
        self.checked_at = time.monotonic()
        self.editor = secrets.token_hex(6)
        self.place = {"widgets": []}
        self.user = await database.run(user_of, self.session_key)
        if self.user is None or self.user.role != ADMIN:
            await self.close(REFUSED)
            return False
        asked = parse_qs(self.scope["query_string"].decode("latin-1")).get("flow", [""])[0]
        flow_id = ids.parse_or_none("FW", asked)
        if flow_id is None or not await database.run(_has_flow, self.user.account_id, flow_id):
            await self.close(NOT_FOUND)
            return False
        self.flow_id = flow_id
        await self.channel_layer.group_add(groups.flow(flow_id), self.channel_name)
        await self.send_value({"type": "hello", "editor": self.editor})
        await self._tell("editor.asked", {})
        return True

    async def disconnect(self, code: int) -> None:
        if self.flow_id is not None:
            await self._tell("editor.left", {})
            await self.channel_layer.group_discard(groups.flow(self.flow_id), self.channel_name)

    async def here(self, data: dict[str, Any]) -> None:
        """Where this tab is: the widgets that are selected in it. Sent again now and then, to show that it is there."""
        widgets = data.get("widgets")
        if not isinstance(widgets, list) or not all(
            isinstance(name, str) and len(name) <= MAX_NAME for name in widgets
        ):
            raise BadParameter("widgets must be a list of names")
        self.place = {"widgets": widgets[:MOST_WIDGETS]}
        if time.monotonic() - self.checked_at > SESSION_CHECK_SECONDS:
            self.checked_at = time.monotonic()
            if await database.run(user_of, self.session_key) is None:
                await self.close(REFUSED)
                return
        await self._say_here()

    async def ping(self, data: dict[str, Any]) -> None:
        await self.send_value({"type": "pong"})

    commands: ClassVar[dict[str, Command]] = {"here": here, "ping": ping}

    async def _say_here(self) -> None:
        name = self.user.display_name
        await self._tell("editor.here", {"user_sid": self.user.sid, "name": name, **self.place})

    async def _tell(self, kind: str, what: dict[str, Any]) -> None:
        if self.flow_id is not None:
            told = {"type": kind, "editor": self.editor, **what}
            await self.channel_layer.group_send(groups.flow(self.flow_id), told)

    async def editor_asked(self, event: dict[str, Any]) -> None:
        """From the group: somebody came, and does not know of this tab."""
        if event["editor"] != self.editor:
            await self._say_here()

    async def editor_here(self, event: dict[str, Any]) -> None:
        """From the group."""
        if event["editor"] != self.editor:
            await self.send_value({**event, "type": "editor"})

    async def editor_left(self, event: dict[str, Any]) -> None:
        """From the group."""
        if event["editor"] != self.editor:
            await self.send_value({**event, "type": "left"})

    async def flow_saved(self, event: dict[str, Any]) -> None:
        """From the group: a new revision, this tab's own included."""
        await self.send_value({**event, "type": "saved"})


def _has_flow(account_id: UUID, flow_id: UUID) -> bool:
    return flow_id in flows.flow_names(account_id)
