"""
The media store: files that customers, agents and programs send, on disk or in S3 (``STORAGES["media"]``).

A message names a kept file by SID (an *item*: ``{"sid", "content_type", "filename", "size"}``, with ``state`` while
it is fetched or when that failed); what lies elsewhere is ``{"url", "content_type", "filename"}``. Files are read
through addresses that carry a signature and end; who gives one away has checked that its reader may see the
conversation.
"""

from conversations.services.media.addresses import (
    OUTSIDE,
    SHORTLY,
    check_signature,
    outside_until,
    signed_path,
    signed_url,
    url_of,
)
from conversations.services.media.items import (
    MOST,
    Item,
    claim,
    copy_to,
    expect,
    expected_of,
    give_up,
    item,
    items_of,
    keep_fetched,
    keep_for,
    tie,
)
from conversations.services.media.keeping import TOPIC, UNCLAIMED, clean_name, drain, find, forget, open, store

__all__ = (
    "MOST",
    "OUTSIDE",
    "SHORTLY",
    "TOPIC",
    "UNCLAIMED",
    "Item",
    "check_signature",
    "claim",
    "clean_name",
    "copy_to",
    "drain",
    "expect",
    "expected_of",
    "find",
    "forget",
    "give_up",
    "item",
    "items_of",
    "keep_fetched",
    "keep_for",
    "open",
    "outside_until",
    "signed_path",
    "signed_url",
    "store",
    "tie",
    "url_of",
)
