// add-key: what was added logs in, nothing else of the file or the home is different, and where it
// may not be added nothing changes at all. Each with the daemon, which does it then, and without.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "explain_state.hpp"
#include "faults.hpp"
#include "files.hpp"
#include "http.hpp"
#include "ssh_server.hpp"
#include "traps.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

std::string public_file(const KeyPair& pair) { return pair.secret.native() + ".pub"; }

/// What a program says with a command line of a shell: for its input and its environment.
Ended shell(const std::string& command) { return run({"sh", "-c", command}); }

Json added(const Account& account, const std::string& file) {
    return Json::parse(ctl({"add-key", "--json", account.name, file}).out);
}

std::string text_of_record() { return shell("cat /var/lib/sshpermd/record/*.jsonl").out; }

TEST_CASE("a key that was added logs in, and every other byte is what it was", "[addkey]") {
    const SshServer sshd;
    const auto pair = key_pair("new");
    const auto was = GENERATE(as<std::string>{}, "", "# mine\n", "# no last newline",
                              "# dos\r\n\r\nno-pty,unknown nonsense\r\n", "\xFF\xFE junk\nx");
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    write_file(alice.authorized_keys(), was, {0600, owner(alice)});
    const auto inode = snapshot(alice.ssh_dir()).begin()->second.inode;
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();
    REQUIRE_FALSE(sshd.login(alice, pair).accepted);

    const auto first = ctl({"add-key", "alice", public_file(pair)});
    const auto second = ctl({"add-key", "alice", public_file(pair)});

    const bool is_ended = was.empty() || was.back() == '\n';
    CHECK(first.status == 0);
    CHECK(second.status == 0);
    CHECK(second.out.find("already there") != std::string::npos);
    CHECK(read_file(alice.authorized_keys()) == was + (is_ended ? "" : "\n") + pair.line);
    CHECK(is(alice.authorized_keys(), {0600, owner(alice)}));
    CHECK(is(alice.ssh_dir(), {0700, owner(alice)}));
    CHECK(snapshot(alice.ssh_dir()).begin()->second.inode == inode);
    CHECK(sshd.login(alice, pair).accepted);
    if (daemon)
        CHECK(eventually([&] { return daemon->events("key.added", "alice").size() == 1; }));
    else
        CHECK(text_of_record().find("\"key.added\"") != std::string::npos);
}

TEST_CASE("what was added is on record, with who asked for it", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    Daemon daemon;

    REQUIRE(ctl({"add-key", "alice", public_file(pair)}).status == 0);

    REQUIRE(daemon.reports("key.added", "alice"));
    const auto event = daemon.events("key.added", "alice").front();
    INFO(event.dump(2));
    CHECK(text_at(event, "/file/path") == alice.authorized_keys());
    CHECK(must_run({"ssh-keygen", "-lf", public_file(pair)})
              .find(text_at(event, "/key/fingerprint")) != std::string::npos);
    CHECK(text_at(event, "/key/comment") == "test");
    CHECK(event.at("request").at("uid") == 0);
    CHECK(daemon.events("repair.interrupted").empty());
}

TEST_CASE("where there is no .ssh, or no key file, it is made and logs in", "[addkey]") {
    const SshServer sshd;
    const auto pair = key_pair("new");
    const bool without_dir = GENERATE(true, false);
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::remove_all(without_dir ? alice.ssh_dir() : alice.authorized_keys());
    auto before = snapshot(alice.home);
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();

    const auto said = added(alice, public_file(pair));

    INFO(said.dump(2));
    CHECK(said.at("result") == "added");
    CHECK(said.at("created").size() == (without_dir ? 2 : 1));
    CHECK(is(alice.home, {0700, owner(alice)}));
    CHECK(is(alice.ssh_dir(), {0700, owner(alice)}));
    CHECK(is(alice.authorized_keys(), {0600, owner(alice)}));
    CHECK(read_file(alice.authorized_keys()) == pair.line);
    CHECK(sshd.login(alice, pair).accepted);
    CHECK_FALSE(is_there(alice.home / ".sshpermd.new"));
    if (daemon) {
        CHECK(eventually([&] { return daemon->events("key.added", "alice").size() == 1; }));
        CHECK(daemon->events("repair.withheld").empty());
    }
}

