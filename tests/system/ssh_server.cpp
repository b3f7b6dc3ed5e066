// A real sshd on loopback and a real ssh client.
#include "ssh_server.hpp"

#include "files.hpp"

#include <arpa/inet.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace system_tests {

namespace fs = std::filesystem;

namespace {

constexpr int port = 2222;
const fs::path keys = "/run/ssh-test";

void make_key(const fs::path& path) {
    if (!is_there(path))
        must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path});
}

fs::path configure() {
    key_pair("client");
    make_key(keys / "host");
    const std::string config = "Port " + std::to_string(port) +
                               "\n"
                               "ListenAddress 127.0.0.1\n"
                               "HostKey /run/ssh-test/host\n"
                               "PidFile none\n"
                               "UsePAM no\n"
                               "UseDNS no\n"
                               "PasswordAuthentication no\n"
                               "KbdInteractiveAuthentication no\n"
                               "PrintMotd no\n"
                               "PrintLastLog no\n"
                               "MaxStartups 200\n"
                               "LogLevel VERBOSE\n";
    const fs::path path = keys / "sshd_config";
    // From 9.8 on sshd slows down an address that was refused often, as ours will be.
    write_file(path, config + "PerSourcePenalties no\n", {0600, {0, 0}});
    if (run({"/usr/sbin/sshd", "-t", "-f", path}).status != 0)
        write_file(path, config, {0600, {0, 0}});
    return path;
}

} // namespace

bool is_listening(int at) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(at));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return connected;
}

const std::string& public_key() {
    static const std::string line = key_pair("client").line;
    return line;
}

KeyPair key_pair(const std::string& name) {
    if (!is_there(keys))
        make_directory(keys, {0700, {0, 0}});
    make_key(keys / name);
    return {keys / name, read_file((keys / name).native() + ".pub")};
}

SshServer::SshServer() {
    if (!is_there("/usr/sbin/sshd"))
        throw std::runtime_error("there is no /usr/sbin/sshd to log in to: install openssh-server");
    sshd_.emplace(std::vector<std::string>{"/usr/sbin/sshd", "-D", "-e", "-f", configure()});
    if (!eventually([&] { return !sshd_->running() || is_listening(port); }) || !sshd_->running())
        throw std::runtime_error("sshd does not start: " + sshd_->err());
}

Login SshServer::login(const Account& account) const { return login(account, key_pair("client")); }

Login SshServer::login(const Account& account, const KeyPair& with) const {
    const auto ended = run({"ssh",
                            "-F",
                            "none",
                            "-p",
                            std::to_string(port),
                            "-i",
                            with.secret,
                            "-o",
                            "BatchMode=yes",
                            "-o",
                            "IdentitiesOnly=yes",
                            "-o",
                            "StrictHostKeyChecking=no",
                            "-o",
                            "UserKnownHostsFile=/dev/null",
                            "-o",
                            "GlobalKnownHostsFile=/dev/null",
                            "-o",
                            "LogLevel=ERROR",
                            "-o",
                            "ConnectTimeout=20",
                            account.name + "@127.0.0.1",
                            "id -un"});
    return {ended.status == 0 && ended.out == account.name + "\n", ended.err};
}

} // namespace system_tests
