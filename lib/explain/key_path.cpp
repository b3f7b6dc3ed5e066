#include "explain/key_path.hpp"

#include "finding/gate.hpp"
#include "io/transfer.hpp"
#include "policy/fields.hpp"
#include "system/acting_as.hpp"
#include "system/user_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>

namespace sshpermd {
namespace {

constexpr std::size_t most_said = max_key_file + (std::size_t{64} << 10U);

PathPart part_of(const Sysroot& root, const std::string& path, const struct stat& about) {
    PathPart part{path, 0, about.st_mode, about.st_uid, about.st_gid, false};
    part.has_acl = !root.attribute(path, "system.posix_acl_access").empty();
    return part;
}

PathPart look_at(const Sysroot& root, const std::string& path) {
    struct stat about {};
    const auto error = root.stat(path, about);
    if (error == 0)
        return part_of(root, path, about);
    PathPart part;
    part.path = path;
    part.error = error;
    return part;
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// The child's part.
KeyPath walk(const Sysroot& root, const Account& account, const std::string& path) {
    KeyPath found;
    found.path = path;
    const auto fd = root.open(path);
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0) {
        found.open_error = errno;
    } else if (!S_ISREG(about.st_mode)) {
        found.open_error = not_a_regular_file;
    } else {
        found.text = read_all(fd.get(), max_key_file);
        if (!found.text || found.text->size() > max_key_file) {
            found.open_error = found.text ? EFBIG : errno;
            found.text.reset();
        }
    }
    if (fd)
        found.file = part_of(root, path, about);
    found.real_path = root.real_path(path);
    found.real_home = root.real_path(account.home);
    for (auto at = found.real_path; at.size() > 1;) {
        at = parent_of(at);
        found.parents.push_back(look_at(root, at));
    }
    for (std::size_t at = 0; at != std::string::npos;) {
        at = path.find('/', at + 1);
        found.on_the_way.push_back(look_at(root, path.substr(0, at)));
        if (found.on_the_way.back().error != 0)
            break;
    }
    return found;
}

/// Fields with NULs behind them: no path has one.
class Writer {
  public:
    void add(std::string_view field) { bytes_.append(field).push_back('\0'); }
    void add(std::uint64_t number) { add(std::to_string(number)); }
    void add(const PathPart& part) {
        add(part.path);
        for (const std::uint64_t number :
             {std::uint64_t(part.error), std::uint64_t(part.mode), std::uint64_t(part.owner),
              std::uint64_t(part.group), std::uint64_t(part.has_acl)})
            add(number);
    }
    void add(const std::vector<PathPart>& parts) {
        add(parts.size());
        for (const auto& part : parts)
            add(part);
    }
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    std::string text() { return std::string{take_field(bytes_, std::string_view{"\0", 1})}; }
    std::uint64_t number() { return decimal(text()).value_or(0); }
    PathPart part() {
        PathPart part;
        part.path = text();
        part.error = static_cast<int>(number());
        part.mode = static_cast<mode_t>(number());
        part.owner = static_cast<uid_t>(number());
        part.group = static_cast<gid_t>(number());
        part.has_acl = number() != 0;
        return part;
    }
    std::vector<PathPart> parts() {
        std::vector<PathPart> parts;
        for (auto count = number(); count > 0 && !bytes_.empty(); --count)
            parts.push_back(part());
        return parts;
    }
    std::string rest() { return std::string{bytes_}; }

  private:
    std::string_view bytes_;
};

std::string bytes_of(const KeyPath& path) {
    Writer writer;
    writer.add(static_cast<std::uint64_t>(path.open_error));
    writer.add(path.real_path);
    writer.add(path.real_home);
    writer.add(path.file ? std::vector{*path.file} : std::vector<PathPart>{});
    writer.add(path.parents);
    writer.add(path.on_the_way);
    writer.add(std::uint64_t(path.text.has_value()));
    return writer.take() + path.text.value_or("");
}

} // namespace

std::optional<KeyPath> walk_key_path(const Sysroot& root, const Account& account,
                                     const std::string& path) {
    const auto bytes = act_as(
        account, most_said, std::chrono::seconds{5},
        [&] { return bytes_of(walk(root, account, path)); }, root.groups_of(account));
    if (!bytes)
        return std::nullopt;
    Reader reader{*bytes};
    KeyPath found;
    found.path = path;
    found.open_error = static_cast<int>(reader.number());
    found.real_path = reader.text();
    found.real_home = reader.text();
    if (auto files = reader.parts(); !files.empty())
        found.file = std::move(files.front());
    found.parents = reader.parts();
    found.on_the_way = reader.parts();
    if (reader.number() != 0)
        found.text = reader.rest();
    return found;
}

} // namespace sshpermd
