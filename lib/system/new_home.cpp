#include "system/new_home.hpp"

#include "io/failure.hpp"
#include "io/transfer.hpp"
#include "system/home_root.hpp"
#include "system/replacement.hpp"
#include "system/tree_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace sshpermd {
namespace {

constexpr std::size_t most_entries = 4096;
constexpr std::size_t largest_file = std::size_t{16} << 20U;

Handle open_dir(const Kernel& kernel, const Handle& dir, const std::string& name) {
    auto opened = open_child(kernel, dir, name);
    auto* const handle = std::get_if<Handle>(&opened);
    if (handle == nullptr || handle->observe().type != FileType::dir)
        fail(ENOTDIR, "open " + name);
    return std::move(*handle);
}

/// A directory of root's alone in the root, gone again in the end with all that is in it.
class HomeStage {
  public:
    HomeStage(const Kernel& kernel, const Handle& root) : kernel_(kernel), root_(root) {
        remove(); // of one who was killed
        if (mkdirat(root.fd(), spare_name, for_root_alone) != 0)
            fail(errno, std::string{"make "} + spare_name);
        dir_.emplace(open_dir(kernel, root, spare_name));
    }
    HomeStage(const HomeStage&) = delete;
    HomeStage& operator=(const HomeStage&) = delete;
    ~HomeStage() {
        try {
            remove();
        } catch (const std::system_error&) { // stays: the next to build removes it
        }
    }

    Handle make(const std::string& name) const {
        if (mkdirat(dir_->fd(), name.c_str(), for_root_alone) != 0)
            fail(errno, "make " + name);
        return open_dir(kernel_, *dir_, name);
    }

    /// As it is to be in the end, and then to where it is to be.
    void move(const std::string& name, const Handle& made, const Handle& to, const Expected& wanted,
              const AboutToBeThere& about_to) const {
        if (fchownat(made.fd(), "", wanted.owner, wanted.group, AT_EMPTY_PATH) != 0 ||
            change_mode(kernel_, made.fd(), wanted.mode) != 0)
            fail(errno, "give " + name + " to its owner");
        about_to(made.observe());
        constexpr unsigned no_replace = 1; // RENAME_NOREPLACE; the wrapper is from glibc 2.28
        if (syscall(SYS_renameat2, dir_->fd(), name.c_str(), to.fd(), name.c_str(), no_replace) !=
            0)
            fail(errno, "put " + name + " in place");
    }

  private:
    void remove() const {
        const auto opened = open_child(kernel_, root_, spare_name);
        const auto* const dir = std::get_if<Handle>(&opened);
        if (dir != nullptr && dir->observe().type == FileType::dir && dir->observe().owner == 0)
            std::filesystem::remove_all(proc_path(root_.fd()) + "/" + spare_name);
    }

    const Kernel& kernel_;
    const Handle& root_;
    std::optional<Handle> dir_;
};

void require_roots(const Observed& seen, const std::string& path) {
    const bool is_link = seen.type == FileType::symlink;
    if (seen.owner != 0 || (!is_link && seen.mode.has(06022)))
        fail(EPERM, "copy " + path + ", which is not root's alone,");
}

/// The directories of skel that are still to be copied, beside what they become.
struct Pair {
    Handle from;
    Handle to;
    std::string path;
    Mode mode;
};

class Copy {
  public:
    Copy(const Kernel& kernel, const Expected& wanted) : kernel_(kernel), wanted_(wanted) {}

    void run(Handle from, const Handle& to, const std::string& path) {
        require_roots(from.observe(), path);
        copy_names(from, to, path);
        while (!ahead_.empty()) {
            const auto pair = std::move(ahead_.back());
            ahead_.pop_back();
            copy_names(pair.from, pair.to, pair.path);
            give(pair.to, pair.mode);
        }
    }

