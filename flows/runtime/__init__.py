"""Runs executions: claims what is pending, walks the pure engine, writes what follows."""

from flows.runtime.redirects import REDIRECT, flow_sids, return_url, returned_entry
from flows.runtime.retrying import retry
from flows.runtime.start import start, stop

__all__ = ("REDIRECT", "flow_sids", "retry", "return_url", "returned_entry", "start", "stop")
