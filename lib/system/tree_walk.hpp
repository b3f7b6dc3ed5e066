// Tree walk: through all directories below a held one, by single names, however deep they are.
#pragma once

#include "system/handle.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// How many descriptors a walk holds at most, however deep it is.
inline constexpr std::size_t walk_descriptors = 64;

/// Goes into a directory and below. A directory is entered by its name in the one above, which is
/// held, or, far above, found again by `..` and known by its inode. Nothing is on the stack.
class TreeWalk {
  public:
    /// Does whatever is to be done in a directory; says the names of those in it to enter, in
    /// order, or nothing to end the walk. `path` is below the top: empty for the top itself.
    using Visit = std::function<std::optional<std::vector<std::string>>(const Handle& dir,
                                                                        const std::string& path)>;
    /// May the thing with this name be entered? It was a directory when it was named.
    using Enter = std::function<bool(const Observed& seen)>;
    /// A directory that cannot be gone into, because it has moved (0) or with an errno.
    using Lost = std::function<void(const std::string& path, int error)>;

    /// All outlive this.
    TreeWalk(const Kernel& kernel, Visit visit, Enter enter, Lost lost)
        : kernel_(kernel),
          visit_(std::move(visit)),
          enter_(std::move(enter)),
          lost_(std::move(lost)) {}

    /// False when a visit ended it. Throws what a visit throws.
    bool run(Handle top);

  private:
    struct Level {
        std::optional<Handle> dir; ///< let go when many are below it
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::vector<std::string> names; ///< to be entered, the last first
        std::size_t path_size = 0;
    };

    bool visit(Handle dir);
    bool descend();
    void ascend();
    void lose(const std::string& path, int error) { lost_(path, error); }

    const Kernel& kernel_;
    Visit visit_;
    Enter enter_;
    Lost lost_;
    std::vector<Level> levels_;
    std::string path_;
    std::int64_t mount_ = -1;
};

/// One name in a directory that is listed.
struct ListedName {
    std::string name;
    std::uint64_t inode = 0;
    bool is_dir = false; ///< as far as the file system says so
};

/// The names in a held directory, part by part, in the order of their inodes.
class Listing {
  public:
    /// Throws std::system_error.
    explicit Listing(const Handle& dir);
    Listing(const Listing&) = delete;
    Listing& operator=(const Listing&) = delete;
    ~Listing();

    /// The next; null at the end. Valid until the next call. Throws std::system_error.
    const ListedName* next();

  private:
    void read();

    void* stream_; ///< a DIR
    std::vector<ListedName> part_;
    std::size_t size_ = 0; ///< of the part; what is behind it is room to use again
    std::size_t at_ = 0;
    bool is_read_ = false;
};

} // namespace sshpermd