TEST_CASE("what is wrong on the way to the file is repaired first", "[addkey]") {
    const SshServer sshd;
    const auto pair = key_pair("new");
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();
    set_mode(alice.home, 0);
    own(alice.authorized_keys(), {0, 0});

    CHECK(ctl({"add-key", "alice", public_file(pair)}).status == 0);

    CHECK(sshd.login(alice, pair).accepted);
    CHECK(sshd.login(alice).accepted);
}

TEST_CASE("a key in another format is added as a line of OpenSSH's", "[addkey]") {
    const SshServer sshd;
    key_pair("new");
    const fs::path secret = "/run/ssh-test/rsa";
    if (!is_there(secret))
        must_run({"ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", secret});
    const KeyPair pair{secret, read_file(secret.native() + ".pub")};
    for (const std::string format : {"RFC4716", "PEM", "PKCS8"}) {
        Accounts accounts;
        const auto alice = accounts.add("alice");
        const auto text = must_run({"ssh-keygen", "-e", "-m", format, "-f", public_file(pair)});
        write_file("/tmp/key", text, {0644, {}});
        INFO(text);

        const auto ended = shell(sshpermctl() + " add-key alice - < /tmp/key");

        INFO(ended.out << ended.err);
        CHECK(ended.status == 0);
        CHECK(sshd.login(alice, pair).accepted);
    }
}

TEST_CASE("what sshd would not take is refused with the reason, and nothing changes", "[addkey]") {
    const auto line = key_pair("new").line;
    const auto secret = read_file(key_pair("new").secret);
    const fs::path small = "/run/ssh-test/rsa1024";
    if (!is_there(small))
        must_run({"ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", small});
    write_file("/etc/ssh/sshd_config", "RequiredRSASize 2048\n", {0644, {}});
    const std::vector<std::pair<std::string, std::string>> cases{
        {secret, "private_key"},
        {read_file(small), "private_key"},
        {read_file(small.native() + ".pub"), "short_rsa"},
        {"no-such-option " + line, "unknown_option"},
        {"expiry-time=\"20200101\" " + line, "expired"},
        {line + read_file(small.native() + ".pub"), "several_keys"},
        {"\xEF\xBB\xBF" + line, "byte_order_mark"},
        {line.substr(0, 60) + "\n", "truncated"},
        {"hello\n", "not_a_key"},
        {"", "not_a_key"},
    };
    for (const auto& [text, reason] : cases) {
        Accounts accounts;
        const auto alice = accounts.add("alice");
        write_file("/tmp/key", text, {0644, {}});
        const auto before = snapshot(alice.home);
        INFO(text);

        const auto said = added(alice, "/tmp/key");

        INFO(said.dump(2));
        CHECK(said.at("result") == "refused");
        CHECK(said.at("reason") == reason);
        CHECK_FALSE(said.at("why").get<std::string>().empty());
        CHECK(ctl({"add-key", "alice", "/tmp/key"}).status == 1);
        CHECK(differences(before, snapshot(alice.home)) == "");
    }
    fs::remove("/etc/ssh/sshd_config");
}

