from __future__ import annotations

import logging
import os
import queue
import threading
from logging.handlers import QueueListener

from wsreplay.workers.forking import can_fork, fork


class Telling(logging.Handler):
    """Writes what it is given into a pipe."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self.fd = fd

    def emit(self, record: logging.LogRecord) -> None:
        os.write(self.fd, record.getMessage().encode())


def test_a_thread_that_may_be_in_the_middle_of_something_forbids_to_fork() -> None:
    # Apps of other tests may have left listeners, which are begun anew.
    owners = [getattr(getattr(one, "_target", None), "__self__", None) for one in threading.enumerate()]
    others = threading.active_count() - sum(isinstance(owner, QueueListener) for owner in owners)
    assert can_fork() == (others == 1)
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    assert not can_fork()
    leave.set()
    thread.join()


def test_a_listener_of_log_records_goes_on_in_the_child() -> None:
    reading, writing = os.pipe()
    records: queue.Queue[logging.LogRecord] = queue.Queue()
    listener = QueueListener(records, Telling(writing))
    listener.start()
    pid = fork()
    if pid == 0:
        records.put(logging.LogRecord("child", logging.ERROR, "app.py", 1, "from the child", (), None))
        listener.stop()
        os._exit(0)
    listener.stop()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(writing)
    with os.fdopen(reading) as told:
        assert told.read() == "from the child"
