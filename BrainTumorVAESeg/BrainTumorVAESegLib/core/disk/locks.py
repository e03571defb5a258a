"""Locks on files that the system takes away when their process ends, however it ends.

They tell whether an unfinished folder or a claimed name still has somebody who works on it.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK, getattr(errno, "EDEADLOCK", errno.EDEADLK)}


class LockTakenError(Exception):
    """Another process, or another part of this one, holds the lock."""


class Lock:
    """A lock that is held on a file until `release`, which removes the file, or until the process ends.

    is_real: whether the file system knows locks; where it does not, nobody's lock can be told from none.
    """

    def __init__(self, path: Path, create: bool = True) -> None:
        """Take the lock. Raises LockTakenError, or OSError where the file can be neither opened nor made."""
        self.path = Path(path)
        flags = os.O_RDWR | (os.O_CREAT if create else 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        while True:
            self._descriptor = os.open(self.path, flags, 0o666)
            try:
                self.is_real = _lock(self._descriptor)
                if _is_same(self._descriptor, self.path):
                    return
            except BaseException:
                os.close(self._descriptor)
                raise
            os.close(self._descriptor)  # its holder removed the file in the meantime; the next one is another file

    def release(self) -> None:
        """Remove the file and give the lock back."""
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(self._descriptor)
            _remove(self.path)
        else:
            _remove(self.path)
            os.close(self._descriptor)


def _remove(path: Path) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # another one holds it by now, or its folder is gone


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _TAKEN:
                raise LockTakenError from error
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _TAKEN:
                raise LockTakenError from error
            return False
        return True
