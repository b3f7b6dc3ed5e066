# sshpermctl repair --recursive beside chown -R; recursive.sh does it.
import re
import subprocess

from .figures import figure


def measure(ground):
    files, turns = ground.sizes.walk_files, ground.sizes.walk_turns
    build = ground.work + "/walk"
    subprocess.run(["mkdir", "-p", build], check=True)
    subprocess.run(["ln", "-s", ground.bin, build + "/ctl"], check=True)
    done = subprocess.run([ground.bin + "/recursive.sh", build, str(files), "1000", str(turns)], check=True,
                          stdout=subprocess.PIPE, text=True)
    wall, processor = re.search(r"medians: wall ([\d.]+)x, processor ([\d.]+)x", done.stdout).groups()
    rows = re.findall(r"chown -R ([\d.]+) .*sshpermctl ([\d.]+) ", done.stdout)
    theirs, ours = (sorted(float(row[i]) for row in rows)[len(rows) // 2] * 1000 for i in (0, 1))
    return [figure("walk.wall", f"repair --recursive of {files:,} files", ours, "ms", "chown -R", theirs, float(wall),
                   at_most=1.5),
            figure("walk.cpu", "… processor time", float(processor), "x chown -R")], {"said": done.stdout}
