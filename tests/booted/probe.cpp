// Tries what the unit's sandbox takes away, and what it must leave, and prints how each attempt
// ended: one line "what: yes" or "what: no (why)". Run in the unit's place, and without its sandbox
// as control.

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>

namespace {

void attempt(const std::string& what, const std::function<bool()>& act) {
    errno = 0;
    const bool done = act();
    std::cout << what << (done ? ": yes" : ": no") << (errno != 0 && !done ? " (" : "")
              << (errno != 0 && !done ? strerrorname_np(errno) : "")
              << (errno != 0 && !done ? ")" : "") << std::endl;
}

bool create_in(const std::string& directory) {
    const auto name = directory + "/probe-of-the-sandbox";
    const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    close(fd);
    unlink(name.c_str());
    return true;
}

bool is_there(const char* path) { return access(path, F_OK) == 0; }

std::string status(const std::string& name) {
    std::ifstream file{"/proc/self/status"};
    std::string line;
    while (std::getline(file, line))
        if (line.rfind(name + ":\t", 0) == 0)
            return line.substr(name.size() + 2);
    return {};
}

void files() {
    for (const char* directory : {"/etc", "/usr", "/var/log", "/root", "/opt"})
        attempt(std::string{"write below "} + directory, [&] { return create_in(directory); });
    attempt("write below /home", [] { return create_in("/home"); });
    attempt("write below /run/sshpermd", [] { return create_in("/run/sshpermd"); });
    attempt("write below /var/lib/sshpermd", [] { return create_in("/var/lib/sshpermd"); });
    attempt("see what others keep in /tmp", [] { return is_there("/tmp/of-somebody-else"); });
    attempt("see the devices", [] { return is_there("/dev/console"); });
    attempt("change control groups", [] {
        const char* const group = "/sys/fs/cgroup/probe-of-the-sandbox";
        return mkdir(group, 0755) == 0 && rmdir(group) == 0;
    });
    attempt("make files that others can read", [] {
        const mode_t mask = umask(0);
        umask(mask);
        errno = EPERM;
        return (mask & 0077U) != 0077U;
    });
}

void calls() {
    attempt("use the network", [] { return socket(AF_INET, SOCK_DGRAM, 0) >= 0; });
    attempt("use UNIX sockets", [] { return socket(AF_UNIX, SOCK_DGRAM, 0) >= 0; });
    attempt("map memory that is writable and executable", [] {
        return mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                    -1, 0) != MAP_FAILED;
    });
    attempt("change the personality", [] { return personality(ADDR_NO_RANDOMIZE) != -1; });
    attempt("become real-time", [] {
        sched_param param{};
        param.sched_priority = 1;
        return sched_setscheduler(0, SCHED_RR, &param) == 0 || errno == EINVAL;
    });
    attempt("lower its nice value", [] { return setpriority(PRIO_PROCESS, 0, -1) == 0; });
    attempt("change the host's name", [] { return sethostname("guest", 5) == 0; });
    attempt("mount", [] { return mount("none", "/mnt", "tmpfs", 0, nullptr) == 0; });
    attempt("use keyrings",
            [] { return syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3, 1) != -1; });
    attempt("use asynchronous I/O", [] {
        aio_context_t context = 0;
        return syscall(SYS_io_setup, 1, &context) == 0;
    });
    attempt("become another user", [] { return setresuid(0, 0, 0) == 0; });
    attempt("change an owner", [] { return fchownat(AT_FDCWD, "/home", 0, 0, 0) == 0; });
    attempt("resolve with openat2", [] {
        open_how how{};
        how.flags = O_PATH | O_CLOEXEC;
        how.resolve = RESOLVE_NO_SYMLINKS;
        return syscall(SYS_openat2, AT_FDCWD, "/home", &how, sizeof how) >= 0;
    });
    attempt("survive a call that nobody knows", [] { return syscall(4000) == -1; });
    attempt("make a user namespace",
            [] { return unshare(CLONE_NEWUSER) == 0; }); // the last: it has no ids
}

} // namespace

int main() {
    if (!is_there("/guest/script.sh")) {
        std::cerr << "only for a guest of the tests: what is allowed here is done\n";
        return 2;
    }
    std::cout << "capabilities: " << status("CapBnd") << '\n'
              << "no new privileges: " << status("NoNewPrivs") << '\n'
              << "filter: " << status("Seccomp") << '\n';
    for (const char* kind : {"net", "ipc", "mnt"}) {
        std::string at(64, '\0');
        const auto length =
            readlink((std::string{"/proc/self/ns/"} + kind).c_str(), at.data(), at.size());
        at.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
        std::cout << "namespace: " << at << '\n';
    }
    files();
    calls();
}
