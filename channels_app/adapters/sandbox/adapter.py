"""
The sandbox: a simulated network, for the phone on /demo, for tests and for CI.

Inbound webhooks have Twilio's form and are signed with the account's auth token (``auth_token`` of the
config); a message out is written to our own table, and this adapter only says whether the network takes it.
"""

from datetime import timedelta
from typing import ClassVar

from channels_app.adapters import twilio_form
from channels_app.adapters.base import Adapter
from channels_app.adapters.errors import Rejected
from channels_app.adapters.values import (
    Config,
    OutboundMessage,
    Parsed,
    ProviderRequest,
    ProviderResponse,
    WebhookRequest,
)

# The customers that Twilio's test credentials refuse, so that failures can be played without a network.
MAGIC_RECIPIENTS = {
    "+15005550001": (21211, "The 'To' number is not a valid phone number"),
    "+15005550002": (21612, "The 'To' number cannot be reached from this 'From' number"),
    "+15005550003": (21408, "Permission to send to this region has not been enabled"),
    "+15005550004": (21610, "The recipient has opted out"),
    "+15005550009": (21614, "The 'To' number cannot receive SMS messages"),
}


class Sandbox(Adapter):
    provider = "sandbox"
    is_local = True
    reply_body = twilio_form.REPLY_BODY
    reply_content_type = twilio_form.REPLY_CONTENT_TYPE
    rate_per_second = 1000.0
    max_body: ClassVar[int] = 1600

    def verify(self, request: WebhookRequest, config: Config) -> None:
        twilio_form.verify(request, config, adapter=self.provider)

    def parse(self, request: WebhookRequest, config: Config) -> Parsed:
        return twilio_form.parse(request, config)

    def build(self, message: OutboundMessage, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        if not message.content_sid:
            self.check_size(message)
        number = message.recipient.rpartition(":")[2]
        if number in MAGIC_RECIPIENTS:
            code, why = MAGIC_RECIPIENTS[number]
            raise Rejected(code, why)
        return ()

    def read(self, response: ProviderResponse) -> str:
        raise Rejected(63001, "the sandbox sends no requests")


class SandboxSms(Sandbox):
    channel_types = ("sms",)


class SandboxWhatsApp(Sandbox):
    channel_types = ("whatsapp",)
    window = timedelta(hours=24)
    strips = ("lists", "links with a text")


class SandboxMessenger(Sandbox):
    channel_types = ("messenger",)
    window = timedelta(hours=24)
    max_body = 2000


class SandboxGbm(Sandbox):
    channel_types = ("gbm",)
    max_body = 3072


class SandboxRcs(Sandbox):
    channel_types = ("rcs",)
    max_body = 3072
