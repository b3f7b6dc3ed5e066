#!/usr/bin/env python3
# Measures a build beside its references, in namespaces of its own, and leaves nothing behind.
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from measure import everything  # noqa: E402

WATCHES = "/proc/sys/fs/inotify/max_user_watches"
PROGRAMS = ["daemon/sshpermd", "ctl/sshpermctl"] + ["bench/" + name for name in (
    "minimal_loop", "safe_loop", "chain", "make_homes", "latency", "socket", "storm", "journal_socket",
    "libnss_sshpermtest.so.2")]


def fail(text):
    sys.exit(f"bench: {text}")


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/run.py", description="One run, one table: every measurement beside its references.")
    parser.add_argument("build", metavar="BUILD_DIR", help="a release build, for example build/release")
    parser.add_argument("--json", metavar="OUT", help="write the results there, too (for compare.py and plot.py)")
    parser.add_argument("--only", metavar="NAMES", default="",
                        help="some measurements only, with commas between: " + ", ".join(everything.NAMES))
    parser.add_argument("--quick", action="store_true",
                        help="small sizes, below two minutes: shows that everything works, says little")
    parser.add_argument("--large", action="store_true",
                        help="accidents over 100,000 homes, and a directory with 1,000,000 entries, too")
    parser.add_argument("--beside", metavar="BUILD_DIR",
                        help="latency of another build's daemon, too, in turns with this one's")
    parser.add_argument("--normal-priority", action="store_true",
                        help="do not run watchers and observer under SCHED_FIFO")
    chosen = parser.parse_args()
    chosen.only = [name for name in chosen.only.split(",") if name]
    for name in chosen.only:
        if name not in everything.NAMES:
            parser.error(f"--only knows {', '.join(everything.NAMES)}")
    return chosen


def check_machine(chosen):
    if os.geteuid() != 0:
        fail("needs root: sudo ./dev bench")
    if os.cpu_count() < 2:
        fail("needs two processors, one for the watcher and one for the observer")
    for program in PROGRAMS:
        if not os.access(os.path.join(chosen.build, program), os.R_OK):
            fail(f"{chosen.build}/{program} is missing; build first")
    if chosen.beside and not os.access(os.path.join(chosen.beside, "daemon/sshpermd"), os.X_OK):
        fail(f"{chosen.beside}/daemon/sshpermd is missing; build first")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool in ("unshare", "setpriv", "chrt", "taskset", "strace", "find", "systemd-tmpfiles"):
        if not shutil.which(tool):
            fail(f"needs {tool}: sudo ./dev setup bench")
    for tool in ("inotifywait", "incrond"):
        if not shutil.which(tool):
            print(f"bench: no {tool} here (sudo ./dev setup bench); going on without", file=sys.stderr)
    if not chosen.normal_priority and subprocess.run(
            ["chrt", "-f", "10", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("bench: SCHED_FIFO is not allowed here; going on without", file=sys.stderr)
        chosen.normal_priority = True


def keep(work, watches_before, watches_now, alive, inside):
    """Outlives this process however it ends: then ends what still runs and puts everything back."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    os.read(alive, 1)
    # Its first process takes all others with it; the file says which it is, as seen from here.
    try:
        os.kill(int(open(inside).read()), signal.SIGKILL)
    except (OSError, ValueError):
        pass
    if watches_now and open(WATCHES).read().strip() == watches_now:
        with open(WATCHES, "w") as file:
            file.write(watches_before)
    for pause in (0.1, 0.2, 0.5, 1, 2, 4, 0):
        if subprocess.run(["rm", "-rf", "--one-file-system", work], stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(pause)
    print(f"bench: could not remove {work}", file=sys.stderr)


def raise_watches(needed):
    """Returns what it is now, when it was changed, and what it was."""
    before = open(WATCHES).read().strip()
    if int(before) >= needed:
        return None, before
    with open(WATCHES, "w") as file:
        file.write(str(needed))
    return str(needed), before


def main():
    chosen = arguments()
    check_machine(chosen)
    # On the disk, not in memory: what is measured includes the file system.
    work = tempfile.mkdtemp(prefix="sshpermd-bench.", dir="/var/tmp")
    os.chmod(work, 0o755)
    print(f"bench: works in {work}", file=sys.stderr, flush=True)
    now, before = raise_watches(everything.watches_needed(chosen))
    alive, alive_here = os.pipe()
    pid_file = work + "/inside.pid"
    keeper = os.fork()
    if keeper == 0:
        os.close(alive_here)
        keep(work, before, now, alive, pid_file)
        os._exit(0)
    os.close(alive)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    status = 1
    try:
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--ipc", "--propagation", "private",
                   "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, "-B", HERE + "/inside.py",
                   work, os.path.abspath(chosen.build)]
        command += ["--only=" + ",".join(chosen.only)] if chosen.only else []
        command += [flag for flag, given in (("--quick", chosen.quick), ("--large", chosen.large),
                                             ("--normal-priority", chosen.normal_priority)) if given]
        command += ["--beside=" + os.path.abspath(chosen.beside)] if chosen.beside else []
        child = subprocess.Popen(command)
        with open(pid_file, "w") as file:
            file.write(str(child.pid))
        status = child.wait()
    finally:
        if chosen.json and os.path.exists(work + "/report.json"):
            shutil.copyfile(work + "/report.json", chosen.json)
        os.close(alive_here)
        os.waitpid(keeper, 0)
    sys.exit(status)


if __name__ == "__main__":
    main()
