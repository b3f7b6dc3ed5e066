// Names are bytes: newlines, escapes, what is no UTF-8, and the longest there are.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "faults.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// What a directory entry can be called.
std::vector<std::string> odd_names() {
    return {"two\nlines",
            "\x1b[2J\x1b]0;title\x07",
            "\xff\xfe not UTF-8 \xc3",
            "\xe2\x80\xae reversed",
            std::string{"\xc2\x9b"} + "31m",
            "quote\"back\\slash",
            std::string(255, '\xff'),
            std::string(255, '\x1b'),
            std::string(255, 'n')};
}

/// Those that a line of /etc/passwd can hold.
std::vector<std::string> odd_home_names() {
    auto names = odd_names();
    std::erase_if(names, [](const std::string& name) {
        return name.find('\n') != std::string::npos || name.find(':') != std::string::npos;
    });
    return names;
}

std::vector<Account> add_odd_accounts(Accounts& accounts) {
    std::vector<Account> odd;
    for (const auto& name : odd_home_names()) {
        odd.push_back(accounts.enlist("odd" + std::to_string(odd.size()), "/home/" + name));
        make_home(odd.back());
    }
    return odd;
}

/// Nothing that a terminal would obey: no controls but the newline, nothing beyond ASCII.
bool is_plain(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); });
}

std::string decoded(const std::string& base64) {
    return must_run({"sh", "-c", "printf %s \"$1\" | base64 -d", "sh", base64});
}

TEST_CASE("entries with odd names are nobody's business and no reason to stumble", "[faults]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto bob = accounts.add("bob");
    Daemon daemon{trusting()};

    for (const auto& name : odd_names()) {
        write_file(alice.ssh_dir() / name, "", {0666, owner(alice)});
        make_directory(alice.home / name, {0777, owner(alice)});
        make_directory(fs::path{"/home"} / name, {0777, owner(alice)});
    }
    open_up(alice);

    check_becomes_whole(daemon, alice);
    wait_for_a_round(daemon, bob);
    for (const auto& name : odd_names()) {
        CHECK(mode_of(alice.ssh_dir() / name) == 0666);
        CHECK(mode_of(alice.home / name) == 0777);
        CHECK(mode_of(fs::path{"/home"} / name) == 0777);
    }
    check_is_calm(daemon);
    CHECK(daemon.events("repair.failed").empty());
}

TEST_CASE("homes with odd names are repaired, and told of in ASCII", "[faults]") {
    Accounts accounts;
    const auto odd = add_odd_accounts(accounts);
    for (const auto& account : odd)
        open_up(account);

    Daemon daemon{trusting()};

    for (const auto& account : odd) {
        check_becomes_whole(daemon, account);
        set_mode(account.authorized_keys(), 0666);
        check_becomes_whole(daemon, account);
        const auto told = [&] { return daemon.events("permission.repaired", account.name); };
        CHECK(eventually([&] { return told().size() >= 4; }));
        for (const auto& event : told()) { // each line was parsed: one line, ASCII
            const auto path = text_at(event, "/file/path");
            const auto exact = text_at(event, "/file/path_b64");
            const auto bytes = exact.empty() ? path : decoded(exact);
            CHECK(bytes.starts_with(account.home.native()));
        }
    }
    CHECK(daemon.events("repair.failed").empty());
    check_is_calm(daemon);
    check_stops(daemon);
}

TEST_CASE("sshpermctl sends no name to the terminal as it is", "[faults]") {
    Accounts accounts;
    const auto odd = add_odd_accounts(accounts);
    for (const auto& account : odd)
        open_up(account);
    fs::remove(odd.front().authorized_keys());
    fs::create_symlink("/etc/passwd", odd.front().authorized_keys());

    const auto text = run({sshpermctl(), "check", "--verbose"});
    const auto json = run({sshpermctl(), "check", "--json"});
    const auto unknown = run({sshpermctl(), "check", odd_names().front() + odd_names()[1]});
    const auto repaired = run({sshpermctl(), "repair"});

    for (const auto& ended : {text, json, unknown, repaired}) {
        INFO(ended.out << ended.err);
        CHECK(is_plain(ended.out));
        CHECK(is_plain(ended.err));
    }
    CHECK(text.out.find("\\x1b") != std::string::npos);
    CHECK(text.out.find("\\xff") != std::string::npos);
    CHECK(Json::parse(json.out).at("summary").at("users") == odd.size());
    CHECK(
        std::all_of(odd.begin() + 1, odd.end(), [](const Account& one) { return is_whole(one); }));
}

} // namespace
