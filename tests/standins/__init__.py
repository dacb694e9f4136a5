"""
Stand-ins for the providers: they check what we send as the provider would, remember it, and misbehave by script.

In a test: ``with running() as standin: ...``; as a process of its own: ``python -m tests.standins --port 9200``.
"""

from tests.standins.app import Standin
from tests.standins.ledger import Keys, SentMessage
from tests.standins.server import RunningStandin, running

__all__ = ("Keys", "RunningStandin", "SentMessage", "Standin", "running")
