"""SMS, MMS, WhatsApp, Messenger and RCS by Twilio's Programmable Messaging."""

import base64
from datetime import timedelta
from typing import ClassVar
from urllib.parse import quote, urlencode

import orjson

from channels_app.adapters import twilio_form
from channels_app.adapters.base import Adapter
from channels_app.adapters.errors import Rejected, TemporaryFailure, Throttled
from channels_app.adapters.reading import (
    answer_object,
    children,
    identifier,
    integer,
    is_host_of,
    raise_for_transport,
    refused,
    text,
)
from channels_app.adapters.values import (
    Config,
    CredentialField,
    Media,
    OutboundMessage,
    Parsed,
    ProviderRequest,
    ProviderResponse,
    WebhookRequest,
)

API_BASE_URL = "https://api.twilio.com"
OTHER_MEDIA_BYTES = 500 * 1024
THROTTLED = frozenset({20429, 30001, 63018})


class TwilioMessaging(Adapter):
    """What Twilio's channels have in common; a channel of it adds its limits."""

    provider = "twilio"
    credential_fields = (
        CredentialField("account_sid", "Account SID", secret=False),
        CredentialField("auth_token", "Auth token"),
        CredentialField("api_key_sid", "API key SID", required=False, secret=False),
        CredentialField("api_key_secret", "API key secret", required=False),
        CredentialField("messaging_service_sid", "Messaging service SID", required=False, secret=False),
    )
    reply_body = twilio_form.REPLY_BODY
    reply_content_type = twilio_form.REPLY_CONTENT_TYPE
    max_body: ClassVar[int] = 1600
    max_media: ClassVar[int] = 10

    def verify(self, request: WebhookRequest, config: Config) -> None:
        twilio_form.verify(request, config, adapter=self.provider)

    def parse(self, request: WebhookRequest, config: Config) -> Parsed:
        return twilio_form.parse(request, config)

    def media_request(self, url: str, config: Config) -> ProviderRequest:
        own = is_host_of(url, config.api_base_url or API_BASE_URL, ".twilio.com")
        return ProviderRequest(method="GET", url=url, headers=_authorization(config) if own else {})

    def probe(self, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        base = (config.api_base_url or API_BASE_URL).rstrip("/")
        account = f"{base}/2010-04-01/Accounts/{quote(config.require('account_sid'), safe='')}"
        headers = {**_authorization(config), "Accept": "application/json"}
        # Every kind of key may list messages; whether a number is the account's only phone numbers tell.
        urls = [f"{account}/Messages.json?{urlencode({'From': config.address, 'PageSize': 1})}"]
        if config.address.startswith("+"):
            urls.append(f"{account}/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': config.address})}")
        return tuple(ProviderRequest(method="GET", url=url, headers=headers) for url in urls)

    def read_probe(self, answers: tuple[ProviderResponse, ...], config: Config) -> str:
        for answer in answers:
            raise_for_transport(answer)
            if answer.status >= 400:
                said = answer_object(answer)
                raise refused(
                    answer, code=20003, message=text(said.get("message")), provider_code=text(said.get("code"))
                )
        if len(answers) > 1 and not any(children(answer_object(answers[1]), "incoming_phone_numbers")):
            if not config.get("messaging_service_sid"):
                raise Rejected(21606, f"The account has no phone number {config.address}")
            return "Twilio accepts the keys; the number is not the account's own, so the messaging service has to send"
        return f"Twilio accepts the keys for {config.address}"

    def build(self, message: OutboundMessage, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        account_sid = config.require("account_sid")
        base = (config.api_base_url or API_BASE_URL).rstrip("/")
        return (
            ProviderRequest(
                method="POST",
                url=f"{base}/2010-04-01/Accounts/{quote(account_sid, safe='')}/Messages.json",
                headers={
                    **_authorization(config),
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                    "I-Twilio-Idempotency-Token": message.idempotency_key,
                },
                body=urlencode(self._form(message, config)).encode(),
            ),
        )

    def _form(self, message: OutboundMessage, config: Config) -> list[tuple[str, str]]:
        form = [("To", message.recipient)]
        if service := config.get("messaging_service_sid"):
            form.append(("MessagingServiceSid", service))
        form.append(("From", message.sender))
        if message.content_sid:
            form.append(("ContentSid", message.content_sid))
            if message.content_variables:
                form.append(("ContentVariables", orjson.dumps(dict(message.content_variables)).decode()))
        else:
            self.check_size(message)
            if message.body:
                form.append(("Body", message.body))
            form.extend(("MediaUrl", item.url) for item in message.media)
        if config.webhook_url:
            form.append(("StatusCallback", config.webhook_url))
        return form

    def read(self, response: ProviderResponse) -> str:
        answer = answer_object(response)
        if response.status >= 400 and integer(answer.get("code")) in THROTTLED:
            raise Throttled
        raise_for_transport(response)
        if response.status >= 400:
            code = integer(answer.get("code")) or (20003 if response.status in (401, 403) else 20001)
            raise refused(response, code=code, message=text(answer.get("message")))
        sid = identifier(answer.get("sid"))
        if not sid:
            # Asking again under the same idempotency token cannot send it twice.
            raise TemporaryFailure("the provider's answer names no message")
        return sid


class TwilioSms(TwilioMessaging):
    channel_types = ("sms",)
    # Of calls to the API. Numbers send more slowly (a US long code 1 a second): Twilio queues what is over.
    rate_per_second = 100.0

    def most_bytes(self, media: Media) -> int:
        # Twilio fits pictures of these kinds to what the carrier takes; others go as they are or not at all.
        is_fitted = media.content_type in ("image/jpeg", "image/png", "image/gif", "")
        return self.max_media_bytes if is_fitted else OTHER_MEDIA_BYTES


class TwilioWhatsApp(TwilioMessaging):
    channel_types = ("whatsapp",)
    rate_per_second = 80.0
    window = timedelta(hours=24)
    max_media = 1
    max_media_bytes = 16 * 1024 * 1024
    strips = ("lists", "links with a text")


class TwilioMessenger(TwilioMessaging):
    channel_types = ("messenger",)
    rate_per_second = 30.0
    window = timedelta(hours=24)
    max_media = 1


class TwilioRcs(TwilioMessaging):
    channel_types = ("rcs",)
    rate_per_second = 80.0
    max_media = 1


def _authorization(config: Config) -> dict[str, str]:
    user = config.get("api_key_sid") or config.require("account_sid")
    secret = config.require("api_key_secret" if config.get("api_key_sid") else "auth_token")
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"}
