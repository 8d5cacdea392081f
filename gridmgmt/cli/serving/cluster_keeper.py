"""Restart the private cluster after a crash, while the pages are served."""

import logging
import threading

from gridmgmt.errors import ClusterError
from gridmgmt.settings import Settings
from gridmgmt.store.cluster.private import Cluster

_log = logging.getLogger(__name__)

_LOOK_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0


class ClusterKeeper:
    """Checks once a second whether the cluster crashed, and restarts it if it did.

    A cluster that somebody stopped (``gridmgmt db down``) stays down. Other servers are started
    by somebody else.
    """

    def __init__(self, settings: Settings) -> None:
        self._cluster = None if settings.database_url else Cluster(settings.home)
        self._starting: threading.Thread | None = None
        self._due = 0.0
        self._wait_s = _FIRST_WAIT_S

    def tend(self, now: float) -> None:
        """Check the cluster, at most once a second and not while it is being started."""
        if self._cluster is None or now < self._due:
            return
        if self._starting is not None and self._starting.is_alive():
            return
        self._due = now + _LOOK_S
        if not self._cluster.has_crashed():
            self._wait_s = _FIRST_WAIT_S
            return
        _log.error("the private cluster crashed and is started again")
        self._due = now + self._wait_s
        # Longer each time: a full disk does not go away by trying.
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
        # In a thread, because recovery may take minutes in which the processes need attention.
        self._starting = threading.Thread(target=self._up, args=(self._cluster,), daemon=True)
        self._starting.start()

    def _up(self, cluster: Cluster) -> None:
        try:
            cluster.up()
        except ClusterError as error:
            _log.error("the private cluster does not come back: %s", error)
