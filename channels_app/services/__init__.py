"""Writes of channels; import them from here."""

from channels_app.services.api_messages import cancel_message, create_message, delete_message, redact_message
from channels_app.services.connections import create_connection, delete_connection, update_connection
from channels_app.services.parked import discard_parked, resend_parked
from channels_app.services.probing import Probe, probe_connection
from channels_app.services.sandbox import send_as_customer
from channels_app.services.statuses import record_status_updates
from channels_app.services.webchat import change_webchat, lock_webchat, renew_identity_secret

__all__ = (
    "Probe",
    "cancel_message",
    "change_webchat",
    "create_connection",
    "create_message",
    "delete_connection",
    "delete_message",
    "discard_parked",
    "lock_webchat",
    "probe_connection",
    "record_status_updates",
    "redact_message",
    "renew_identity_secret",
    "resend_parked",
    "send_as_customer",
    "update_connection",
)
