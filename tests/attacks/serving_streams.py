"""``gridmgmt serve`` with the pages of ``streaming_pages``: ``python -m`` starts it."""

import sys

from gridmgmt.cli.serving.needs import listen
from gridmgmt.cli.serving.serve import serve_pages
from gridmgmt.settings import Settings

HOST = "127.0.0.1"
PROCESSES = 2


def main() -> int:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with listen(HOST, port) as listening:
        application = "tests.attacks.streaming_pages:make"
        return serve_pages(Settings.from_env(), listening, HOST, PROCESSES, application)


if __name__ == "__main__":
    sys.exit(main())
