"""
Webhooks out: who hears what happens in conversations, and the requests that tell them.

``listeners`` knows which accounts listen, ``parameters`` what an event says, ``fanout`` turns events into deliveries,
``sender`` makes the requests, ``pre`` asks before a write.
"""
