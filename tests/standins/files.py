"""What providers answer to a GET: files that customers sent, and what our own senders are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from tests.standins.ledger import Answer, Keys, Ledger, Request

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TWILIO_MEDIA = re.compile(r"/2010-04-01/Accounts/([^/]+)/Messages/(\w+)/Media/(\w+)")
TWILIO_MESSAGES = re.compile(r"/2010-04-01/Accounts/([^/]+)/Messages\.json")
TWILIO_NUMBERS = re.compile(r"/2010-04-01/Accounts/([^/]+)/IncomingPhoneNumbers\.json")
META_OBJECT = re.compile(r"/v\d+\.\d+/(\w+)")


def judge(request: Request, keys: Keys, ledger: Ledger) -> Answer | None:
    """Answer a GET as the provider would; None where the path is nobody's."""
    if request.path.startswith("/files/"):
        # The open web: signed addresses of Twilio's, Messenger's and Google's stores.
        return _file(request.path.removeprefix("/files/"), ledger)
    if request.path.startswith("/meta-files/"):
        if request.headers.get("authorization") != f"Bearer {keys.meta_access_token}":
            return Answer(401, {"error": {"code": 190, "message": "Invalid OAuth access token"}})
        return _file(request.path.removeprefix("/meta-files/"), ledger)
    if request.path.startswith("/2010-04-01/"):
        return _twilio(request, keys)
    match = META_OBJECT.fullmatch(request.path)
    return _meta(match[1], request, keys) if match else None


def _twilio(request: Request, keys: Keys) -> Answer | None:
    expected = base64.b64encode(f"{keys.twilio_account_sid}:{keys.twilio_auth_token}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {expected}":
        return Answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
    if match := TWILIO_MEDIA.fullmatch(request.path):
        return Answer(307, {}, {"location": f"/files/{match[3]}"})
    if TWILIO_MESSAGES.fullmatch(request.path):
        return Answer(200, {"messages": [], "page": 0, "page_size": 1})
    if TWILIO_NUMBERS.fullmatch(request.path):
        number = request.query.get("PhoneNumber", [""])[0]
        owned = [{"sid": "PN" + "2" * 32, "phone_number": number}] if number in keys.twilio_numbers else []
        return Answer(200, {"incoming_phone_numbers": owned})
    return None


def _meta(name: str, request: Request, keys: Keys) -> Answer:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token != keys.meta_access_token:
        return Answer(
            401, {"error": {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}}
        )
    proof = hmac.new(keys.meta_app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if request.query.get("appsecret_proof", [proof]) != [proof]:
        return Answer(400, {"error": {"code": 100, "message": "Invalid appsecret_proof provided in the API argument"}})
    if name == keys.meta_phone_number_id:
        return Answer(200, {"id": name, "display_phone_number": "+1 555-645-9128", "verified_name": "Stand-in"})
    if name == keys.meta_page_id:
        return Answer(200, {"id": name, "name": "Stand-in"})
    if name.isdigit() and len(name) > 12:
        return Answer(
            404, {"error": {"code": 100, "error_subcode": 33, "message": f"Object with ID '{name}' does not exist"}}
        )
    address = f"http://{request.headers['host']}/meta-files/{name}"
    return Answer(200, {"id": name, "url": address, "mime_type": "image/png", "messaging_product": "whatsapp"})


def _file(name: str, ledger: Ledger) -> Answer:
    ledger.fetched.append(name)
    if name == "missing":
        return Answer(404, {"message": "gone"})
    content = ledger.files.get(name, PNG)
    return Answer(200, {}, raw=content, content_type="image/png")
