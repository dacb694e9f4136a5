"""Runs executions: claims what is pending, walks the pure engine, writes what follows."""

from flows.runtime.start import start, stop

__all__ = ("start", "stop")
