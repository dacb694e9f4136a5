"""
``make soak``: the long form. ``python -m tests.soak --backend postgres --customers 10000 --kills 100``.

Exit code 0 where the checker finds nothing wrong.
"""

from __future__ import annotations

import argparse
import os
import sys

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database-restarts", type=int, default=5)
    # Customers mostly wait: for retries, for time-outs, for what is started again.
    parser.add_argument("--at-once", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    # One send in ten meets a bad mood: of 40,000 some meet five in a row, and the sixth try comes after 381 s.
    parser.add_argument("--patience", type=float, default=1500.0, help="seconds a customer waits for a reply")
    options = parser.parse_args()
    # What makes flows for tests stands on the product's models.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.soak.run import Plan, soak
    from tests.soak.stores import missing

    if options.backend == "postgres" and (problem := missing()):
        sys.exit(f"The soak needs {problem}")
    verdict = soak(
        Plan(
            backend=options.backend,
            customers=options.customers,
            kills=options.kills,
            database_restarts=options.database_restarts,
            at_once=options.at_once,
            seed=options.seed,
            patience_seconds=options.patience,
        )
    )
    print(verdict.summary())
    for fault in verdict.faults:
        print(f"FAULT {fault}")
    sys.exit(1 if verdict.faults else 0)


if __name__ == "__main__":
    main()
