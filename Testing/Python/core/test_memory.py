from __future__ import annotations

from BrainTumorVAESegLib.core import memory
from BrainTumorVAESegLib.core.memory import available_memory


def test_available_memory_heeds_the_limit_of_a_container(monkeypatch):
    files = {
        "/proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n",
        "/sys/fs/cgroup/memory.max": "5000\n",
        "/sys/fs/cgroup/memory.current": "2000\n",
    }
    monkeypatch.setattr(memory.Path, "read_text", lambda self: files[str(self)])
    assert available_memory() == 3000
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    assert available_memory() == 8000 * 1024
