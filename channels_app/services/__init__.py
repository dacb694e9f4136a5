"""Writes of channels; import them from here."""

from channels_app.services.connections import create_connection, delete_connection, update_connection
from channels_app.services.parked import discard_parked, resend_parked
from channels_app.services.sandbox import send_as_customer
from channels_app.services.statuses import record_status_updates

__all__ = (
    "create_connection",
    "delete_connection",
    "discard_parked",
    "record_status_updates",
    "resend_parked",
    "send_as_customer",
    "update_connection",
)
