"""The names of the channel-layer groups."""

from uuid import UUID


def conversation(conversation_id: UUID) -> str:
    """Everybody who looks at a conversation."""
    return f"conversation.{conversation_id.hex}"


def worker(worker_id: UUID) -> str:
    """The consoles of one worker."""
    return f"worker.{worker_id.hex}"
