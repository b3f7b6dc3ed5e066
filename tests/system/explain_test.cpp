// explain: its verdict is what a real sshd does with a real client, and it says why.
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "explain_state.hpp"
#include "files.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

namespace {

using namespace system_tests;

Json explained(const Arguments& arguments) {
    Arguments command{sshpermctl(), "explain", "--json"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto ended = run(command);
    INFO(ended.err);
    const auto document = Json::parse(ended.out);
    CHECK(document.at("schema") == "sshpermd.explain/1");
    const auto& verdict = document.at("verdict");
    CHECK(ended.status == (verdict == "accepted" ? 0 : verdict == "refused" ? 1 : 5));
    return document;
}

std::size_t number_from(const char* name, std::size_t otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// A line of sshd's without what only says where in sshd it was written.
std::string bare(std::string line) {
    constexpr std::string_view preauth = " [preauth]";
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n'))
        line.pop_back();
    if (line.ends_with(preauth))
        line.erase(line.size() - preauth.size());
    return line;
}

/// Those of a log that say why somebody is refused, or a file is.
std::vector<std::string> reasons_in(const std::string& log) {
    std::vector<std::string> reasons;
    std::istringstream lines{log};
    for (std::string line; std::getline(lines, line);)
        for (const std::string part :
             {"Authentication refused: ", "Could not open user", "' authorized keys '",
              " not allowed because ", "ROOT LOGIN REFUSED", "not in PubkeyAcceptedAlgorithms",
              "revoked by file", "in revoked keys file", "Unsafe AuthorizedKeysCommand",
              "with correct key but not from", "for chroot directory", "has expired",
              "by PAM account configuration"})
            if (line.find(part) != std::string::npos &&
                line.find("No such file") == std::string::npos) {
                reasons.push_back(bare(line));
                break;
            }
    return reasons;
}

/// Does a check say the same? What sshd says of ports and of what went wrong beneath differs.
bool is_said(const std::string& reason, const Json& checks) {
    const auto begin = [](const std::string& text) {
        return text.substr(0, text.find(" port ")).substr(0, text.find(": error in"));
    };
    return std::any_of(checks.begin(), checks.end(), [&](const Json& check) {
        if (!check.at("cause").is_string())
            return false;
        const auto cause = bare(check.at("cause").get<std::string>());
        return reason.find(begin(cause)) != std::string::npos ||
               cause.find(begin(reason)) != std::string::npos;
    });
}

bool is_long() { return number_from("SSHPERMD_LONG", 0) == 1; }

TEST_CASE("explain says what sshd does, whatever the state", "[explain]") {
    const auto seed = number_from("SSHPERMD_SEED", std::random_device{}());
    const auto states = number_from("SSHPERMD_STATES", is_long() ? 1200 : 60);
    constexpr std::size_t states_of_a_setup = 6;
    std::size_t accepted = 0;
    std::size_t unknown = 0;
    std::size_t wrong = 0;
    Dice dice{seed};
    for (std::size_t done = 0; done < states;) {
        auto setup = roll_setup(dice);
        while (!setup.can_start())
            setup = roll_setup(dice);
        const SetupServer sshd{setup};
        for (std::size_t i = 0; i < states_of_a_setup && done < states; ++i, ++done) {
            const ExplainState state{dice, setup};
            const auto before = sshd.log().size();
            const auto login = sshd.login(state.user(), state.key());

            const auto answer =
                explained({state.user(), "--key", state.key().secret.native() + ".pub", "--from",
                           "127.0.0.1"});

            const auto verdict = answer.at("verdict").get<std::string>();
            accepted += login.accepted ? 1U : 0U;
            unknown += verdict == "unknown" ? 1U : 0U;
            const bool is_right = verdict == "unknown" || (verdict == "accepted") == login.accepted;
            wrong += is_right ? 0U : 1U;
            INFO("seed " << seed << ", state " << done << "\n"
                         << setup.words() << "\n"
                         << state.story() << login.message << sshd.log().substr(before)
                         << answer.dump(1));
            CHECK(is_right);
            for (const auto& reason : reasons_in(sshd.log().substr(before))) {
                INFO(reason);
                const bool is_of_another_line = // one before that which was taken
                    reason.find("permitted host") != std::string::npos &&
                    sshd.log().find("Accepted key", before) != std::string::npos;
                const bool is_of_nobody =
                    state.user() == nobody; // sshd goes on for the looks of it
                CHECK((is_of_another_line || is_of_nobody || is_said(reason, answer.at("checks"))));
            }
        }
    }
    std::cout << "explain: seed " << seed << ": " << states << " states, " << accepted
              << " accepted by sshd, " << unknown << " that explain cannot tell, " << wrong
              << " wrong\n";
    CHECK(accepted * 100 > states * 15); // or the states are of no use
    CHECK(accepted * 100 < states * 85);
    CHECK((unknown * 100 < states * 2 || (!is_long() && unknown <= 12)));
}

Json check_called(const std::string& name, const Json& document) {
    for (const auto& check : document.at("checks"))
        if (check.at("check") == name)
            return check;
    FAIL("no check " << name << " in " << document.dump(1));
    return {};
}

/// The fix of what explain names first, as somebody would type it.
std::string first_fix(const Json& document) {
    for (const auto& check : document.at("checks"))
        if (check.at("summary") == document.at("because")) {
            auto fix = check.at("fix").get<std::string>();
            if (const std::string name = "sshpermctl "; fix.starts_with(name))
                fix = sshpermctl() + " " + fix.substr(name.size());
            return fix;
        }
    return {};
}

struct Trouble {
    std::string name;
    std::string command;
    ServerSetup setup = {};
};

TEST_CASE("what explain advises lets the user in", "[explain]") {
    const std::vector<Trouble> troubles{
        {"home open", "chmod 777 /home/alice"},
        {".ssh open", "chmod 777 /home/alice/.ssh"},
        {"keys open", "chmod 666 /home/alice/.ssh/authorized_keys"},
        {"keys closed", "chmod 000 /home/alice/.ssh/authorized_keys"},
        {".ssh closed", "chmod 000 /home/alice/.ssh"},
        {"home closed", "chmod 000 /home/alice"},
        {"of root", "chown root:root /home/alice/.ssh/authorized_keys"},
        {".ssh of root", "chown root:root /home/alice/.ssh"},
        {"/home closed", "chmod 700 /home"},
        {"a place of their own", "chmod 775 /srv/keys", {"AuthorizedKeysFile /srv/keys/%u\n", {}}},
        {"not readable", "chmod 600 /srv/keys/alice", {"AuthorizedKeysFile /srv/keys/%u\n", {}}},
        {"locked", "usermod -L alice"},
        {"expired", "chage -E 0 alice"},
        {"expired, with PAM", "chage -E 0 alice", {"UsePAM yes\n", {}}},
        {"aged out", "chage -d 1 -M 10 -I 10 alice", {"UsePAM yes\n", {}}},
        {"no shell", "usermod -s /bin/nosuch alice"},
        {"nologin", "touch /etc/nologin"},
        {"nologin, with PAM", "touch /etc/nologin", {"UsePAM yes\n", {}}},
        {"chroot", "chmod 775 /srv/chroot", {"ChrootDirectory /srv/chroot\n", {}}}};
    for (const auto& [name, command, setup] : troubles) {
        INFO(name);
        Accounts accounts;
        const auto alice = accounts.add("alice");
        make_directory("/srv/keys", {0755, {}});
        write_file("/srv/keys/alice", key_pair("client").line, {0644, {}});
        make_directory("/srv/chroot", {0755, {}});
        const SetupServer sshd{setup};
        REQUIRE(sshd.login("alice", key_pair("client")).accepted);
        must_run({"sh", "-c", command});
        REQUIRE_FALSE(sshd.login("alice", key_pair("client")).accepted);

        // one after another, as more than one thing may be in the way
        std::string fixes;
        for (int i = 0; i < 3 && !sshd.login("alice", key_pair("client")).accepted; ++i) {
            const auto answer = explained({"alice", "--from", "127.0.0.1"});
            CHECK(answer.at("verdict") == "refused");
            const auto fix = first_fix(answer);
            fixes += fix + "\n";
            run({"sh", "-c", fix});
        }

        INFO(fixes);
        CHECK(sshd.login("alice", key_pair("client")).accepted);
        CHECK(explained({"alice", "--from", "127.0.0.1"}).at("verdict") == "accepted");
        std::filesystem::remove("/etc/nologin");
        set_mode("/home", 0755);
    }
}

TEST_CASE("explain says the most important thing first, on a narrow screen", "[explain]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    set_mode(alice.ssh_dir(), 0777);
    const SetupServer sshd{{}};

    const auto ended = ctl({"explain", "alice"});

    CHECK(ended.status == 1);
    std::istringstream lines{ended.out};
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);)
        all.push_back(line);
    REQUIRE(all.size() > 4);
    CHECK(all.size() < 24);
    CHECK(all[0] == "REFUSED: sshd does not let alice in with any key");
    CHECK(all[1] == "FAIL  /home/alice/.ssh is 0777 and alice's");
    CHECK(all[2].starts_with("      sshd: Authentication refused: bad ownership or modes"));
    CHECK(ended.out.find("      fix:  sshpermctl repair alice\n") != std::string::npos);
    for (const auto& line : all)
        CHECK((line.size() <= 80 || line.find("fix:") != std::string::npos));
    CHECK(ctl({"explain", "alice", "--quiet"}).out.empty());
}

TEST_CASE("a user who is not there is told from one who is nearly there", "[explain]") {
    Accounts accounts;
    accounts.add("alice");
    accounts.add("ubuntu");
    const SetupServer sshd{{}};

    const auto check = check_called("account", explained({"alcie"}));

    CHECK(check.at("result") == "fail");
    CHECK(check.at("summary") == "there is no account alcie; did you mean alice, ubuntu?");
    CHECK(check.at("fix") == "sshpermctl explain alice");
}

TEST_CASE("without an sshd nobody gets in, and explain says how to start it", "[explain]") {
    Accounts accounts;
    accounts.add("alice");

    const auto answer = explained({"alice"});

    CHECK(answer.at("verdict") == "refused");
    CHECK(check_called("running", answer).at("result") == "fail");
}

TEST_CASE("what asks where the client is cannot be told without --from", "[explain]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    write_file(alice.authorized_keys(), "from=\"10.0.0.0/8\" " + public_key(),
               {0600, owner(alice)});
    const SetupServer sshd{{}};

