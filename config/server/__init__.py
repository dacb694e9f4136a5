"""The running server: one process with everything in it, or one part of it (``manage.py serve``)."""
