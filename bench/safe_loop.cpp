// The reference that is safe: epoll, inotify and the least that a root process must look at before
// it changes a file of somebody else's, with one JSON line for each repair. With `steps` each name
// below the home root is opened for itself, as in a longer path a link would be followed.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

int checked(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

constexpr int to_hold = O_PATH | O_NOFOLLOW | O_CLOEXEC;

struct Home {
    std::string path;
    uid_t uid;
    gid_t gid;
};

/// What a watch descriptor stands for.
struct Watched {
    enum Kind { nothing, root, home, ssh } kind = nothing;
    std::size_t home_number = 0;
};

class Loop {
  public:
    Loop(std::string root, const char* log, bool by_steps)
        : root_{std::move(root), 0, 0},
          by_steps_{by_steps},
          inotify_{checked(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1")},
          log_{checked(::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), log)} {
        constexpr std::uint32_t names = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
        watch(root_.path, names | IN_ATTRIB, {Watched::root, 0});
        for (const auto& entry : std::filesystem::directory_iterator(root_.path)) {
            struct stat status {};
            checked(::lstat(entry.path().c_str(), &status), entry.path().c_str());
            number_of_[entry.path().filename().string()] = homes_.size();
            watch(entry.path().string(), names, {Watched::home, homes_.size()});
            watch(entry.path().string() + "/.ssh", names | IN_ATTRIB,
                  {Watched::ssh, homes_.size()});
            homes_.push_back({entry.path().string(), status.st_uid, status.st_gid});
        }
    }

    [[noreturn]] void run() {
        const int epoll = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
        epoll_event ready{};
        ready.events = EPOLLIN;
        checked(::epoll_ctl(epoll, EPOLL_CTL_ADD, inotify_, &ready), "epoll_ctl");
        alignas(inotify_event) static std::array<char, 65536> buffer;
        for (;;) {
            ::epoll_wait(epoll, &ready, 1, -1);
            const ssize_t size = ::read(inotify_, buffer.data(), buffer.size());
            for (ssize_t at = 0; at < size;) {
                const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
                handle(*event);
                at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            }
        }
    }

  private:
    void watch(const std::string& path, std::uint32_t mask, Watched what) {
        const std::uint32_t flags = IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;
        const auto wd = static_cast<std::size_t>(
            checked(inotify_add_watch(inotify_, path.c_str(), mask | flags), path.c_str()));
        if (watched_.size() <= wd)
            watched_.resize(wd + 1);
        watched_[wd] = what;
    }

    void handle(const inotify_event& event) {
        if ((event.mask & IN_Q_OVERFLOW) != 0)
            return look_at_all();
        const auto wd = static_cast<std::size_t>(event.wd);
        if ((event.mask & IN_ATTRIB) == 0 || wd >= watched_.size())
            return;
        const std::string_view name = event.len == 0 ? "" : static_cast<const char*>(event.name);
        const auto [kind, number] = watched_[wd];
        if (kind == Watched::root && name.empty())
            put_right(root_.path, S_IFDIR, 0755, root_);
        else if (kind == Watched::root) {
            if (const auto found = number_of_.find(std::string{name}); found != number_of_.end())
                put_right(homes_[found->second].path, S_IFDIR, 0700, homes_[found->second]);
        } else if (kind == Watched::ssh && name.empty())
            put_right(homes_[number].path + "/.ssh", S_IFDIR, 0700, homes_[number]);
        else if (kind == Watched::ssh && name == "authorized_keys")
            put_right(homes_[number].path + "/.ssh/authorized_keys", S_IFREG, 0600, homes_[number]);
    }

    void look_at_all() {
        put_right(root_.path, S_IFDIR, 0755, root_);
        for (const auto& home : homes_) {
            put_right(home.path, S_IFDIR, 0700, home);
            put_right(home.path + "/.ssh", S_IFDIR, 0700, home);
            put_right(home.path + "/.ssh/authorized_keys", S_IFREG, 0600, home);
        }
    }

    /// Each directory on the way is looked at, as far as a look costs: who may change names in it.
    int open_by_steps(const std::string& path) const {
        int at = ::open(root_.path.c_str(), to_hold);
        for (auto from = root_.path.size(); at >= 0 && from < path.size();) {
            const auto to = std::min(path.find('/', from + 1), path.size());
            struct stat dir {};
            const bool may_go_on = ::fstat(at, &dir) == 0 && S_ISDIR(dir.st_mode);
            const int next =
                may_go_on ? ::openat(at, path.substr(from + 1, to - from - 1).c_str(), to_hold)
                          : -1;
            ::close(at);
            at = next;
            from = to;
        }
        return at;
    }

    void put_right(const std::string& path, mode_t type, mode_t mode, const Home& owner) const {
        const int fd = by_steps_ ? open_by_steps(path) : ::open(path.c_str(), to_hold);
        if (fd < 0)
            return;
        struct stat was {};
        if (::fstat(fd, &was) == 0 && (was.st_mode & S_IFMT) == type &&
            (type == S_IFDIR || was.st_nlink == 1))
            change(fd, path, was, mode, owner);
        ::close(fd);
    }

    /// Never without a difference: each change of ours is an event, too.
    void change(int fd, const std::string& path, const struct stat& was, mode_t mode,
                const Home& owner) const {
        const bool is_theirs = was.st_uid == owner.uid && was.st_gid == owner.gid;
        if (is_theirs && (was.st_mode & 07777U) == mode)
            return;
        if (!is_theirs)
            checked(::fchownat(fd, "", owner.uid, owner.gid, AT_EMPTY_PATH), path.c_str());
        if ((was.st_mode & 07777U) != mode)
            checked(::chmod(("/proc/self/fd/" + std::to_string(fd)).c_str(), mode), path.c_str());
        struct stat now {};
        checked(::fstat(fd, &now), path.c_str());
        std::array<char, 4096> line{};
        const int size = std::snprintf(
            line.data(), line.size(),
            "{\"event\":\"repaired\",\"path\":\"%s\",\"inode\":%llu,\"before\":\"%04o\",\"after\":"
            "\"%04o\",\"uid_before\":%u,\"uid_after\":%u}\n",
            path.c_str(), static_cast<unsigned long long>(now.st_ino), was.st_mode & 07777U,
            now.st_mode & 07777U, was.st_uid, now.st_uid);
        if (::write(log_, line.data(), static_cast<std::size_t>(size)) != size)
            throw std::system_error(errno, std::generic_category(), "the log");
    }

    Home root_;
    bool by_steps_;
    int inotify_;
    int log_;
    std::vector<Home> homes_;
    std::unordered_map<std::string, std::size_t> number_of_; ///< by the home's name
    std::vector<Watched> watched_;                           ///< by watch descriptor
};

} // namespace

int main(int argc, char** argv) try {
    const bool by_steps = argc == 4 && std::string_view{argv[3]} == "steps";
    if (argc != 3 && !by_steps) {
        std::cerr << "usage: safe_loop HOME_ROOT LOG [steps]\n";
        return 2;
    }
    Loop loop{argv[1], argv[2], by_steps};
    std::cout << "ready" << std::endl;
    loop.run();
} catch (const std::exception& error) {
    std::cerr << "safe_loop: " << error.what() << '\n';
    return 1;
}
