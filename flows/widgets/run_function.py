"""Call a hosted function by its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from flows.engine.commands import CallHttp
from flows.engine.events import Event, HttpAnswered, HttpFailed
from flows.engine.problems import FUNCTION_FAILED, FUNCTION_UNREACHABLE
from flows.engine.templates import Template
from flows.engine.widget import Advance, Result, Visit, Wait, Widget
from flows.widgets.http_answers import is_oversize, outputs_of
from flows.widgets.make_http_request import FORM, Address, BadUrl
from flows.widgets.properties import Pairs, pairs, text

KEPT_HEADER = "x-twilio-function-concurrency"


@dataclass(frozen=True, slots=True)
class RunFunction(Widget):
    """
    Post the parameters as a form; leave by ``success`` on a 2xx or 3xx answer, else by ``fail`` (not ``failed``).
    """

    type_name: ClassVar[str] = "run-function"

    url: Template
    parameters: Pairs

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        return cls(text(properties, "url"), pairs(properties, "parameters"))

    def enter(self, visit: Visit) -> Result:
        form = urlencode([(key, visit.render(value)) for key, value in self.parameters], errors="replace")
        url = visit.render(self.url)
        try:
            # Exports often lack the address (the function is named by its SIDs); whoever carries the call out
            # may know it, and else answers that it failed.
            address = Address.read(url) if url.strip() else Address("", "")
        except BadUrl as error:
            visit.warn(FUNCTION_UNREACHABLE, f"The function of {visit.name!r} could not be called: {error}")
            return Advance("fail", {})
        headers = {"Content-Type": f"{FORM};charset=utf-8"}
        if address.authorization:
            headers["Authorization"] = address.authorization
        ref = visit.new_ref()
        limits = visit.limits
        command = CallHttp(
            ref, "POST", address.url, headers, form, limits.http_timeout_seconds, limits.http_response_bytes
        )
        return Wait("http", ref, (command,))

    def resume(self, visit: Visit, event: Event) -> Result | None:
        match event:
            case HttpAnswered() if is_oversize(event, visit):
                visit.warn(
                    FUNCTION_FAILED,
                    f"The answer to {visit.name!r} is larger than {visit.limits.http_response_bytes} bytes.",
                )
                return Advance("fail", {})
            case HttpAnswered():
                outputs = outputs_of(event, visit)
                if KEPT_HEADER in event.headers:
                    outputs["headers"] = {KEPT_HEADER: event.headers[KEPT_HEADER]}
                if 200 <= event.status_code < 400:
                    return Advance("success", outputs)
                visit.warn(FUNCTION_FAILED, f"The function of {visit.name!r} answered with {event.status_code}.")
                return Advance("fail", outputs)
            case HttpFailed():
                visit.warn(
                    FUNCTION_UNREACHABLE, f"The function of {visit.name!r} failed: {event.reason or 'no answer'}"
                )
                return Advance("fail", {})
        return None


@dataclass(frozen=True, slots=True)
class RunFunctionV2(RunFunction):
    """The newer variant of the published schema; it has no documentation of its own and behaves the same."""

    type_name: ClassVar[str] = "run-function-v2"
