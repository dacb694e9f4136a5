"""Writes of what is set up for the console; import them from here."""

from console.services.apps import create_app, delete_app, renew_secret, update_app
from console.services.canned import ReplyValues, create_reply, delete_reply, update_reply
from console.services.preferences import save_preferences
from console.services.settings import change_settings
from console.services.templates import TemplateValues, create_template, delete_template, update_template

__all__ = (
    "ReplyValues",
    "TemplateValues",
    "change_settings",
    "create_app",
    "create_reply",
    "create_template",
    "delete_app",
    "delete_reply",
    "delete_template",
    "renew_secret",
    "save_preferences",
    "update_app",
    "update_reply",
    "update_template",
)
