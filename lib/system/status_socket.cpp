#include "system/status_socket.hpp"

#include "io/failure.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

constexpr int backlog = 256;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.front() != '/' || path.size() >= sizeof address.sun_path)
        fail(ENAMETOOLONG, "cannot have a socket at " + path);
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

UniqueFd make_socket() {
    UniqueFd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd)
        fail(errno, "cannot make a socket");
    return fd;
}

/// Only root may be able to put something else in the socket's place.
void prepare_directory(const std::string& path) {
    const auto directory = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
    if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST)
        fail(errno, "cannot make " + directory);
    struct stat status {};
    if (lstat(directory.c_str(), &status) != 0)
        fail(errno, "cannot look at " + directory);
    if (!S_ISDIR(status.st_mode) || status.st_uid != 0 || (status.st_mode & 022U) != 0)
        fail(EPERM, directory + " is not a directory that only root can change");
}

void remove_what_was_left(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT)
            return;
        fail(errno, "cannot look at " + path);
    }
    if (!S_ISSOCK(status.st_mode))
        fail(EEXIST, path + " is not a socket");
    const auto probe = make_socket();
    if (connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN)
        fail(EADDRINUSE, "another daemon listens at " + path);
    if (errno != ECONNREFUSED)
        fail(errno, "cannot tell whether somebody listens at " + path);
    if (unlink(path.c_str()) != 0)
        fail(errno, "cannot remove " + path);
}

} // namespace

StatusSocket::StatusSocket(std::string path, std::optional<gid_t> group)
    : path_(std::move(path)), fd_(make_socket()) {
    const auto address = address_of(path_);
    prepare_directory(path_);
    remove_what_was_left(path_, address);
    // The mode of the socket before bind() is the most that the file can have after it.
    if (fchmod(fd_.get(), 0600) != 0 || bind(fd_.get(), generic(address), sizeof address) != 0)
        fail(errno, "cannot bind " + path_);
    struct stat status {};
    if (lstat(path_.c_str(), &status) != 0)
        fail(errno, "cannot look at " + path_);
    inode_ = status.st_ino;
    if (chown(path_.c_str(), 0, group.value_or(0)) != 0 ||
        chmod(path_.c_str(), group ? 0660 : 0600) != 0)
        fail(errno, "cannot set owner and mode of " + path_);
    if (listen(fd_.get(), backlog) != 0)
        fail(errno, "cannot listen at " + path_);
}

StatusSocket::StatusSocket(UniqueFd inherited) : fd_(std::move(inherited)) {
    const auto option = [this](int name) {
        int value = 0;
        socklen_t length = sizeof value;
        if (getsockopt(fd_.get(), SOL_SOCKET, name, &value, &length) != 0)
            fail(errno, "cannot use the socket that was passed on");
        return value;
    };
    if (option(SO_DOMAIN) != AF_UNIX || option(SO_TYPE) != SOCK_STREAM ||
        option(SO_ACCEPTCONN) == 0)
        fail(EINVAL, "what was passed on is no listening UNIX stream socket");
    const int flags = fcntl(fd_.get(), F_GETFL);
    if (flags < 0 || fcntl(fd_.get(), F_SETFL, flags | O_NONBLOCK) != 0)
        fail(errno, "cannot use the socket that was passed on");
}

StatusSocket::~StatusSocket() {
    if (path_.empty())
        return;
    struct stat status {};
    if (lstat(path_.c_str(), &status) == 0 && status.st_ino == inode_)
        unlink(path_.c_str());
}

Peer peer_of(int connection) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
        fail(errno, "cannot tell who connected");
    Peer peer{credentials.uid, {credentials.gid}, credentials.pid};
    std::vector<gid_t> groups(64);
    for (;;) {
        length = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        if (getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length) == 0)
            break;
        if (errno != ERANGE)
            return peer; // before Linux 4.13: the primary group alone
        groups.resize(length / sizeof(gid_t));
    }
    groups.resize(length / sizeof(gid_t));
    peer.groups.insert(peer.groups.end(), groups.begin(), groups.end());
    return peer;
}

} // namespace sshpermd
