// A FUSE file system whose server has stopped answering.
#include "dead_fuse.hpp"

#include "patience.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>

namespace system_tests {

namespace {

/// A test that hangs on us is let go: then it fails instead.
constexpr auto longest_life = 2 * patience;

[[noreturn]] void fail(const char* doing) {
    throw std::system_error(errno, std::generic_category(), doing);
}

bool answer_init(int device, const fuse_in_header& request, const fuse_init_in& init) {
    fuse_init_out answer{};
    answer.major = FUSE_KERNEL_VERSION;
    answer.minor = init.minor;
    answer.max_readahead = init.max_readahead;
    answer.max_write = 4096;
    fuse_out_header head{};
    head.len = sizeof head + sizeof answer;
    head.unique = request.unique;
    const std::array<iovec, 2> parts{{{&head, sizeof head}, {&answer, sizeof answer}}};
    return ::writev(device, parts.data(), parts.size()) == static_cast<ssize_t>(head.len);
}

} // namespace

std::string DeadFuse::why_not() {
    const int device = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0)
        return "/dev/fuse cannot be opened: " + std::generic_category().message(errno);
    ::close(device);
    return {};
}

DeadFuse::DeadFuse(const std::filesystem::path& at, FuseFor whom)
    : at_{at}, device_{::open("/dev/fuse", O_RDWR | O_CLOEXEC)} {
    if (device_ < 0)
        fail("open /dev/fuse");
    struct stat below {};
    ::lstat(at.c_str(), &below);
    const bool for_all = whom == FuseFor::everybody;
    const auto options = "fd=" + std::to_string(device_) +
                         ",rootmode=" + (S_ISDIR(below.st_mode) ? "40755" : "100644") +
                         ",group_id=0,user_id=" + std::to_string(below.st_uid) +
                         (for_all ? ",allow_other" : "");
    if (::mount("dead", at.c_str(), "fuse", 0, options.c_str()) != 0) {
        ::close(device_);
        fail("mount a FUSE file system");
    }
    server_ = std::thread{[this] { serve(); }};
    eventually([this] { return ready_.load(); });
}

DeadFuse::~DeadFuse() { end(); }

void DeadFuse::end() {
    if (!server_.joinable())
        return;
    ::umount2(at_.c_str(), MNT_DETACH);
    ending_ = true;
    server_.join();
}

void DeadFuse::serve() {
    const auto deadline = std::chrono::steady_clock::now() + longest_life;
    std::array<char, 65536> message{};
    while (!ending_ && std::chrono::steady_clock::now() < deadline) {
        pollfd waiting{device_, POLLIN, 0};
        if (::poll(&waiting, 1, 10) <= 0)
            continue;
        if (::read(device_, message.data(), message.size()) <= 0)
            continue;
        fuse_in_header request{};
        std::memcpy(&request, message.data(), sizeof request);
        if (request.opcode == FUSE_INIT) {
            fuse_init_in init{};
            std::memcpy(&init, message.data() + sizeof request, sizeof init);
            ready_ = answer_init(device_, request, init);
        } else {
            ++asked_;
        }
    }
    ::close(device_); // the last one: the kernel ends the connection
}

} // namespace system_tests
