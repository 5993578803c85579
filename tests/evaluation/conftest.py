"""One S3 server for all tests of a worker that read evaluation sets from a bucket."""

from __future__ import annotations

import uuid

import pytest

from tests.storage.s3 import Bucket, s3_server


@pytest.fixture(scope="session")
def s3():
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3):
    return Bucket(s3, f"b-{uuid.uuid4().hex[:12]}")
