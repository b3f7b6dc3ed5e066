#include "system/user_file.hpp"

#include "io/transfer.hpp"
#include "system/acting_as.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace sshpermd {
namespace {

UserFile read_here(const Sysroot& root, const std::string& path, std::size_t most) {
    const auto fd = root.open(path);
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0)
        return {std::nullopt, errno};
    if (!S_ISREG(about.st_mode))
        return {std::nullopt, not_a_regular_file};
    auto text = read_all(fd.get(), most);
    if (!text)
        return {std::nullopt, errno};
    if (text->size() > most)
        return {std::nullopt, EFBIG};
    return {std::move(text), 0};
}

/// The errno, then the text.
std::string bytes_of(const UserFile& file) {
    std::string bytes(sizeof file.error, '\0');
    std::memcpy(bytes.data(), &file.error, sizeof file.error);
    return bytes + file.text.value_or("");
}

} // namespace

UserFile read_as(const Sysroot& root, const Account& account, const std::string& path,
                 std::size_t most, std::chrono::milliseconds deadline) {
    const auto bytes = act_as(
        account, most + sizeof(int), deadline,
        [&] { return bytes_of(read_here(root, path, most)); }, root.groups_of(account));
    if (!bytes || bytes->size() < sizeof(int))
        return {std::nullopt, ETIMEDOUT};
    UserFile file;
    std::memcpy(&file.error, bytes->data(), sizeof file.error);
    if (file.error == 0)
        file.text = bytes->substr(sizeof file.error);
    return file;
}

} // namespace sshpermd
