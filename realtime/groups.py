"""The names of the channel-layer groups."""

from uuid import UUID


def conversation(conversation_id: UUID) -> str:
    """Everybody who looks at a conversation."""
    return f"conversation.{conversation_id.hex}"


def inside(conversation_id: UUID) -> str:
    """Colleagues who look at a conversation: what is said here, no customer's socket can hear."""
    return f"inside.{conversation_id.hex}"


def worker(worker_id: UUID) -> str:
    """The consoles of one worker."""
    return f"worker.{worker_id.hex}"


def flow(flow_id: UUID) -> str:
    """Everybody who has a flow open in the builder."""
    return f"flow.{flow_id.hex}"


def queues(workspace_id: UUID) -> str:
    """The processes whose customers wait in a workspace's queues."""
    return f"queues.{workspace_id.hex}"


def floor(account_id: UUID) -> str:
    """The pages of an account's supervisors."""
    return f"floor.{account_id.hex}"
