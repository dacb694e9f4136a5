"""Writes of channels; import them from here."""

from channels_app.services.api_messages import cancel_message, create_message, delete_message, redact_message
from channels_app.services.connections import create_connection, delete_connection, update_connection
from channels_app.services.parked import discard_parked, resend_parked
from channels_app.services.sandbox import send_as_customer
from channels_app.services.statuses import record_status_updates

__all__ = (
    "cancel_message",
    "create_connection",
    "create_message",
    "delete_connection",
    "delete_message",
    "discard_parked",
    "record_status_updates",
    "redact_message",
    "resend_parked",
    "send_as_customer",
    "update_connection",
)
