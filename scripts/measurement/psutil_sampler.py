"""Runs a command and samples it with psutil: RSS summed over the tree every 20 ms, as much of the field does it.

Prints JSON: wall clock and peak of the command, and the CPU time that the sampler itself took.
"""

import json
import resource
import subprocess
import sys
import time

import psutil

INTERVAL_S = 0.02
MB = 2**20


def sum_rss(process):
    try:
        tree = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for member in tree:
        try:
            total += member.memory_info().rss
        except psutil.Error:
            pass
    return total


start = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
process = psutil.Process(child.pid)
before = resource.getrusage(resource.RUSAGE_SELF)
peak = 0
while child.poll() is None:
    peak = max(peak, sum_rss(process))
    time.sleep(INTERVAL_S)
wall = time.monotonic() - start
after = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "time_s": wall,
            "mem_mb": peak / MB,
            "sampler_cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        }
    )
)
