#include "system/sshd_process.hpp"

#include "io/small_file.hpp"
#include "policy/fields.hpp"
#include "system/processes.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>

namespace sshpermd {
namespace {

constexpr std::string_view title = "sshd: ";
constexpr std::string_view listener = " [listener]";
/// sshd.c main(): those with a value, and which of them are worth repeating.
constexpr std::string_view with_value = "bcCEfghkopuV";
constexpr std::string_view configuring = "chop";

/// "-o", "A", "B" of one word with a blank in it: "-o", "A B".
std::vector<std::string> rejoined(const std::vector<std::string_view>& pieces) {
    std::vector<std::string> words;
    bool takes_more = false;
    for (const auto& piece : pieces) {
        const bool is_option = piece.size() > 1 && piece.front() == '-';
        if (is_option || words.empty() || !takes_more) {
            words.emplace_back(piece);
            // the next piece begins the value, unless it is part of this word
            takes_more = is_option && with_value.find(piece[1]) != std::string_view::npos;
            if (takes_more && piece.size() == 2)
                words.emplace_back();
        } else {
            words.back().append(words.back().empty() ? "" : " ").append(piece);
        }
    }
    return words;
}

void read_words(const std::vector<std::string>& words, SshdArguments& into) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto& word = words[i];
        if (word.size() < 2 || word.front() != '-') {
            into.understood = false;
            continue;
        }
        const auto letter = std::find_if(word.begin() + 1, word.end(), [](char c) {
            return with_value.find(c) != std::string_view::npos;
        });
        if (letter == word.end())
            continue;
        std::string value{letter + 1, word.end()};
        if (value.empty() && i + 1 < words.size())
            value = words[++i];
        if (*letter == 'f')
            into.config = value;
        else if (configuring.find(*letter) != std::string_view::npos)
            into.options.insert(into.options.end(), {std::string{'-', *letter}, value});
    }
}

std::string link_target(const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const auto length = readlink(path.c_str(), target.data(), target.size());
    return length > 0 ? std::string{target.data(), static_cast<std::size_t>(length)}
                      : std::string{};
}

/// A package that was upgraded has put another program in its place.
std::string program_of(const std::string& process) {
    constexpr std::string_view deleted = " (deleted)";
    auto program = link_target(process + "/exe");
    if (program.ends_with(deleted))
        program.erase(program.size() - deleted.size());
    return is_roots_program(program) ? program : std::string{};
}

/// In another mount namespace: a container's. Who is not root cannot see that.
bool is_elsewhere(const std::string& proc, const std::string& process) {
    const auto its = link_target(process + "/ns/mnt");
    return !its.empty() && its != link_target(proc + "/self/ns/mnt");
}

std::optional<SshdProcess> listening_sshd(const std::string& proc, pid_t pid,
                                          const std::string& process) {
    struct stat about {};
    if (stat(process.c_str(), &about) != 0 || about.st_uid != 0 ||
        read_small_file(process + "/comm") != "sshd\n" || is_elsewhere(proc, process))
        return std::nullopt;
    const auto cmdline = read_small_file(process + "/cmdline");
    auto arguments = cmdline ? parse_sshd_arguments(*cmdline) : std::nullopt;
    if (!arguments)
        return std::nullopt;
    return SshdProcess{pid, program_of(process), *std::move(arguments)};
}

} // namespace

std::optional<SshdArguments> parse_sshd_arguments(std::string_view cmdline) {
    SshdArguments arguments;
    cmdline = trim(cmdline, std::string_view{" \0", 2});
    if (cmdline.starts_with(title)) {
        const auto end = cmdline.rfind(listener);
        if (end == std::string_view::npos)
            return std::nullopt;
        const auto line = cmdline.substr(title.size(), end - title.size());
        read_words(rejoined(fields_of(line, " ")), arguments);
        return arguments;
    }
    const auto fields = fields_of(cmdline, std::string_view{"\0", 1});
    const std::vector<std::string> words{fields.begin(), fields.end()};
    if (words.empty() || !words.front().ends_with("sshd") ||
        std::any_of(words.begin(), words.end(), [](const std::string& word) {
            return word == "-i" || word == "-R" || word == "-T" || word == "-t" || word == "-G";
        }))
        return std::nullopt;
    read_words(words, arguments);
    return arguments;
}

std::vector<SshdProcess> find_listening_sshds(const std::string& proc) {
    std::vector<SshdProcess> found;
    for_each_pid(proc, [&](pid_t pid, const std::string& dir) {
        if (auto sshd = listening_sshd(proc, pid, dir))
            found.push_back(*std::move(sshd));
        return true;
    });
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.pid < b.pid; });
    return found;
}

std::vector<Listener> parse_listeners(std::string_view table) {
    constexpr std::string_view listening = "0A";
    std::vector<Listener> found;
    while (!table.empty()) {
        const auto words = fields_of(take_field(table, "\n"), " ");
        if (words.size() < 4 || words[3] != listening)
            continue;
        const auto& local = words[1];
        const auto colon = local.find(':');
        unsigned port = 0;
        if (colon == std::string::npos ||
            std::from_chars(local.data() + colon + 1, local.data() + local.size(), port, 16).ec !=
                std::errc{})
            continue;
        const auto address = local.substr(0, colon);
        const bool is_loopback = address == "00000000000000000000000001000000" ||
                                 (address.size() == 8 && address.ends_with("7F"));
        found.push_back({is_loopback, port});
    }
    return found;
}

std::vector<Listener> find_listeners(const std::string& proc) {
    std::vector<Listener> found;
    for (const auto* const table : {"/net/tcp", "/net/tcp6"}) {
        const auto some = parse_listeners(read_small_file(proc + table).value_or(""));
        found.insert(found.end(), some.begin(), some.end());
    }
    return found;
}

bool is_roots_program(const std::string& path) {
    struct stat about {};
    return path.starts_with('/') && stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
           about.st_uid == 0 && (about.st_mode & 022U) == 0 && access(path.c_str(), X_OK) == 0;
}

} // namespace sshpermd
