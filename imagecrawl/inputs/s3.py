"""How does a list in S3, or in what speaks its protocol, get here?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from imagecrawl.errors import ConfigError


def fetch_s3(url: str, path: Path) -> None:
    """Bring the list at ``s3://BUCKET/KEY`` to *path*, unless it is there and has not changed.

    The keys, the region and the endpoint are those of the AWS tools (``AWS_PROFILE``,
    ``AWS_ENDPOINT_URL`` ...); without keys it is asked for as a public one. Retries are
    botocore's own. Raises :exc:`ConfigError` when it is not to be had and there is no copy.
    """
    try:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    except ImportError:
        raise ConfigError(
            f"reading {url} needs botocore: pip install 'imagecrawl[s3]', or pip install boto3"
        ) from None
    problem = ""
    try:
        _fetch(url, path)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 304:
            problem = str(error)
    except (BotoCoreError, HTTPClientError, OSError, ValueError) as error:
        problem = str(error) or type(error).__name__
    if problem and not path.exists():
        raise ConfigError(f"the list at {url} cannot be read: {' '.join(problem.split())}")


def _fetch(url: str, path: Path) -> None:
    bucket, _, key = url.partition("://")[2].partition("/")  # a key is never percent-encoded
    known = path.with_name(path.name + ".json")
    condition = {"IfNoneMatch": _etag(known)} if path.exists() and _etag(known) else {}
    answer = _client().get_object(Bucket=bucket, Key=key, **condition)
    temporary = path.with_name(path.name + ".part")
    with answer["Body"] as body, temporary.open("wb") as file:
        shutil.copyfileobj(body, file, 1 << 20)
    temporary.replace(path)
    known.write_text(json.dumps({"ETag": answer.get("ETag")}), encoding="utf-8")


def _client() -> Any:
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.session import get_session

    session = get_session()
    config = Config(retries={"mode": "standard", "total_max_attempts": 5}, read_timeout=30)
    if session.get_credentials() is None:
        config = config.merge(Config(signature_version=UNSIGNED))
    region = session.get_config_variable("region") or "us-east-1"
    return session.create_client("s3", region_name=region, config=config)


def _etag(known: Path) -> str | None:
    try:
        etag = json.loads(known.read_text(encoding="utf-8"))["ETag"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return etag if isinstance(etag, str) else None
