"""
TwiML for messages, as an address that a flow redirects to answers it. Pure: text in, values out.

Known are ``<Message>`` (and ``<Sms>``, its old name) with text or ``<Body>`` and ``<Media>``, and ``<Redirect>``; every
other verb is passed over and named. Source: the vendor's reference of TwiML for Programmable Messaging.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_MEDIA = 10


class MalformedTwiml(ValueError):
    """No TwiML: not well-formed, another document, too large, or with a DOCTYPE."""


@dataclass(frozen=True, slots=True)
class TwimlMessage:
    """One message to say. ``to`` and ``sender`` are empty for the contact and the address of the conversation."""

    body: str = ""
    media: tuple[str, ...] = ()
    to: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class TwimlRedirect:
    """Where to go on; ``url`` is absolute, ``method`` GET or POST."""

    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Twiml:
    """What a document asks for; ``passed_over`` names what in it has no effect."""

    messages: tuple[TwimlMessage, ...] = ()
    redirect: TwimlRedirect | None = None
    passed_over: tuple[str, ...] = ()


def read_twiml(source: bytes | str, *, base: str) -> Twiml:
    """
    Read a document; an empty one asks for nothing.

    Bytes are read in the encoding that the document declares. Addresses in it are relative to ``base``. What follows
    a ``<Redirect>`` is never reached.

    :raises MalformedTwiml: see there.
    """
    if len(source) > MAX_BYTES:
        raise MalformedTwiml(f"The TwiML has more than {MAX_BYTES} bytes")
    if not source.strip():
        return Twiml()
    root = _parse(source)
    if root.tag != "Response":
        raise MalformedTwiml(f"TwiML begins with <Response>, not with <{root.tag}>")
    messages: list[TwimlMessage] = []
    passed_over: list[str] = []
    for verb in root:
        if verb.tag in ("Message", "Sms"):
            message = _read_message(verb, base, passed_over)
            if message.body or message.media:
                messages.append(message)
            else:
                passed_over.append(f"an empty <{verb.tag}>")
        elif verb.tag == "Redirect":
            url = "".join(verb.itertext()).strip()
            if not url:
                passed_over.append("a <Redirect> without an address")
                continue
            method = "GET" if verb.get("method", "").strip().upper() == "GET" else "POST"
            return Twiml(tuple(messages), TwimlRedirect(_absolute(base, url), method), tuple(passed_over))
        else:
            passed_over.append(f"<{verb.tag}>")
    return Twiml(tuple(messages), None, tuple(passed_over))


def _read_message(verb: ElementTree.Element, base: str, passed_over: list[str]) -> TwimlMessage:
    bodies: list[str] = []
    media: list[str] = []
    direct = [verb.text or ""]
    for noun in verb:
        text = "".join(noun.itertext()).strip()
        if noun.tag == "Body":
            bodies.append(text)
        elif noun.tag == "Media" and text and len(media) < MAX_MEDIA:
            media.append(_absolute(base, text))
        else:
            passed_over.append(f"<{noun.tag}> in a <{verb.tag}>")
        direct.append(noun.tail or "")
    return TwimlMessage(
        body="\n".join(bodies) if bodies else "".join(direct).strip(),
        media=tuple(media),
        to=verb.get("to", "").strip(),
        sender=verb.get("from", "").strip(),
    )


def _absolute(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:
        # A host in broken brackets, say: whoever fetches it refuses it in its own words.
        return url


class _Builder(ElementTree.TreeBuilder):
    """Builds the tree of a plain document: without a DOCTYPE there are no entities but XML's own five."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def doctype(self, *_: Any) -> None:
        raise MalformedTwiml("TwiML has no DOCTYPE")

    def start(self, tag: str, attrs: dict[str, str]) -> ElementTree.Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise MalformedTwiml(f"The TwiML is nested more than {MAX_DEPTH} levels deep")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag)


def _parse(source: bytes | str) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_Builder())
    try:
        parser.feed(source.strip())
        root: ElementTree.Element = parser.close()
    except MalformedTwiml:
        raise
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise MalformedTwiml(f"The TwiML is not well-formed XML: {error}") from error
    return root
