"""
Redirects to TwiML elsewhere: Studio never fetches the address, the platform does; here that is us.

The address is asked with the fields of the customer's last message, signed as Twilio signs; its messages are said in
the conversation; a ``<Redirect>`` leads on, or brings control back to the flow's own address (reference/studio/
widgets.md, "TwiML Redirect"). What the target does wrong is told in the exchange, and the widget waits on.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings

from common import http, ids, outbox, signatures
from conversations.services import NewMessage, Source
from flows.engine import commands, events
from flows.models import Execution
from flows.runtime.calls import Answered, Call, Origin, asked, charset, heard, since, token
from flows.runtime.payloads import twiml_key
from flows.runtime.turn import engine_entry
from flows.runtime.twiml import MAX_BYTES, MalformedTwiml, Twiml, TwimlMessage, read_twiml

# Addresses that one redirect is sent on to, after the first.
MOST_HOPS = 5
# More than 30 answers to one message look like a loop to the vendor, too (14107).
MOST_MESSAGES = 30
TIMEOUT_SECONDS = 10
VENDOR_HOST = "webhooks.twilio.com"
_FLOW_PATH = re.compile(r"/v1/Accounts/(AC[0-9a-f]{32})/Flows/(FW[0-9a-f]{32})/?")
_XML = frozenset({"", "text/xml", "application/xml", "text/html"})


# What an execution waits for, in Execution.waits_for.
REDIRECT = "redirect"


class NotAReturn(ValueError):
    """An address of a flow that does not hand control back to the execution that is here."""


def return_url(account_sid: str, flow_sid: str) -> str:
    """Return the flow's own address: with ``FlowEvent=return`` it ends the wait of a redirect."""
    return f"{settings.PUBLIC_URL}/webhooks/v1/Accounts/{account_sid}/Flows/{flow_sid}"


def flow_sids(execution: Execution) -> frozenset[str]:
    """Return the SIDs of the flow of an execution, and of the subflow that it is in."""
    session = execution.session
    return frozenset({session["flow_sid"], *(frame["flow_sid"] for frame in session["frames"])})


def returned_entry(execution: Execution, parameters: dict[str, str]) -> outbox.Entry:
    """Return the to-do of giving control back to an execution that waits for it; once it went on, that does nothing."""
    event = events.RedirectReturned(execution.session["wait"]["ref"], parameters)
    return engine_entry(execution.conversation_id, execution.id, event)


