"""What a stand-in knows, what it was sent, and how it is told to misbehave."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict, deque
from dataclasses import asdict, dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets both sides know; made up, and the same in every test."""

    twilio_account_sid: str = "AC" + "1" * 32
    twilio_auth_token: str = "twilio-auth-token"
    twilio_numbers: tuple[str, ...] = ("+15557771212",)
    meta_access_token: str = "meta-access-token"
    meta_app_secret: str = "meta-app-secret"
    meta_verify_token: str = "meta-verify-token"
    meta_phone_number_id: str = "590968830767958"
    meta_page_id: str = "1906385232743451"
    google_client_token: str = "google-client-token"
    google_client_email: str = "sender@project.iam.example"
    google_agent_id: str = "our-agent"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message the provider took, in the order it took them."""

    provider: str
    key: str
    sender: str
    recipient: str
    body: str
    media: tuple[str, ...]
    external_id: str
    status_callback: str = ""
    raw: dict[str, Any] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answers; ``sent`` where it takes the message."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    sent: SentMessage | None = None
    # What a customer is shown beside messages: (kind, customer, the provider's id of what was read).
    shown: tuple[str, str, str] | None = None
    # A file's bytes in place of ``body``.
    raw: bytes | None = None
    content_type: str = "application/json"


class Ledger:
    """Takes messages once for each idempotency key; safe to read from another thread than the server's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._by_key: dict[tuple[str, str], Answer] = {}
        self._scripts: defaultdict[str, deque[str]] = defaultdict(deque)
        self.messages: list[SentMessage] = []
        self._by_recipient: defaultdict[str, list[SentMessage]] = defaultdict(list)
        self.statuses_answered: list[int] = []
        self.duplicates = 0
        self.without_key = 0
        # Requests that a script lets hang now, and whether they may go.
        self.hanging = 0
        self.is_released = False
        self.opted_out: set[str] = set()
        self.window_closed: set[str] = set()
        # Files that customers sent, by name (others are a small picture), and the names that were asked for.
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []
        # Marks that customers were shown, in order: see ``Answer.shown``.
        self.shown: list[tuple[str, str, str]] = []

    def number(self) -> int:
        return next(self._numbers)

    def script(self, *steps: str, recipient: str = "*") -> None:
        """
        Have the next send requests (to one recipient, or any; ``files``: for files, ``shown``: for marks) answered by
        these steps, one each.

        ``ok``; a status such as ``429`` or ``500``; ``429:2`` with Retry-After; ``hang:30`` seconds, then nothing;
        ``slow:2`` seconds, then as usual; ``lost``: the message is taken, but the answer is a 500; ``garbage``;
        ``drop``.
        """
        with self._lock:
            self._scripts[recipient].extend(steps)

    def next_step(self, recipient: str) -> str:
        with self._lock:
            for name in (recipient,) if recipient in ("files", "shown") else (recipient, "*"):
                if self._scripts[name]:
                    return self._scripts[name].popleft()
        return "ok"

    def take(self, answer: Answer) -> Answer:
        """Store what is sent for the first time; a repeated key gets the first answer again."""
        sent = answer.sent
        if sent is None:
            return answer
        with self._lock:
            if not sent.key:
                self.without_key += 1
            elif (sent.provider, sent.key) in self._by_key:
                self.duplicates += 1
                return self._by_key[sent.provider, sent.key]
            else:
                self._by_key[sent.provider, sent.key] = answer
            self.messages.append(sent)
            self._by_recipient[sent.recipient].append(sent)
        return answer

    def bodies(self, recipient: str | None = None) -> list[str]:
        """Return the texts that were taken, in order."""
        return [sent.body for sent in (self.messages if recipient is None else self._by_recipient[recipient])]


_private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
GOOGLE_PRIVATE_KEY = _private.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
GOOGLE_PUBLIC_KEY = _private.public_key()
