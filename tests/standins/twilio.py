"""Twilio's Messages resource, as far as sending goes."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

from tests.standins.ledger import Answer, Keys, Ledger, Request, SentMessage

PATH = re.compile(r"/2010-04-01/Accounts/([^/]+)/Messages\.json")
ADDRESS = re.compile(r"(whatsapp:)?\+[1-9]\d{4,14}|(messenger|rcs):[\w.@+-]+|\d{3,8}|[A-Za-z0-9 ]{1,11}")


def judge(request: Request, keys: Keys, ledger: Ledger) -> Answer | None:
    """Answer as Twilio would; None where the path is not Twilio's."""
    match = PATH.fullmatch(request.path)
    if match is None:
        return None
    expected = base64.b64encode(f"{keys.twilio_account_sid}:{keys.twilio_auth_token}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {expected}" or match[1] != keys.twilio_account_sid:
        return _error(401, 20003, "Authenticate")
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        return _error(415, 20001, "Content-Type must be application/x-www-form-urlencoded")
    form = parse_qs(request.body.decode(), keep_blank_values=True)
    refusal = _check(form, ledger)
    if refusal is not None:
        return refusal
    key = request.headers.get("i-twilio-idempotency-token", "")
    # A repeated request gets the same SID, so it is made of the key.
    digest = hashlib.sha256((key or str(ledger.number())).encode()).hexdigest()[:32]
    sid = ("MM" if "MediaUrl" in form else "SM") + digest
    sent = SentMessage(
        provider="twilio",
        key=key,
        sender=_one(form, "From"),
        recipient=_one(form, "To"),
        body=_one(form, "Body"),
        media=tuple(form.get("MediaUrl", ())),
        external_id=sid,
        status_callback=_one(form, "StatusCallback"),
        raw=dict(form),
    )
    body = {
        "sid": sid,
        "account_sid": match[1],
        "status": "queued",
        "to": sent.recipient,
        "from": sent.sender,
        "body": sent.body,
        "num_segments": "1",
        "num_media": str(len(sent.media)),
        "error_code": None,
        "error_message": None,
        "direction": "outbound-api",
        "api_version": "2010-04-01",
    }
    return Answer(201, body, sent=sent)


def _check(form: dict[str, list[str]], ledger: Ledger) -> Answer | None:
    to, sender, body = _one(form, "To"), _one(form, "From"), _one(form, "Body")
    media, callback = form.get("MediaUrl", []), _one(form, "StatusCallback")
    if not to:
        return _error(400, 21604, "A 'To' phone number is required.")
    if not ADDRESS.fullmatch(to):
        return _error(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not sender and not _one(form, "MessagingServiceSid"):
        return _error(400, 21603, "A 'From' phone number is required.")
    if sender and not ADDRESS.fullmatch(sender):
        return _error(400, 21212, f"Invalid From Number: {sender}")
    if sender.startswith("whatsapp:") != to.startswith("whatsapp:"):
        return _error(400, 63007, "Could not find a Channel with the specified From address")
    if not (body or media or _one(form, "ContentSid")):
        return _error(400, 21619, "A text message body or media urls must be specified.")
    if len(body) > 1600:
        return _error(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if len(media) > 10:
        return _error(400, 21623, "Number of media files exceeds the allowed limit.")
    if any(urlsplit(url).scheme not in ("http", "https") for url in media):
        return _error(400, 21620, "Invalid media URL(s)")
    if callback and urlsplit(callback).scheme not in ("http", "https"):
        return _error(400, 21609, f"The 'StatusCallback' URL {callback} is not a valid URL.")
    if to in ledger.opted_out:
        return _error(400, 21610, "Attempt to send to unsubscribed recipient")
    if to in ledger.window_closed and not _one(form, "ContentSid"):
        return _error(400, 63016, "Failed to send freeform message because you are outside the allowed window.")
    return None


def _one(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0]


def _error(status: int, code: int, message: str) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(status, {"code": code, "message": message, "more_info": more, "status": status})
