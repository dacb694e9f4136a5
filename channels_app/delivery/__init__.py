"""
The way out: messages that leave the house.

``topic`` turns an announced message into an outbox entry, ``drain`` takes entries and delivers local ones at once,
``sender`` calls providers concurrently without a transaction, ``results`` stores what became of it.
"""
