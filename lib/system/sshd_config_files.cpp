#include "system/sshd_config_files.hpp"

#include "io/file_stamp.hpp"
#include "io/transfer.hpp"
#include "policy/sshd_config.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sshpermd {
namespace {

constexpr std::size_t max_files = 256;
constexpr std::size_t max_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_kept = std::size_t{4} << 20U; ///< of all files

constexpr std::array<const char*, 4> also_matters{"/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
                                                  "/run/sshd"};

/// A regular file of a moderate size; anything else might keep us waiting.
std::optional<std::string> read_file(const Sysroot& root, const std::string& path,
                                     std::string& stamp) {
    const auto fd = root.open(path);
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

/// The files that an Include names; nothing when that cannot be told.
std::optional<std::vector<std::string>> files_of(const Sysroot& root, std::string pattern,
                                                 const std::string& main) {
    if (!pattern.starts_with('/'))
        pattern = directory_of(main) + "/" + pattern;
    return is_near(pattern, main) ? root.glob(pattern) : std::nullopt;
}

void keep(const Sysroot& root, const std::string& file, const std::string& text,
          SshdConfigFiles& sum) {
    if (!root.is_image() || sum.texts.contains(file))
        return;
    std::size_t bytes = text.size();
    for (const auto& [path, kept] : sum.texts)
        bytes += kept.size();
    if (bytes <= max_kept)
        sum.texts.emplace(file, text);
    else if (sum.unclear.empty())
        sum.unclear = file;
}

/// Reads one file, notes it in the sum, and returns the files that it includes.
std::vector<std::string> add(const Sysroot& root, const std::string& file, SshdConfigFiles& sum) {
    const auto text = read_file(root, file, sum.stamp);
    const auto scan = text ? scan_sshd_config(*text) : SshdConfigScan{false, true, true, true, {}};
    bool unclear = scan.unclear;
    if (unclear && sum.unclear.empty())
        sum.unclear = file;
    std::vector<std::string> included;
    for (const auto& pattern : scan.includes) {
        const auto files = files_of(root, pattern, sum.main);
        unclear = unclear || !files;
        if (files)
            included.insert(included.end(), files->begin(), files->end());
        else if (sum.unclear.empty())
            sum.unclear = pattern;
    }
    if (text)
        keep(root, file, *text, sum);
    sum.may_chroot = sum.may_chroot || scan.sets_chroot || unclear;
    sum.for_everybody = sum.for_everybody && !scan.has_match && !unclear;
    sum.asks_for_client = sum.asks_for_client || scan.asks_for_client || unclear;
    return included;
}

} // namespace

SshdConfigFiles read_sshd_config_files(const Sysroot& root, const std::vector<std::string>& mains,
                                       const std::vector<std::string>& programs) {
    SshdConfigFiles sum;
    const auto main = std::find_if(mains.begin(), mains.end(),
                                   [&](const std::string& path) { return root.has(path); });
    if (main == mains.end())
        return sum;
    sum.main = *main;
    std::vector<std::string> files{*main};
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto included = add(root, files[i], sum);
        files.insert(files.end(), included.begin(), included.end());
        if (files.size() > max_files) { // or it includes itself
            files.resize(max_files);
            sum.may_chroot = true;
            sum.for_everybody = false;
            sum.asks_for_client = true;
            sum.unclear = sum.main;
        }
    }
    if (root.is_image())
        return sum;
    for (const auto* const path : also_matters)
        sum.stamp += file_stamp(path);
    for (const auto& program : programs)
        sum.stamp += file_stamp(program);
    return sum;
}

} // namespace sshpermd
