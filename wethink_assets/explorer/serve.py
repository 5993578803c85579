"""The explorer's server (uvicorn): one lake, one address of this machine.

Belongs here: putting the parts together, the port, the end. Does not belong here: pages (app.py), arguments
(cli/explorer_commands.py).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import uvicorn

from resources.lake.ownership import refuse_where_there_is_none
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.explorer.app import Explorer
from wethink_assets.explorer.audit_pages import AuditPages
from wethink_assets.explorer.auditors import Auditors
from wethink_assets.explorer.compare_pages import ComparePages
from wethink_assets.explorer.current import PAUSE, Current
from wethink_assets.explorer.guard import Guard
from wethink_assets.explorer.map_pages import MapPages
from wethink_assets.explorer.pictures import LARGE, SMALL, Pictures
from wethink_assets.lineage.lineage import Lineage
from wethink_assets.picture_files import PictureFiles
from wethink_assets.settings import Settings

ADDRESS = "127.0.0.1"


class PortError(OSError):
    """The port cannot be used; the message says why."""


def listening(port: int) -> socket.socket:
    """A socket that listens on this machine alone.

    Raises:
        PortError: it is taken, or may not be used.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortError(f"port {port} cannot be used ({error.strerror})") from error
    return listener


@contextmanager
def explorer(settings: Settings, auditors: Auditors | None = None, pause: float = PAUSE) -> Iterator[Guard]:
    """The application over the lake of these settings, to be run by an ASGI server; `pause`: see current.py.

    Without auditors nothing can be written.

    Raises:
        LakeError: there is no lake, or it cannot be read.
    """
    refuse_where_there_is_none(settings.lake_catalog)
    lake = Lake.of(settings)
    images = PictureFiles(lake=lake, settings=SettingsResource.of(settings))
    small, large = (Pictures(images, settings.thumbnails_dir, side, settings.images.limit_s) for side in (SMALL, LARGE))
    try:
        lineage = Lineage(lake.store, settings.lineage_index_dir)
        current = Current(lake.store, pause)
        compare = ComparePages(lake.store, current, small, settings.scratch_dir)
        audit = AuditPages(lake.store, large, auditors or Auditors())
        made = Explorer(current, lineage, small, large, compare, audit, MapPages(lake.store, current, small))
        ready = threading.Thread(target=made.get_ready, name="indexes")
        ready.start()
        try:
            yield made.application()
        finally:
            current.close()
            ready.join()
    finally:
        small.close()
        large.close()
        images.teardown_after_execution(None)
        lake.store.close()


def server(application: Guard) -> uvicorn.Server:
    """The server of an application; it looks for no signals but in the main thread."""
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
    )
    return uvicorn.Server(config)


def serve(settings: Settings, port: int, say: Callable[[str], None], auditors: Auditors | None = None) -> None:
    """Serve until the process is interrupted.

    Raises:
        PortError: the port cannot be used.
        LakeError: there is no lake, or it cannot be read.
    """
    with closing(listening(port)) as listener, explorer(settings, auditors) as application:
        address = f"http://{ADDRESS}:{listener.getsockname()[1]}"
        say(f"explorer  {address}  (ctrl-c ends it)")
        for person, link in auditors.links(address) if auditors else ():
            say(f"audit     {link}  (verdicts of {person})")
        server(application).run(sockets=[listener])