TEST_CASE("it goes into the file that sshd reads", "[addkey]") {
    const auto pair = key_pair("new");
    struct Case {
        std::string setting, file, reason;
    };
    const auto given =
        GENERATE(Case{".ssh/authorized_keys", "authorized_keys", ""},
                 Case{"/etc/ssh/keys/%u %h/.ssh/authorized_keys2 .ssh/authorized_keys",
                      "authorized_keys2", ""},
                 Case{"none", "", "no_key_file"}, Case{"/etc/ssh/keys/%u", "", "outside"},
                 Case{".ssh/others", "", "not_a_target"});
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto before = snapshot(alice.home);
    write_file("/etc/ssh/sshd_config", "AuthorizedKeysFile " + given.setting + "\n", {0644, {}});

    const auto said = added(alice, public_file(pair));

    fs::remove("/etc/ssh/sshd_config");
    INFO(said.dump(2));
    CHECK((said.at("result") == "added") == given.reason.empty());
    if (given.reason.empty()) {
        CHECK(read_file(alice.ssh_dir() / given.file).find(pair.line) != std::string::npos);
    } else {
        CHECK(said.at("reason") == given.reason);
        CHECK(differences(before, snapshot(alice.home)) == "");
    }
}

TEST_CASE("it goes into the file that the sshd that runs reads, and logs in", "[addkey]") {
    const auto pair = key_pair("new");
    const auto setup =
        GENERATE(ServerSetup{"AuthorizedKeysFile .ssh/authorized_keys2\n", {}},
                 ServerSetup{"", {"-o", "AuthorizedKeysFile=.ssh/authorized_keys2"}});
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    write_file("/etc/ssh/sshd_config", "AuthorizedKeysFile .ssh/authorized_keys\n", {0644, {}});
    const SetupServer sshd{setup};
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();
    REQUIRE_FALSE(sshd.login("alice", pair).accepted);

    const auto said = added(alice, public_file(pair));

    fs::remove("/etc/ssh/sshd_config");
    INFO(said.dump(2));
    CHECK(said.at("path") == (alice.ssh_dir() / "authorized_keys2").native());
    CHECK(sshd.login("alice", pair).accepted);
}

TEST_CASE("what the sshd that runs does not take is not added", "[addkey]") {
    const auto pair = key_pair("new");
    const auto given = GENERATE(
        std::pair<std::string, std::string>{"AuthorizedKeysFile=none", "no_key_file"},
        std::pair<std::string, std::string>{"PubkeyAuthentication=no", "no_keys"},
        std::pair<std::string, std::string>{"PubkeyAcceptedAlgorithms=rsa-sha2-512", "algorithm"});
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto before = snapshot(alice.home);
    const SetupServer sshd{{"", {"-o", given.first}}};

    CHECK(added(alice, public_file(pair)).at("reason") == given.second);

    CHECK(differences(before, snapshot(alice.home)) == "");
}

TEST_CASE("nothing is added where a user put something else in a target's place", "[addkey]") {
    const auto pair = key_pair("new");
    const bool with_daemon = GENERATE(false, true);
    for (const auto& trap : traps()) {
        Accounts accounts;
        const auto people = make_people(accounts);
        std::optional<Daemon> daemon;
        if (with_daemon)
            daemon.emplace();
        trap.set(people);
        auto before = snapshot("/home");
        before.merge(snapshot("/srv"));
        INFO(trap.name);

        const auto said = added(people.mallory, public_file(pair));

        INFO(said.dump(2));
        CHECK(said.at("result") != "added");
        auto after = snapshot("/home");
        after.merge(snapshot("/srv"));
        CHECK(differences(before, after) == "");
    }
}

TEST_CASE("a user's own file with another name gets a file of its own", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    fs::create_hard_link(alice.authorized_keys(), alice.home / "backup-of-keys");
    const auto was = read_file(alice.authorized_keys());

    CHECK(ctl({"add-key", "alice", public_file(pair)}).status == 0);

    CHECK(read_file(alice.authorized_keys()) == was + pair.line);
    CHECK(read_file(alice.home / "backup-of-keys") == was);
}

