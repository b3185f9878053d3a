"""Whether the server of this container takes work: exit code 0 or 1, and what `/readyz` answered on stdout.

The image has neither curl nor wget, and the standard library alone starts in a few hundredths of a second. The port and
https are read from the same variables as the server's. `python health.py /livez` asks another path, and
`python health.py /api/local_raylet_healthz 52365` another program, Ray for one.
"""

from __future__ import annotations

import http.client
import os
import ssl
import sys


def main(path: str = "/readyz", other_port: str | None = None) -> int:
    """Ask the server at the loopback address. other_port: of another program, which speaks http."""
    port = int(other_port or os.environ.get("FITTINGROOM_SERVER__PORT", "8000"))
    connection: http.client.HTTPConnection
    if other_port is None and "FITTINGROOM_SERVER__TLS_CERT" in os.environ:
        # Only whether it answers is asked: the certificate is for the clients' name, not for 127.0.0.1.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=4, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        print(answer.status, answer.read(500).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        print(f"no answer: {error}")
        return 1
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
