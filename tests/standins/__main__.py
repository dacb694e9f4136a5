"""``python -m tests.standins --port 9200``: the stand-in as a process of its own."""

import argparse

import uvicorn

from tests.standins.app import Standin


def main() -> None:
    parser = argparse.ArgumentParser(description="Stand-in for Twilio, Meta and Google")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9200)
    arguments = parser.parse_args()
    uvicorn.run(Standin(), host=arguments.host, port=arguments.port, log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
