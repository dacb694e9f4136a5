"""A server that speaks S3, with buckets, for tests of the media store and of what stands on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# What boto3 asks the environment for; the server takes any.
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Buckets:
    endpoint: str
    s3: Any

    def names(self, bucket: str) -> list[str]:
        """Return what lies in a bucket."""
        return [each.key for each in self.s3.Bucket(bucket).objects.all()]

    def environment(self, bucket: str) -> dict[str, str]:
        """Return the settings of an installation that keeps its media in a bucket."""
        return {
            "FLOWDESK_MEDIA_S3_BUCKET": bucket,
            "FLOWDESK_MEDIA_S3_ENDPOINT": self.endpoint,
            "FLOWDESK_MEDIA_S3_REGION": REGION,
            **KEYS,
        }


@contextmanager
def buckets(*names: str) -> Iterator[Buckets]:
    """Serve buckets until the end of the block."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        s3 = boto3.resource(
            "s3",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )
        for name in names:
            s3.create_bucket(Bucket=name)
        yield Buckets(endpoint, s3)
    finally:
        server.stop()
