// Steps of `repair --sshd`: the program, and whose its configuration is.
#include "event/text.hpp"
#include "policy/fields.hpp"
#include "sshd/bench.hpp"
#include "system/content.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace sshpermd {
namespace {

constexpr const char* config_dir = "/etc/ssh";
constexpr const char* parts_dir = "/etc/ssh/sshd_config.d";
constexpr unsigned others_write = 0022;

std::string install(const std::string& how_apt, const std::string& how_others) {
    const auto is_there = [](const char* program) { return access(program, X_OK) == 0; };
    if (is_there("/usr/bin/apt-get"))
        return "apt-get " + how_apt + " openssh-server";
    if (is_there("/usr/bin/zypper"))
        return "zypper install --force openssh-server";
    return std::string{is_there("/usr/bin/dnf") ? "dnf " : "yum "} + how_others + " openssh-server";
}

SshdStep left(const std::string& path, std::string why, std::string fix = {}) {
    return step_of("files", SshdResult::left, path, std::move(why), std::move(fix));
}

void judge_held(SshdBench& bench, const std::string& path, const Handle& file, FileType wanted) {
    const auto was = file.observe();
    if (was.type != wanted)
        return bench.add(left(path, "is a " + std::string{word(was.type)} + " and must be a " +
                                        std::string{word(wanted)}));
    const bool is_open = was.mode.has(others_write);
    if (was.owner == 0 && !is_open)
        return;
    if (wanted == FileType::file && was.links > 1)
        return bench.add(left(path, "others could write it, and it has another name elsewhere (" +
                                        std::to_string(was.links) + " hard links)"));
    Expected expected{was.mode & ~Mode{others_write}, 0, was.group};
    if (was.owner != 0)
        expected.group = 0;
    bench.set(
        step_of("files", SshdResult::repaired, path,
                "others could write it (" + spell(attributes_of(was)) + "): look at what is in it"),
        file, expected);
}

enum class Need { must_be_there, may_be_missing };

void check_path(SshdBench& bench, const std::string& path, FileType wanted, Need need) {
    try {
        const auto held = hold_root_file(bench.kernel(), path);
        if (!held)
            return bench.add(left(path, "a directory on the way to it is missing or a link"));
        if (const auto* const file = std::get_if<Handle>(&held->found))
            return judge_held(bench, path, *file, wanted);
        if (std::holds_alternative<Refusal>(held->found))
            return bench.add(left(path, "is a link: where it leads is left as it is",
                                  "ls -l " + shell_word(path)));
        if (need == Need::must_be_there)
            bench.add(left(
                path, "is missing",
                install("install --reinstall -o Dpkg::Options::=--force-confmiss", "reinstall")));
    } catch (const std::system_error& error) {
        bench.add(step_of("files", SshdResult::failed, path, error.what()));
    }
}

std::vector<std::string> parts(const SshdBench& bench) {
    const auto held = hold_root_file(bench.kernel(), parts_dir);
    const auto* const dir = held ? std::get_if<Handle>(&held->found) : nullptr;
    if (dir == nullptr || dir->observe().type != FileType::dir)
        return {};
    constexpr std::size_t most = 256;
    auto names = find_names(*dir, most, [](std::string_view name) {
        return name.ends_with(".conf") && !name.starts_with('.');
    });
    std::sort(names.begin(), names.end());
    for (auto& name : names)
        name.insert(0, std::string{parts_dir} + "/");
    return names;
}

} // namespace

std::vector<std::string> sshd_config_paths(const SshdBench& bench) {
    const auto& main = bench.sshd().config;
    std::vector<std::string> paths;
    if (!main.empty())
        paths.push_back(main);
    const auto others = parts(bench);
    paths.insert(paths.end(), others.begin(), others.end());
    return paths;
}

bool check_program(SshdBench& bench) {
    const auto& program = bench.sshd().program;
    if (!program.empty()) {
        bench.add(step_of("program", SshdResult::ok, program, "is installed"));
        return true;
    }
    bench.add(step_of("program", SshdResult::left, "/usr/sbin/sshd",
                      "there is no sshd that is root's and can be run",
                      install("install", "install")));
    return false;
}

void check_files(SshdBench& bench) {
    const auto before = bench.steps().size();
    check_path(bench, config_dir, FileType::dir, Need::must_be_there);
    check_path(bench, parts_dir, FileType::dir, Need::may_be_missing);
    if (bench.sshd().config.empty())
        check_path(bench, std::string{config_dir} + "/sshd_config", FileType::file,
                   Need::must_be_there);
    for (const auto& path : sshd_config_paths(bench))
        check_path(bench, path, FileType::file, Need::may_be_missing);
    if (bench.steps().size() == before)
        bench.add(step_of("files", SshdResult::ok, config_dir,
                          "it and the configuration in it can be written by root alone"));
}

} // namespace sshpermd