    CHECK(explained({"alice"}).at("verdict") == "unknown");
    CHECK(explained({"alice", "--from", "10.1.2.3"}).at("verdict") == "accepted");
    CHECK(explained({"alice", "--from", "127.0.0.1"}).at("verdict") == "refused");
}

TEST_CASE("the key is known by each of its fingerprints, and by its file", "[explain]") {
    Accounts accounts;
    accounts.add("alice");
    const SetupServer sshd{{}};
    const auto client = key_pair("client").secret.native();
    const auto listed = Json::parse(ctl({"keys", "--json", "alice"}).out);
    const auto& key = listed.at("files").at(0).at("keys").at(0).at("key");

    for (const auto& name : {client, client + ".pub", key.at("sha256").get<std::string>(),
                             key.at("md5").get<std::string>(), key.at("ec2").get<std::string>()}) {
        INFO(name);
        CHECK(explained({"alice", "--key", name}).at("verdict") == "accepted");
    }
    const auto other = key_pair("other").secret.native() + ".pub";
    CHECK(explained({"alice", "--key", other}).at("verdict") == "refused");
}

TEST_CASE("a program that sshd asks for keys decides where no file does", "[explain]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    write_file("/run/any_keys", "#!/bin/sh\n", {0755, {}});
    write_file("/run/eic_run_authorized_keys", "#!/bin/sh\n", {0755, {}});
    const auto verdict_with = [&](const std::string& program) {
        const SetupServer sshd{{"",
                                {"-o", "AuthorizedKeysCommand " + program + " %u", "-o",
                                 "AuthorizedKeysCommandUser nobody"}}};
        return explained({"alice"}).at("verdict").get<std::string>();
    };

    CHECK(verdict_with("/run/any_keys") == "accepted");
    std::filesystem::remove(alice.authorized_keys());
    CHECK(verdict_with("/run/any_keys") == "unknown");
    CHECK(verdict_with("/run/eic_run_authorized_keys") == "refused");
}

TEST_CASE("who is not root is told that only root can tell", "[explain]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const SetupServer sshd{{}};

    const auto ended = ctl({"explain", "alice"}, {alice.uid, alice.gid});

    CHECK(ended.status == 5);
    CHECK(ended.out.find("only root") != std::string::npos);
}

TEST_CASE("explain wants one user, and an address that is one", "[explain]") {
    CHECK(ctl({"explain"}).status == 2);
    CHECK(ctl({"explain", "a", "b"}).status == 2);
    CHECK(ctl({"explain", "root", "--from", "here"}).status == 2);
    CHECK(ctl({"explain", "root", "--key", "/no/such"}).status == 5);
}

} // namespace