TEST_CASE("a file that others could have written is not blessed by a line more", "[addkey]") {
    const SshServer sshd;
    const auto pair = key_pair("new");
    const auto intruder = key_pair("intruder");
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Daemon daemon{Json{{"on_exposed", "withhold"}}};
    const bool is_running = GENERATE(true, false);
    if (!is_running)
        REQUIRE(daemon.stop() == 0);
    // There at once, and open: what alice's file holds while it is closed is her own word.
    write_file(alice.home / "open", intruder.line, {0666, owner(alice)});
    std::filesystem::rename(alice.home / "open", alice.authorized_keys());

    const auto said =
        Json::parse(ctl({"add-key", "--json", "--config",
                         write_config({{"on_exposed", "withhold"}}), "alice", public_file(pair)})
                        .out);

    INFO(said.dump(2));
    CHECK(said.at("result") == "refused");
    CHECK(said.at("reason") == "content_unknown");
    CHECK(
        said.at("fix").get<std::string>().starts_with("sshpermctl repair --trust-content=SHA256:"));
    CHECK(read_file(alice.authorized_keys()) == intruder.line);
    CHECK_FALSE(sshd.login(alice, intruder).accepted);
    CHECK_FALSE(sshd.login(alice, pair).accepted);
}

TEST_CASE("on a full disk nothing is half added", "[addkey]") {
    const auto pair = key_pair("new");
    const bool without_dir = GENERATE(false, true);
    const bool with_daemon = GENERATE(false, true);
    Accounts accounts;
    const auto alice = accounts.add("alice");
    Mounted disk{memory_for(alice, ",size=64k"), alice.home};
    set_mode(alice.home, 0700);
    if (!without_dir) {
        make_directory(alice.ssh_dir(), {0700, owner(alice)});
        write_file(alice.authorized_keys(), public_key(), {0600, owner(alice)});
    }
    shell("head -c 1M /dev/zero > " + (alice.home / "full").native());
    own(alice.home / "full", owner(alice));
    std::optional<Daemon> daemon;
    if (with_daemon)
        daemon.emplace();
    const auto before = snapshot(alice.home);

    const auto said = added(alice, public_file(pair));
    INFO(said.dump(2));
    const auto after = snapshot(alice.home);
    fs::remove(alice.home / "full");
    const auto again = added(alice, public_file(pair));

    CHECK(said.at("result") == "failed");
    CHECK(said.at("error").at("code") == "ENOSPC");
    CHECK(after.size() == before.size());
    CHECK(is(alice.home, {0700, owner(alice)}));
    if (!without_dir) {
        CHECK(is(alice.ssh_dir(), {0700, owner(alice)}));
    }
    INFO(again.dump(2));
    CHECK(again.at("result") == "added");
    daemon.reset();
}

TEST_CASE("a file as large as a key file may be is left as it is", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    const std::string full(std::size_t{1} << 20U, '#');
    write_file(alice.authorized_keys(), full, {0600, owner(alice)});

    const auto said = added(alice, public_file(pair));

    CHECK(said.at("reason") == "too_large");
    CHECK(read_file(alice.authorized_keys()) == full);
}

TEST_CASE("an immutable file is left as it is, and the way to change it told", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    const auto target = GENERATE(as<std::string>{}, ".ssh/authorized_keys", ".ssh");
    if (run({"chattr", "+i", alice.home / target}).status != 0) {
        WARN("skipped, no chattr here: put SSHPERMD_TEST_STORE on ext4, xfs or btrfs");
        return;
    }
    const auto before = snapshot(alice.home);

    const auto ended = ctl({"add-key", "--json", "alice", public_file(pair)});

    const auto after = snapshot(alice.home);
    run({"chattr", "-i", alice.home / target}); // before anything can fail
    const auto said = Json::parse(ended.out);
    INFO(said.dump(2));
    CHECK(said.at("reason") == "immutable");
    CHECK(said.at("fix") == "chattr -i -a " + (alice.home / target).native());
    CHECK(differences(before, after) == "");
}

