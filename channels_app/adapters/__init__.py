"""
The channels: one adapter a provider and channel type. Pure: bytes in, values out.

A new channel is one folder and one line here.
"""

from channels_app.adapters.base import Adapter
from channels_app.adapters.gbm.adapter import BusinessMessages
from channels_app.adapters.messenger.adapter import Messenger
from channels_app.adapters.meta_whatsapp.adapter import MetaWhatsApp
from channels_app.adapters.rcs.adapter import RcsBusinessMessaging
from channels_app.adapters.sandbox.adapter import (
    SandboxGbm,
    SandboxMessenger,
    SandboxRcs,
    SandboxSms,
    SandboxWhatsApp,
)
from channels_app.adapters.twilio.adapter import TwilioMessenger, TwilioRcs, TwilioSms, TwilioWhatsApp

ADAPTERS: tuple[Adapter, ...] = (
    SandboxSms(),
    SandboxWhatsApp(),
    SandboxMessenger(),
    SandboxGbm(),
    SandboxRcs(),
    TwilioSms(),
    TwilioWhatsApp(),
    TwilioMessenger(),
    TwilioRcs(),
    MetaWhatsApp(),
    Messenger(),
    BusinessMessages(),
    RcsBusinessMessaging(),
)

_BY_CHANNEL = {(adapter.provider, kind): adapter for adapter in ADAPTERS for kind in adapter.channel_types}


class UnknownChannel(LookupError):
    """No adapter speaks this channel type with this provider."""


def adapter_for(*, provider: str, channel_type: str) -> Adapter:
    """:raises UnknownChannel: no adapter speaks this channel type with this provider."""
    try:
        return _BY_CHANNEL[provider, channel_type]
    except KeyError:
        raise UnknownChannel(f"No adapter for {channel_type!r} by {provider!r}") from None


__all__ = ["ADAPTERS", "Adapter", "UnknownChannel", "adapter_for"]