  private:
    void give(const Handle& made, Mode mode) const {
        if (fchownat(made.fd(), "", wanted_.owner, wanted_.group,
                     AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0 ||
            (made.observe().type != FileType::symlink &&
             change_mode(kernel_, made.fd(), mode) != 0))
            fail(errno, "give a file to its owner");
    }

    void copy_names(const Handle& from, const Handle& to, const std::string& path) {
        Listing names{from};
        while (const auto* const name = names.next()) {
            if (++entries_ > most_entries)
                fail(E2BIG, "copy " + path);
            copy(from, to, name->name, path + "/" + name->name);
        }
    }

    void copy(const Handle& from, const Handle& to, const std::string& name,
              const std::string& path) {
        auto opened = open_child(kernel_, from, name);
        auto* const source = std::get_if<Handle>(&opened);
        if (source == nullptr)
            fail(EPERM, "copy " + path);
        const auto seen = source->observe();
        require_roots(seen, path);
        const Mode mode = seen.mode & Mode{0755};
        if (seen.type == FileType::dir) {
            if (mkdirat(to.fd(), name.c_str(), for_root_alone) != 0)
                fail(errno, "make " + path);
            ahead_.push_back({std::move(*source), open_dir(kernel_, to, name), path, mode});
            return;
        }
        if (seen.type == FileType::file)
            copy_text(*source, to, name, path);
        else if (seen.type == FileType::symlink)
            copy_link(*source, to, name, path);
        else
            fail(EPERM, "copy " + path + ", which is no file,");
        const auto made = open_child(kernel_, to, name);
        give(std::get<Handle>(made), mode);
    }

    static void copy_text(const Handle& source, const Handle& to, const std::string& name,
                          const std::string& path) {
        const UniqueFd in{open(proc_path(source.fd()).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
        const auto text = in ? read_all(in.get(), largest_file) : std::nullopt;
        if (!text)
            fail(errno, "read " + path);
        if (text->size() > largest_file)
            fail(EFBIG, "copy " + path);
        const UniqueFd out{openat(to.fd(), name.c_str(),
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
        if (!out || write_all(out.get(), *text) != text->size())
            fail(errno, "write a copy of " + path);
    }

    static void copy_link(const Handle& source, const Handle& to, const std::string& name,
                          const std::string& path) {
        std::array<char, PATH_MAX> target{};
        const auto length = readlinkat(source.fd(), "", target.data(), target.size() - 1);
        if (length < 0 || symlinkat(target.data(), to.fd(), name.c_str()) != 0)
            fail(errno, "copy " + path);
    }

    const Kernel& kernel_;
    const Expected& wanted_;
    std::vector<Pair> ahead_;
    std::size_t entries_ = 0;
};

/// What was being done stands before ": " in the words of the exception.
Failure failure_of(const std::system_error& error) {
    const std::string what = error.what();
    return {error.code().value(), what.substr(0, what.rfind(": "))};
}

} // namespace

std::optional<Failure> make_home(Machine& machine, const Handle& root, const std::string& name,
                                 const Expected& wanted, const AboutToBeThere& about_to,
                                 const std::string& skel) {
    try {
        auto from = open_home_root(machine, skel);
        if (std::holds_alternative<Refusal>(from))
            return Failure{EPERM, "copy " + skel + ", which is not root's alone,"};
        const HomeStage stage{machine.kernel, root};
        const auto home = stage.make(name);
        if (auto* const dir = std::get_if<Handle>(&from))
            Copy{machine.kernel, wanted}.run(std::move(*dir), home, skel);
        stage.move(name, home, root, wanted, about_to);
        return std::nullopt;
    } catch (const std::system_error& error) {
        return failure_of(error);
    }
}

std::optional<Failure> make_empty_ssh_dir(const Kernel& kernel, const Handle& root,
                                          const Handle& home, const Expected& wanted,
                                          const AboutToBeThere& about_to) {
    try {
        const HomeStage stage{kernel, root};
        stage.move(".ssh", stage.make(".ssh"), home, wanted, about_to);
        return std::nullopt;
    } catch (const std::system_error& error) {
        return failure_of(error);
    }
}

} // namespace sshpermd