TEST_CASE("a key that is there with other options is not added a second time", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    const auto was = "# first\nno-pty " + pair.line;
    write_file(alice.authorized_keys(), was, {0600, owner(alice)});

    const auto said = added(alice, public_file(pair));

    CHECK(said.at("reason") == "other_options");
    CHECK(said.at("why").get<std::string>().find("line 2") != std::string::npos);
    CHECK(read_file(alice.authorized_keys()) == was);
}

TEST_CASE("add-key --dry-run changes nothing", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    if (GENERATE(true, false))
        fs::remove_all(alice.ssh_dir());
    const auto before = snapshot("/home");

    const auto ended = ctl({"add-key", "--dry-run", "alice", public_file(pair)});

    CHECK(ended.status == 0);
    CHECK(ended.out.find("would be added") != std::string::npos);
    CHECK(differences(before, snapshot("/home")) == "");
}

TEST_CASE("add-key is root's, for accounts that are looked after", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");

    CHECK(ctl({"add-key", "alice", public_file(pair)}, {alice.uid, alice.gid}).status == 4);
    CHECK(ctl({"add-key", "nobody-here", public_file(pair)}).status == 5);
    CHECK(ctl({"add-key", "alice"}).status == 2);
    CHECK(ctl({"add-key"}).status == 2);
    CHECK(ctl({"add-key", "alice", "-", "--from-imds"}).status == 2);
    CHECK(ctl({"add-key", "alice", "/none"}).status == 5);
}

TEST_CASE("what a killed add-key left is finished by a repair", "[addkey]") {
    const SshServer sshd;
    const auto pair = key_pair("new");
    Accounts accounts;
    const auto alice = accounts.add("alice");
    fs::remove_all(alice.ssh_dir());
    REQUIRE(ctl({"add-key", "alice", public_file(pair)}).status == 0);
    const bool has_given_dir = GENERATE(false, true);

    // .ssh was moved into the home, which is held still
    if (!has_given_dir)
        own(alice.ssh_dir(), {0, 0});
    make_directory(alice.home / ".sshpermd.new", {0700, {0, 0}});
    own(alice.home, {0, 0});
    set_mode(alice.home, 01700);
    CHECK(ctl({"repair", "alice"}).status == 0);

    CHECK(is(alice.home, {0700, owner(alice)}));
    CHECK(is(alice.ssh_dir(), {0700, owner(alice)}));
    CHECK(sshd.login(alice, pair).accepted);
}

TEST_CASE("what a killed add-key had not moved yet is in nobody's way", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    fs::remove_all(alice.ssh_dir());
    const auto stage = alice.home / ".sshpermd.new";
    make_directory(stage, {0700, {0, 0}});
    make_directory(stage / ".ssh", {0700, {0, 0}});
    write_file(stage / ".ssh/authorized_keys", "half", {0600, owner(alice)});
    own(alice.home, {0, 0});
    set_mode(alice.home, 01700);

    CHECK(added(alice, public_file(pair)).at("result") == "added");

    CHECK_FALSE(is_there(stage));
    CHECK(read_file(alice.authorized_keys()) == pair.line);
    CHECK(is(alice.home, {0700, owner(alice)}));
}

TEST_CASE("what a user calls like our own is not removed, and nothing is added", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    fs::remove_all(alice.ssh_dir());
    write_file("/srv/theirs", "x", {0600, {0, 0}});
    const auto stage = alice.home / ".sshpermd.new";
    const auto kind = GENERATE(as<std::string>{}, "link", "directory", "file");
    if (kind == "link")
        fs::create_symlink("/srv", stage);
    else if (kind == "file")
        write_file(stage, "mine", {0600, owner(alice)});
    else
        make_directory(stage, {0700, owner(alice)});
    const auto before = snapshot(alice.home);

    const auto said = added(alice, public_file(pair));

    INFO(said.dump(2));
    CHECK(said.at("error").at("code") == "EEXIST");
    CHECK(differences(before, snapshot(alice.home)) == "");
    fs::remove("/srv/theirs");
}

