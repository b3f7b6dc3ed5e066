"""A machine of its own: the agent that runs in tests/system/namespace.sh, and who talks to it.

As a program (in the namespaces) it takes one JSON request a line and answers with one line; when its
input ends, the machine does.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

WAIT = 40  # seconds until "eventually" has been long enough on a busy machine


def eventually(look, what):
    """Looks until there is something to see, and says what was missed."""
    end = time.monotonic() + WAIT
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {WAIT} s")
        time.sleep(0.2)


class Machine:
    """Joined to the bridge of the network namespace that the descriptor names."""

    def __init__(self, name, address, bridge, network, source):
        self.name = name
        self.address = address
        self._agent = subprocess.Popen(
            ["unshare", "--uts", "--", str(source / "tests/system/namespace.sh"),
             "python3", "-B", str(source / "tests/monitoring/machine.py"), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[network])
        outside = f"nsenter --net=/proc/self/fd/{network}"
        self.run(f"""
            hostname {name}.example
            tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
            ip link add eth0 type veth peer name {name} netns /proc/self/fd/{network}
            ip addr add {address}/24 dev eth0
            ip link set eth0 up
            {outside} ip link set {name} master {bridge}
            {outside} ip link set {name} up""", pass_fd=network)

    def ask(self, request):
        self._agent.stdin.write(json.dumps(request) + "\n")
        self._agent.stdin.flush()
        answer = self._agent.stdout.readline()
        assert answer, f"{self.name} is gone"
        return json.loads(answer)

    def tried(self, script, user=None, pass_fd=None):
        """(exit status, output) of a script of the shell."""
        answer = self.ask({"script": script, "user": user, "fd": pass_fd})
        return answer["status"], answer["output"]

    def run(self, script, user=None, pass_fd=None):
        status, output = self.tried(script, user, pass_fd)
        assert status == 0, f"on {self.name}: {script}: {output}"
        return output

    def start(self, name, command, environment=None):
        """In the background; its output is /run/log-NAME."""
        self.ask({"start": name, "command": command, "environment": environment or {}})

    def stop(self, name):
        """With SIGTERM, and waits for the end."""
        return self.ask({"stop": name})["status"]

    def write(self, path, text, mode=0o644):
        self.ask({"write": str(path), "text": text, "mode": mode})

    def end(self):
        self._agent.stdin.close()
        self._agent.wait()


def shell(request):
    command = ["bash", "-euo", "pipefail", "-c", request["script"]]
    if request["user"]:
        command = ["setpriv", f"--reuid={request['user']}", f"--regid={request['user']}", "--init-groups",
                   "--reset-env", *command]
    kept = [request["fd"]] if request["fd"] else []
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, errors="replace", pass_fds=kept)
    return {"status": ran.returncode, "output": ran.stdout}


def agent():
    running = {}
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"status": 0, "output": ""}
        if "script" in request:
            answer = shell(request)
        elif "start" in request:
            with open(f"/run/log-{request['start']}", "ab") as log:
                running[request["start"]] = subprocess.Popen(
                    request["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=os.environ | request["environment"])
        elif "stop" in request:
            ended = running.pop(request["stop"])
            ended.terminate()
            answer["status"] = ended.wait()
        elif "write" in request:
            path = Path(request["write"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(request["text"])
            path.chmod(request["mode"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    agent()
