"""Hand the answer to TwiML elsewhere, and wait for control to come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from flows.engine.commands import Redirect
from flows.engine.events import Event, RedirectReturned, TimerFired
from flows.engine.payloads import message_fields
from flows.engine.problems import HTTP_MALFORMED
from flows.engine.templates import Template
from flows.engine.widget import Advance, Result, Visit, Wait, Widget
from flows.widgets.make_http_request import Address, BadUrl
from flows.widgets.properties import number_or, text

DEFAULT_TIMEOUT_SECONDS = 14400


@dataclass(frozen=True, slots=True)
class AddTwimlRedirect(Widget):
    """
    Leave by ``return`` with the fields of the request that brings control back, by ``timeout`` when none comes.

    A timeout of 0 does not wait: it leaves by ``timeout`` at once. An address that is none leaves by ``fail``; an HTTP
    error of the target does not, since others fetch it.
    """

    type_name: ClassVar[str] = "add-twiml-redirect"

    url: Template
    method: Template
    timeout: Template

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        return cls(
            url=text(properties, "url"),
            method=text(properties, "method", "POST"),
            timeout=text(properties, "timeout", str(DEFAULT_TIMEOUT_SECONDS)),
        )

    def enter(self, visit: Visit) -> Result:
        url = visit.render(self.url).strip()
        try:
            Address.read(url)
        except BadUrl as error:
            visit.warn(HTTP_MALFORMED, f"{visit.name!r} could not redirect: {error}")
            return Advance("fail", {})
        ref = visit.new_ref()
        method = "GET" if visit.render(self.method).strip().upper() == "GET" else "POST"
        command = Redirect(ref, url, method)
        seconds = number_or(
            visit.render(self.timeout), DEFAULT_TIMEOUT_SECONDS, most=visit.limits.redirect_wait_seconds
        )
        if seconds == 0:
            return Advance("timeout", {}, (command,))
        return Wait("redirect", ref, (command,), due_at=visit.now + timedelta(seconds=seconds))

    def resume(self, visit: Visit, event: Event) -> Result | None:
        match event:
            case RedirectReturned():
                return Advance("return", message_fields(event.parameters))
            case TimerFired():
                return Advance("timeout", {})
        return None