TEST_CASE("the socket adds only what sshd would take, to a key file", "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    const auto line = pair.line.substr(0, pair.line.size() - 1);
    Daemon daemon;
    const auto before = snapshot(alice.home);
    const auto ask = [&](const Json& body) { return say(http("POST", "/v1/keys", body.dump())); };

    for (const std::string file : {"../../bob/.ssh/authorized_keys", "config", "..", "/etc/passwd"})
        CHECK(Json::parse(ask({{"user", "alice"}, {"file", file}, {"key", line}}).body)
                  .at("reason") == "not_a_target");
    CHECK(Json::parse(ask({{"user", "alice"},
                           {"file", "authorized_keys"},
                           {"key", line + "\n" + key_pair("client").line}})
                          .body)
              .at("reason") == "several_keys");
    CHECK(ask({{"user", "alice"}, {"key", line}}).status == 400);
    CHECK(ask({{"user", "nobody-here"}, {"file", "authorized_keys"}, {"key", line}}).status == 404);

    CHECK(differences(before, snapshot(alice.home)) == "");
}

/// The instance metadata service, as far as add-key asks it: version 2 only.
const std::string fake_service = R"(
import http.server, sys
key = open(sys.argv[1]).read()
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    def do_PUT(self):
        ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds")
        good = self.path == "/latest/api/token" and ttl and 1 <= int(ttl) <= 21600
        self.answer(200 if good else 400, "TOKEN==" if good else "bad")
    def do_GET(self):
        if self.headers.get("X-aws-ec2-metadata-token") != "TOKEN==":
            return self.answer(401, "unauthorized")
        if self.path != "/latest/meta-data/public-keys/0/openssh-key" or not key:
            return self.answer(404, "not found")
        self.answer(200, key)
    def log_message(self, *arguments):
        pass
server = http.server.HTTPServer(("127.0.0.1", 8169), Handler)
print("ready", flush=True)
server.serve_forever()
)";

TEST_CASE("the key that an instance was launched with is asked of its metadata service",
          "[addkey]") {
    Accounts accounts;
    const auto alice = accounts.add("alice");
    const auto pair = key_pair("new");
    const auto add_from = [&](const std::string& endpoint) {
        auto ended = run({"env", "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + endpoint, sshpermctl(),
                          "add-key", "alice", "--from-imds"});
        UNSCOPED_INFO(ended.out << ended.err);
        return ended;
    };
    const std::string there = "http://127.0.0.1:8169";
    write_file("/tmp/fake.py", fake_service, {0644, {}});
    write_file("/tmp/none", "", {0644, {}});
    write_file("/tmp/huge", std::string(20000, 'x'), {0644, {}});

    CHECK(add_from(there).err.find("no instance metadata service answers") != std::string::npos);
    for (const std::string endpoint :
         {"http://10.0.0.1", "http://example.com", "https://127.0.0.1", "http://127.0.0.1:8169/x",
          "ftp://127.0.0.1", "http://127.0.0.1:0", "127.0.0.1"})
        CHECK(add_from(endpoint).err.find("loopback or link-local") != std::string::npos);
    {
        Process service{{"python3", "/tmp/fake.py", "/tmp/none"}};
        REQUIRE(eventually([&] { return service.out().find("ready") == 0; }));
        CHECK(add_from(there).err.find("without a key pair") != std::string::npos);
    }
    {
        Process service{{"python3", "/tmp/fake.py", "/tmp/huge"}};
        REQUIRE(eventually([&] { return service.out().find("ready") == 0; }));
        CHECK(add_from(there).status == 5);
    }
    Process service{{"python3", "/tmp/fake.py", public_file(pair)}};
    REQUIRE(eventually([&] { return service.out().find("ready") == 0; }));
    CHECK(add_from(there + "/").status == 0);
    CHECK(read_file(alice.authorized_keys()).ends_with(pair.line));
}

} // namespace
