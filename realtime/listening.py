"""
Which channel-layer groups anybody listens in: most of what happens, nobody watches.

One question to Redis for all that is to be sent costs less than sending one message to nobody.
"""

from __future__ import annotations

from typing import Any

import redis.asyncio
from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings


class Listening:
    """Asks for one event loop and channel layer."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._redis: redis.asyncio.Redis | None = None

    async def among(self, groups: set[str]) -> set[str]:
        """Return those of the groups that somebody may listen in; all, where that cannot be told."""
        if isinstance(self._layer, InMemoryChannelLayer):
            return groups & self._layer.groups.keys()
        if not isinstance(self._layer, RedisPubSubChannelLayer):
            return groups
        # As channels_redis.pubsub names the Redis channel of a group.
        named = {f"{self._layer.prefix}__group__{group}": group for group in groups}
        try:
            if self._redis is None:
                self._redis = redis.asyncio.Redis.from_url(settings.ENV.redis_url)
            counted = await self._redis.pubsub_numsub(*named)
        except (redis.RedisError, OSError):
            # It is down for the layer too, which says so.
            return groups
        return {named[name.decode()] for name, count in counted if count}
