# The places in which watchers run: homes, accounts, /run and /var/lib of their own.
import ctypes
import json
import os
import shutil
import signal
import subprocess

from .sizes import sizes_of

# What a program needs of /etc; nothing of the machine's secrets is copied.
OF_ETC = ["passwd", "group", "nsswitch.conf", "login.defs", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "machine-id",
          "localtime", "os-release"]
CLONE_NEWNS = 0x00020000


class Ground:
    def __init__(self, chosen):
        self.chosen = chosen
        self.sizes = sizes_of(chosen)
        self.work = chosen.work
        self.fifo = not chosen.normal_priority
        # The build may lie below what is mounted over.
        self.bin = self.work + "/bin"
        os.mkdir(self.bin)
        for program in ("daemon/sshpermd", "ctl/sshpermctl"):
            shutil.copy(os.path.join(chosen.build, program), self.bin)
        for entry in os.scandir(chosen.build + "/bench"):
            if entry.is_file() and (os.access(entry.path, os.X_OK) or entry.name.endswith(".so.2")):
                shutil.copy(entry.path, self.bin)
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        for script in ("script_watcher.sh", "incron_guard.sh", "ask_checks.py"):
            shutil.copy(os.path.join(here, script), self.bin)
        self.etc = self.work + "/etc"
        self._make_etc()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"], check=True)
        subprocess.run(["mount", "--bind", self.etc, "/etc"], check=True)

    def _make_etc(self):
        os.mkdir(self.etc)
        os.mkdir(self.etc + "/ssh")
        for name in OF_ETC:
            path = os.path.realpath("/etc/" + name)
            if os.path.isdir(path):
                shutil.copytree(path, f"{self.etc}/{name}")
            elif os.path.exists(path):
                shutil.copyfile(path, f"{self.etc}/{name}")
        with open("/etc/passwd") as all_accounts, open(self.etc + "/passwd", "w") as some:
            some.writelines(line for line in all_accounts if not (line.split(":") + [""] * 6)[5].startswith("/home"))
        with open(self.etc + "/group", "a") as groups:
            groups.write("sshperm:x:59999:\n")

    def place(self, name, homes):
        return Place(self, name, homes)

    def tree(self, name, homes):
        """Homes that no account has, for a watcher that asks for none."""
        root = f"{self.work}/{name}"
        os.mkdir(root)
        subprocess.run([self.bin + "/make_homes", root, str(homes)], check=True)
        return root

    def clean_up(self):
        """After a measurement that failed: its processes, and what is below the work directory."""
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():  # only what runs in this namespace is seen
                try:
                    os.kill(int(name), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        for entry in os.scandir(self.work):
            if entry.is_dir() and entry.path not in (self.bin, self.etc):
                subprocess.run(["umount", "-l", entry.path + "/run"], stderr=subprocess.DEVNULL)
                self.remove(entry.path)

    def remove(self, path):
        subprocess.run(["rm", "-rf", "--one-file-system", path], check=True)


class Place:
    """A directory with what a daemon, and what else runs there, calls /home, /etc, /run and /var/lib."""

    def __init__(self, ground, name, homes):
        self.ground = ground
        self.directory = f"{ground.work}/{name}"
        self.home, self.etc, self.run, self.lib = (f"{self.directory}/{part}" for part in ("home", "etc", "run", "lib"))
        for path in (self.directory, self.home, self.run, self.lib):
            os.mkdir(path, 0o755)
        subprocess.run(["cp", "-a", ground.etc, self.etc], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", self.run], check=True)
        subprocess.run([ground.bin + "/make_homes", self.home, str(homes), "--passwd", self.etc + "/passwd",
                        "--group", self.etc + "/group"], check=True)
        self.homes = sorted(os.listdir(self.home))
        self.config = self.run + "/bench.json"
        self.configure({})
        os.sync()

    def configure(self, config):
        with open(self.config, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            json.dump(config, file)

    @property
    def record(self):
        return self.lib + "/sshpermd/record"

    @property
    def socket(self):
        return self.run + "/sshpermd/sshpermd.sock"

    def forget(self):
        """The state of a daemon that ran here."""
        self.ground.remove(self.lib + "/sshpermd")

    def command(self, words):
        """`words` as a command that runs in this place; the process it becomes is the one that is started."""
        mounts = " && ".join(f'mount --bind "$0/{part}" {on}' for part, on in
                             (("home", "/home"), ("lib", "/var/lib"), ("etc", "/etc"), ("run", "/run")))
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", mounts + ' && exec "$@"',
                self.directory, *words]

    def do(self, function):
        """Calls `function` in a process in this place and returns what it returned, by way of JSON."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
                    raise OSError(ctypes.get_errno(), "unshare")
                for part, on in (("home", "/home"), ("lib", "/var/lib"), ("etc", "/etc"), ("run", "/run")):
                    subprocess.run(["mount", "--bind", f"{self.directory}/{part}", on], check=True)
                with os.fdopen(writing, "w") as file:
                    json.dump(function(), file)
                status = 0
            finally:
                import traceback
                if status:
                    traceback.print_exc()
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading) as file:
            text = file.read()
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise RuntimeError("a measurement in " + self.directory + " failed")
        return json.loads(text)

    def remove(self):
        subprocess.run(["umount", "-l", self.run], check=True)
        self.ground.remove(self.directory)
