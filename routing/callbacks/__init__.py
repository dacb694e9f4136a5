"""
Callbacks to the account's own servers: who is to take a reservation, and what happened in a workspace.

Both are to-dos of the outbox, written with the change they are about, so no assignment ever waits for a server.
"""