def returned(url: str, origin: Origin) -> dict[str, str] | None:
    """
    Return the parameters of an address that hands control back; None for one that is to be asked.

    The vendor's own host stands for ours, whatever SIDs follow: an application that was written for it may have
    the old ones built in, and can mean no other execution than the one that asked it.

    :raises NotAReturn: another flow's address, or one without ``FlowEvent=return``.
    """
    try:
        target, own = urlsplit(url), urlsplit(settings.PUBLIC_URL)
        is_own = (target.scheme, target.hostname, target.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return None
    path = target.path.removeprefix(own.path.rstrip("/") + "/webhooks") if is_own else target.path
    found = _FLOW_PATH.fullmatch(path)
    if found is None or not (is_own or target.hostname == VENDOR_HOST) or (is_own and path == target.path):
        return None
    parameters = dict(parse_qsl(target.query, keep_blank_values=True))
    if parameters.pop("FlowEvent", "") != "return":
        raise NotAReturn("The address of a flow hands control back only with FlowEvent=return")
    if is_own and (found[1] != origin.account_sid or found[2] not in origin.flow_sids):
        raise NotAReturn("The address is that of another flow, which does not wait for this customer")
    return parameters


@dataclass(slots=True)
class Trail:
    """What one redirect has led to so far."""

    call: Call
    origin: Origin
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    elsewhere: list[tuple[str, str, NewMessage]] = field(default_factory=list)

    def answer(self, event: events.Event | None = None) -> Answered:
        return Answered(self.call, event, tuple(self.exchanges), tuple(self.messages), tuple(self.elsewhere))

    def fail(self, method: str, url: str, reason: str) -> Answered:
        """Stop here; the reason is told at the request that led here, or at one of its own."""
        if not self.exchanges:
            self.exchanges.append({**asked(method, url), "duration_ms": 0})
        self.note(reason)
        return self.answer()

    def note(self, reason: str) -> None:
        last = self.exchanges[-1]
        last["error"] = "; ".join(text for text in (last.get("error", ""), reason) if text)

    def say(self, message: TwimlMessage) -> None:
        number = len(self.messages) + len(self.elsewhere)
        if number == MOST_MESSAGES:
            self.note(f"More than {MOST_MESSAGES} messages: the rest is not sent")
        if number >= MOST_MESSAGES:
            return
        to, sender = message.to or self.origin.contact, message.sender or self.origin.channel
        stored = NewMessage(
            id=ids.uuid7(),
            conversation_id=self.call.conversation_id,
            source=Source.FLOW,
            author=sender[:256],
            body=message.body,
            media=[{"url": url, "content_type": "", "filename": ""} for url in message.media],
            source_key=twiml_key(self.call.execution_id, self.call.command.ref, number),
        )
        if (to, sender) == (self.origin.contact, self.origin.channel):
            self.messages.append(stored)
        else:
            self.elsewhere.append((to, sender, stored))


async def follow(client: http.HttpClient, call: Call) -> Answered:
    """Ask the address of a redirect, and those it leads to; what goes wrong out there is told in the answer."""
    origin, command = call.origin, call.command
    if origin is None:
        return Answered(call)
    assert isinstance(command, commands.Redirect)
    trail = Trail(call, origin)
    url, method = command.url, command.method
    for hop in range(MOST_HOPS + 1):
        try:
            parameters = returned(url, origin)
        except NotAReturn as refusal:
            return trail.fail(method, url, str(refusal))
        if parameters is not None:
            return trail.answer(events.RedirectReturned(command.ref, {**origin.fields, **parameters}))
        twiml = await _ask(client, trail, method, url, hop)
        for message in twiml.messages:
            trail.say(message)
        if twiml.passed_over:
            trail.note(f"Passed over, since it means nothing to a message: {', '.join(twiml.passed_over[:20])}")
        if twiml.redirect is None:
            return trail.answer()
        url, method = twiml.redirect.url, twiml.redirect.method
    return trail.fail(method, url, f"The TwiML redirects more than {MOST_HOPS} times")


async def _ask(client: http.HttpClient, trail: Trail, method: str, url: str, hop: int) -> Twiml:
    """Make one request and note it; an answer that is no TwiML asks for nothing."""
    began = time.monotonic()
    form = urlencode(trail.origin.fields)
    exchange = {**asked(method, url, form if method == "POST" else ""), "hop": hop}
    trail.exchanges.append(exchange)
    try:
        request = _request(trail, method, url, hop)
        exchange["url"] = request.url
        answer = await client.fetch(request)
    except http.HttpError as error:
        exchange |= {"error": str(error), "duration_ms": since(began)}
        return Twiml()
    exchange |= heard(answer, began)
    try:
        return _read(answer)
    except MalformedTwiml as error:
        trail.note(str(error))
        return Twiml()


def _request(trail: Trail, method: str, url: str, hop: int) -> http.HttpRequest:
    """
    Return the signed request.

    :raises http.InvalidRequest: the address cannot be asked.
    """
    fields = trail.origin.fields
    # As it goes over the wire, which is what the other side checks the signature with.
    target = http.parse_url(url)
    if method == "GET":
        target = target.update_query(fields)
    parameters = tuple(fields.items()) if method == "POST" else ()
    headers = {
        signatures.HEADER: signatures.sign(url=str(target), parameters=parameters, token=trail.origin.auth_token),
        "I-Twilio-Idempotency-Token": token(trail.call, hop),
    }
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    return http.HttpRequest(
        method=method,
        url=str(target),
        headers=headers,
        body=urlencode(fields).encode() if method == "POST" else b"",
        timeout_seconds=TIMEOUT_SECONDS,
        max_bytes=MAX_BYTES,
        max_redirects=5,
    )


def _read(answer: http.HttpAnswer) -> Twiml:
    """
    Read an answer; plain text is one message, as with the vendor.

    :raises MalformedTwiml: an error's status, too large, or no TwiML.
    """
    content_type = answer.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if not 200 <= answer.status < 300:
        raise MalformedTwiml(f"The target answered {answer.status}")
    if answer.is_cut:
        raise MalformedTwiml(f"The answer has more than {MAX_BYTES} bytes")
    encoding = charset(content_type)
    if kind == "text/plain":
        text = answer.body.decode(encoding or "utf-8", errors="replace").strip()
        return Twiml((TwimlMessage(text),)) if text else Twiml()
    if kind not in _XML:
        raise MalformedTwiml(f"The answer is {kind!r}, not TwiML")
    source = answer.body.decode(encoding, errors="replace") if encoding else answer.body
    return read_twiml(source, base=answer.url)
