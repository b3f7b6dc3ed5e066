# sshpermctl repair --recursive beside chown -R of coreutils over the same files, in turns. Both hand
# the files of a uid that nobody has to an account; before each turn they are given back and written.
import os
import subprocess
import time

from .figures import figure, median, ratio_of_turns

NOBODYS = 25_001  # not of a range that containers take
A_DIRECTORY = 1000
HOME = "/home/bench00000"


def fill(files):
    for number in range(files):
        directory = f"{HOME}/d{number // A_DIRECTORY}"
        if number % A_DIRECTORY == 0:
            os.mkdir(directory)
        os.close(os.open(f"{directory}/{number}", os.O_CREAT | os.O_WRONLY, 0o644))


def once(command):
    """Wall and processor time in milliseconds; all files must be the account's afterwards."""
    subprocess.run(f"chown -R {NOBODYS}:{NOBODYS} {HOME}/d*", shell=True, check=True)
    os.sync()
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    lasted = (time.perf_counter() - begin) * 1000
    process.returncode = status
    left = subprocess.check_output(["find", HOME, "-uid", str(NOBODYS), "-print", "-quit"])
    if status != 0 or left:
        raise RuntimeError(f"{command}: status {status}, not handed over: {left}")
    return lasted, (usage.ru_utime + usage.ru_stime) * 1000


def calls(command, trace):
    """How many system calls it makes."""
    once(["strace", "-f", "-c", "-o", trace] + command)
    with open(trace) as lines:
        total = [line.split() for line in lines if line.rstrip().endswith(" total")]
    os.unlink(trace)
    return int(total[0][3])


def measure(ground):
    files, turns = ground.sizes.walk_files, ground.sizes.walk_turns
    place = ground.place("walk", 1)
    owner = os.stat(f"{place.home}/bench00000")
    commands = {"chown": ["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", HOME],
                "repair": [ground.bin + "/sshpermctl", "repair", "--recursive", "-q", "--config", "/run/bench.json",
                           "bench00000"]}

    def work():
        fill(files)
        took = {name: [] for name in commands}
        for _ in range(turns):
            for name, command in commands.items():
                took[name].append(once(command))
        return took, {name: calls(command, ground.work + "/walk.strace") / files for name, command in commands.items()}

    took, asked = place.do(work)
    place.remove()
    figures = []
    for number, (key, what, limit) in enumerate((("wall", f"repair --recursive of {files:,} files", 1.5),
                                                 ("cpu", "… processor time", None))):
        ours, theirs = ([run[number] for run in took[name]] for name in ("repair", "chown"))
        figures.append(figure("walk." + key, what, median(ours), "ms", "chown -R", median(theirs),
                              ratio_of_turns(ours, theirs), at_most=limit))
    figures.append(figure("walk.calls", "… system calls a file", asked["repair"], "", "chown -R", asked["chown"],
                          asked["repair"] / asked["chown"]))
    return figures, {"took": took, "calls_a_file": asked}
