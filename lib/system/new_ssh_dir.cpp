#include "system/new_ssh_dir.hpp"

#include "io/kernel.hpp"
#include "system/replacement.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <variant>

namespace sshpermd {
namespace {

constexpr const char* ssh_dir_name = ".ssh";

/// What is built, until it is moved; removed again when it is not.
class SshDirStage {
  public:
    SshDirStage(const Kernel& kernel, const Handle& home, std::string file)
        : kernel_(kernel), home_(home), file_(std::move(file)) {}
    SshDirStage(const SshDirStage&) = delete;
    SshDirStage& operator=(const SshDirStage&) = delete;
    ~SshDirStage() {
        try {
            remove();
        } catch (const std::system_error&) { // stays: the next to build removes it
        }
    }

    std::optional<Failure> build(const NewSshDir& wanted) {
        remove(); // of a repairer that was killed
        if (mkdirat(home_.fd(), spare_name, for_root_alone) != 0)
            return failed("make " + std::string{spare_name} + " in the home");
        if (auto failure = open_in(home_, spare_name, dir_))
            return failure;
        if (mkdirat(dir_->fd(), ssh_dir_name, for_root_alone) != 0)
            return failed("make .ssh");
        if (auto failure = open_in(*dir_, ssh_dir_name, ssh_dir_))
            return failure;
        const auto label = ssh_label(label_of(home_));
        if (!label.empty())
            setxattr(proc_path(ssh_dir_->fd()).c_str(), "security.selinux", label.data(),
                     label.size(), 0);
        return make_file(*ssh_dir_, file_, wanted.text, wanted.of_file, label);
    }

    /// Root's while it is moved: whoever is not its owner needs a right of his own for that.
    std::optional<Failure> move(const Expected& in_the_end) {
        constexpr unsigned no_replace = 1; // RENAME_NOREPLACE; the wrapper is from glibc 2.28
        if (syscall(SYS_renameat2, dir_->fd(), ssh_dir_name, home_.fd(), ssh_dir_name,
                    no_replace) != 0)
            return failed("put .ssh in place");
        if (fchownat(ssh_dir_->fd(), "", in_the_end.owner, in_the_end.group, AT_EMPTY_PATH) != 0 ||
            change_mode(kernel_, ssh_dir_->fd(), in_the_end.mode) != 0)
            return failed("give .ssh to its owner");
        return std::nullopt;
    }

  private:
    std::optional<Failure> open_in(const Handle& dir, const char* name,
                                   std::optional<Handle>& to) const {
        auto opened = open_child(kernel_, dir, name);
        auto* const handle = std::get_if<Handle>(&opened);
        if (handle == nullptr)
            return Failure{ENOENT, "open " + std::string{name}};
        to = std::move(*handle);
        return std::nullopt;
    }

    /// Only what is called so, and only what is root's: a user may have put anything there.
    void remove() const {
        const auto stage = open_child(kernel_, home_, spare_name);
        const auto* const dir = std::get_if<Handle>(&stage);
        if (dir == nullptr || dir->observe().type != FileType::dir || dir->observe().owner != 0)
            return;
        const auto inner = open_child(kernel_, *dir, ssh_dir_name);
        if (const auto* const ssh_dir = std::get_if<Handle>(&inner);
            ssh_dir != nullptr && ssh_dir->observe().type == FileType::dir)
            unlinkat(ssh_dir->fd(), file_.c_str(), 0);
        unlinkat(dir->fd(), ssh_dir_name, AT_REMOVEDIR);
        unlinkat(home_.fd(), spare_name, AT_REMOVEDIR);
    }

    const Kernel& kernel_;
    const Handle& home_;
    std::string file_;
    std::optional<Handle> dir_;
    std::optional<Handle> ssh_dir_;
};

} // namespace

std::string ssh_label(const std::string& of_home) {
    const auto user = of_home.find(':');
    const auto role = user == std::string::npos ? user : of_home.find(':', user + 1);
    if (role == std::string::npos)
        return {};
    const auto type = of_home.find_first_of(std::string_view{":\0", 2}, role + 1);
    return of_home.substr(0, role + 1) + "ssh_home_t" +
           (type == std::string::npos ? "" : of_home.substr(type));
}

std::optional<Failure> make_ssh_dir(const Kernel& kernel, const Handle& home,
                                    const NewSshDir& wanted) {
    SshDirStage stage{kernel, home, wanted.file};
    if (auto failure = stage.build(wanted))
        return failure;
    return stage.move(wanted.dir);
}

} // namespace sshpermd
