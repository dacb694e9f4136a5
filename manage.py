#!/usr/bin/env python
"""Django's command line."""

import gc
import os
import sys


def main() -> None:
    # What is loaded at the start stays: to look for cycles in it again and again is a sixth of the time until then.
    gc.set_threshold(20_000, 50, 100)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
