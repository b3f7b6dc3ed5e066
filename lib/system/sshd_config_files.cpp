#include "system/sshd_config_files.hpp"

#include "policy/sshd_config.hpp"
#include "system/file_stamp.hpp"
#include "system/transfer.hpp"
#include "system/unique_fd.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace sshpermd {
namespace {

constexpr std::size_t max_files = 256;
constexpr std::size_t max_bytes = std::size_t{1} << 20U;

constexpr std::array<const char*, 4> also_matters{"/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
                                                  "/run/sshd"};

/// A regular file of a moderate size; anything else might keep us waiting.
std::optional<std::string> read_file(const std::string& path, std::string& stamp) {
    const UniqueFd fd{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return std::nullopt;
    stamp += file_stamp(path, about);
    auto text = read_all(fd.get(), max_bytes);
    if (!text || text->size() > max_bytes)
        return std::nullopt;
    return text;
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// Where configuration lies that we read ourselves: not in a home, and not on a far machine.
bool is_near(const std::string& pattern, const std::string& main) {
    const auto below = [&](const std::string& dir) { return pattern.starts_with(dir + "/"); };
    return pattern.find("..") == std::string::npos &&
           (below("/etc") || below("/usr") || below(directory_of(main)));
}

/// A directory that is not there holds nothing; any other error of glob(3) hides something.
int stop_unless_absent(const char* /*path*/, int error) {
    return error == ENOENT || error == ENOTDIR ? 0 : 1;
}

/// The files that an Include names; nothing when that cannot be told.
std::optional<std::vector<std::string>> files_of(std::string pattern, const std::string& main) {
    if (!pattern.starts_with('/'))
        pattern = directory_of(main) + "/" + pattern;
    if (!is_near(pattern, main))
        return std::nullopt;
    std::vector<std::string> files;
    glob_t found{};
    const int failed = glob(pattern.c_str(), GLOB_NOSORT, stop_unless_absent, &found);
    for (std::size_t i = 0; failed == 0 && i < found.gl_pathc; ++i)
        files.emplace_back(found.gl_pathv[i]);
    globfree(&found);
    return failed == 0 || failed == GLOB_NOMATCH ? std::optional{files} : std::nullopt;
}

/// Reads one file, notes it in the sum, and returns the files that it includes.
std::vector<std::string> add(const std::string& file, SshdConfigFiles& sum) {
    const auto text = read_file(file, sum.stamp);
    const auto scan = text ? scan_sshd_config(*text) : SshdConfigScan{false, true, true, true, {}};
    bool unclear = scan.unclear;
    std::vector<std::string> included;
    for (const auto& pattern : scan.includes) {
        const auto files = files_of(pattern, sum.main);
        unclear = unclear || !files;
        if (files)
            included.insert(included.end(), files->begin(), files->end());
    }
    sum.may_chroot = sum.may_chroot || scan.sets_chroot || unclear;
    sum.for_everybody = sum.for_everybody && !scan.has_match && !unclear;
    sum.asks_for_client = sum.asks_for_client || scan.asks_for_client || unclear;
    return included;
}

} // namespace

SshdConfigFiles read_sshd_config_files(const std::vector<std::string>& mains,
                                       const std::vector<std::string>& programs) {
    SshdConfigFiles sum;
    const auto exists = [](const std::string& path) { return access(path.c_str(), F_OK) == 0; };
    const auto main = std::find_if(mains.begin(), mains.end(), exists);
    if (main == mains.end())
        return sum;
    sum.main = *main;
    std::vector<std::string> files{*main};
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto included = add(files[i], sum);
        files.insert(files.end(), included.begin(), included.end());
        if (files.size() > max_files) { // or it includes itself
            files.resize(max_files);
            sum.may_chroot = true;
            sum.for_everybody = false;
            sum.asks_for_client = true;
        }
    }
    for (const auto* const path : also_matters)
        sum.stamp += file_stamp(path);
    for (const auto& program : programs)
        sum.stamp += file_stamp(program);
    return sum;
}

} // namespace sshpermd
