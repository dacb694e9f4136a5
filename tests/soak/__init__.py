"""
The soak: conversations by the thousand while everything they run on is killed, and a checker that reads both sides.

``make soak`` is the long form; ``test_soak.py`` a short one, and the proof that the checker finds what it looks for.
"""
