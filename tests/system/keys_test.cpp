// keys and check-key: what they say of a key is what sshd, ssh and ssh-keygen do with it.
#include "accounts.hpp"
#include "catch.hpp"
#include "checks.hpp"
#include "daemon.hpp"
#include "explain_state.hpp"
#include "files.hpp"
#include "ssh_server.hpp"

#include <algorithm>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace system_tests;

/// "ssh-ed25519", "AAAA…": the words of a pair's line.
struct Words {
    std::string type, blob, whole;
};
Words words_of(const KeyPair& pair) {
    const auto first = pair.line.find(' ');
    const auto second = pair.line.find(' ', first + 1);
    return {pair.line.substr(0, first), pair.line.substr(first + 1, second - first - 1),
            pair.line.substr(0, second)};
}

KeyPair make_pair(const std::string& name, const Arguments& options) {
    key_pair("client"); // makes the directory
    const fs::path path = "/run/ssh-test/" + name;
    if (!is_there(path)) {
        Arguments command{"ssh-keygen", "-q", "-N", "", "-C", "test", "-f", path};
        command.insert(command.end(), options.begin(), options.end());
        must_run(command);
    }
    return {path, read_file(path.native() + ".pub")};
}

/// The fingerprint that ssh-keygen prints.
std::string fingerprint_of(const fs::path& path, const std::string& hash = "sha256") {
    const auto said = must_run({"ssh-keygen", "-l", "-E", hash, "-f", path});
    const auto begin = said.find(' ') + 1;
    return said.substr(begin, said.find(' ', begin) - begin);
}

/// What openssl prints after "= " or as a whole, without its newline.
std::string last_word(const std::string& text) {
    const auto end = text.find_last_not_of('\n') + 1;
    const auto begin = text.find_last_of(" =", end - 1);
    return text.substr(begin + 1, end - begin - 1);
}

Account account_with_keys(Accounts& accounts, const std::string& text) {
    const auto alice = accounts.add("alice");
    fs::remove(alice.ssh_dir() / "authorized_keys2");
    write_file(alice.authorized_keys(), text, {0600, owner(alice)});
    return alice;
}

Json keys_in(const Json& files, const Account& account) {
    for (const auto& file : files)
        if (file.at("path") == account.authorized_keys().native())
            return file.at("keys");
    FAIL("no such file in " << files);
    return {};
}

Json listed(const Account& account) {
    const auto ended = ctl({"keys", "--json", account.name});
    const auto document = Json::parse(ended.out);
    CHECK(document.at("schema") == "sshpermd.keys/1");
    return keys_in(document.at("files"), account);
}

bool is_accepted(const Json& keys, const std::string& fingerprint) {
    return std::any_of(keys.begin(), keys.end(), [&](const Json& key) {
        return key.at("verdict") == "accepted" && key.at("key").at("sha256") == fingerprint;
    });
}

bool has_reason(const Json& keys, const std::string& reason) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const Json& key) { return key.at("reason") == Json(reason); });
}

struct Case {
    std::string text;
    std::string reason; ///< that must be among those listed; empty: nothing is ignored
};

std::string wrapped(const std::string& text, std::size_t width) {
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at += width)
        lines += text.substr(at, width) + "\n";
    return lines;
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::vector<Case> cases(const KeyPair& pair, const std::string& other) {
    const auto [type, blob, key] = words_of(pair);
    const auto secret = read_file(pair.secret);
    const fs::path pub = pair.secret.native() + ".pub";
    const auto rfc4716 = must_run({"ssh-keygen", "-e", "-m", "RFC4716", "-f", pub});
    const std::string utf16 = [&key = key] {
        std::string text = "\xFF\xFE";
        for (const char c : key + "\r\n")
            text += std::string{c, '\0'};
        return text;
    }();
    return {
        {key, ""},
        {key + " a comment\r\n", ""},
        {" \t" + key + "\n", ""},
        {"# comment\n\n" + other + key + "\n", ""},
        {"no-pty,no-port-forwarding " + key + "\n", ""},
        {"NO-PTY,Environment=\"A=b\" " + key + "\n", ""},
        {"from=\"127.0.0.1,10.0.0.0/8\" " + key + "\n", ""},
        {"no-pty, " + key + "\n", ""},
        {"permitopen=\"localhost:80\",permitlisten=\"8080\",tunnel=\"1\" " + key + "\n", ""},
        {"expiry-time=\"20990101\" " + key + "\n", ""},
        {"restrict,pty " + key + "\n", ""},
        {key.substr(0, key.find(' ')) + "   \t " + blob + "\n", ""},
        // where ssh-keygen says something else
        {type + " " + blob.substr(0, 20) + "\r" + blob.substr(20) + "\n", ""},
        {key + " words\rmore\n", ""},
        {key + " " + std::string(100'000, 'y') + "\n", ""},
        {"no-pty \t " + key + "\n", ""},
        {"1024 " + key + "\n", "unknown_option"},
        {secret + key + "\n", "private_key"},
        {secret, "private_key"},
        {rfc4716, "rfc4716"},
        {rfc4716 + key + "\n", "rfc4716"},
        {"PuTTY-User-Key-File-2: " + type + "\nEncryption: none\nComment: c\nPublic-Lines: 1\n" +
             blob + "\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 00\n",
         "ppk"},
        {key + key + "\n", "joined"},
        {key + " me@" + "here" + other, "joined"},
        {other.substr(0, other.size() - 1) + key + "\n", "joined"},
        {type + " " + wrapped(blob, 40), "wrapped"},
        {type + "\n" + blob + "\n", "wrapped"},
        {wrapped(key, 64), "wrapped"},
        {"\xEF\xBB\xBF" + key + "\n", "byte_order_mark"},
        {"\xEF\xBB\xBF# comment\n" + key + "\n", "byte_order_mark"},
        {utf16, "utf16"},
        {std::string("\0", 1) + key + "\n", "nul_byte"},
        {upper(type) + " " + blob + "\n", "wrong_case"},
        {"\"" + key + "\"\n", "quoted"},
        {"'" + key + "'\n", "quoted"},
        {blob + "\n", "no_type"},
        {(type == "ssh-rsa" ? "ssh-ed25519 " : "ssh-rsa ") + blob + "\n", "type_differs"},
        {key.substr(0, key.size() - 4) + "\n", "truncated"},
        {key.substr(0, key.size() - 5) + "\n", "truncated"},
        {key.substr(0, key.size() - 3) + "\n", "truncated"},
        {type + "\n", "truncated"},
        {key + "AAAA\n", "malformed"},
        {type + " " + blob.substr(0, 20) + "*" + blob.substr(21) + "\n", "malformed"},
        {"no-such-option " + key + "\n", "unknown_option"},
        {"no-pty no-x11-forwarding " + key + "\n", "unknown_option"},
        {"1. " + key + "\n", "unknown_option"},
        {"- echo " + key + "\n", "unknown_option"},
        {"pty=\"yes\" " + key + "\n", "unknown_option"},
        {"tunnel=\"any:1\" " + key + "\n", "bad_option"},
        {"command=ls " + key + "\n", "bad_option"},
        {"environment=\"A-B=c\" " + key + "\n", "bad_option"},
        {"permitopen=\"localhost\" " + key + "\n", "bad_option"},
        {"from=\"127.0.0.1\",from=\"127.0.0.1\" " + key + "\n", "bad_option"},
        {"expiry-time=\"2020\" " + key + "\n", "bad_option"},
        {"expiry-time=\"20200101\" " + key + "\n", "expired"},
        {"expiry-time=\"209901010000\",expiry-time=\"20200101123000\" " + key + "\n", "expired"},
        {"command=\"unclosed " + key + "\n", ""}, // the reason may be any
        {"<html>\n" + key + "\n</html>\n", "not_a_key"},
    };
}

/// Each case is an account of its own: keys is asked once for all of them.
void check_verdicts(const SshServer& sshd, const KeyPair& pair, const std::string& other) {
    const auto fingerprint = fingerprint_of(pair.secret.native() + ".pub");
    const auto all = cases(pair, other);
    Accounts accounts;
    const auto people = accounts.add("case", static_cast<int>(all.size()));
    for (std::size_t i = 0; i < all.size(); ++i) {
        fs::remove(people[i].ssh_dir() / "authorized_keys2");
        write_file(people[i].authorized_keys(), all[i].text, {0600, owner(people[i])});
    }
    const auto files = Json::parse(ctl({"keys", "--json"}).out).at("files");
    for (std::size_t i = 0; i < all.size(); ++i) {
        INFO(all[i].text);
        const auto keys = keys_in(files, people[i]);
        INFO(keys.dump(2));
        const auto login = sshd.login(people[i], pair);
        INFO(login.message);

        CHECK(is_accepted(keys, fingerprint) == login.accepted);
        CHECK((all[i].reason.empty() || has_reason(keys, all[i].reason)));
        CHECK((login.accepted || std::any_of(keys.begin(), keys.end(), [](const Json& key) {
                   return key.at("verdict") == "ignored";
               })));
    }
}

TEST_CASE("keys says of each line what sshd does with it", "[keys]") {
    const SshServer sshd;

    check_verdicts(sshd, key_pair("client"), key_pair("other").line);
}

TEST_CASE("keys says the same of the lines of longer keys", "[keys]") {
    const SshServer sshd;

    check_verdicts(sshd, make_pair("rsa3072", {"-t", "rsa", "-b", "3072"}), key_pair("other").line);
}

TEST_CASE("keys says which kinds of keys sshd takes", "[keys]") {
    const SshServer sshd;
    const std::vector<std::pair<std::string, Arguments>> kinds{
        {"rsa1024", {"-t", "rsa", "-b", "1024"}},
        {"ecdsa256", {"-t", "ecdsa", "-b", "256"}},
        {"ecdsa384", {"-t", "ecdsa", "-b", "384"}},
        {"ecdsa521", {"-t", "ecdsa", "-b", "521"}},
        {"dsa", {"-t", "dsa"}},
    };
    for (const auto& [name, options] : kinds) {
        INFO(name);
        if (name == "dsa" &&
            run({"ssh-keygen", "-q", "-t", "dsa", "-N", "", "-f", "/tmp/probe"}).status != 0)
            continue; // from OpenSSH 10 on nobody can make one
        const auto pair = make_pair(name, options);
        Accounts accounts;
        const auto alice = account_with_keys(accounts, pair.line);

        const auto login = sshd.login(alice, pair);
        const auto keys = listed(alice);

        INFO(keys.dump(2));
        REQUIRE(keys.size() == 1);
        const auto& key = keys.at(0).at("key");
        const fs::path pub = pair.secret.native() + ".pub";
        CHECK(key.at("sha256") == fingerprint_of(pub));
        CHECK(key.at("md5") == fingerprint_of(pub, "md5"));
        CHECK(std::to_string(key.at("bits").get<int>()) ==
              must_run({"ssh-keygen", "-l", "-f", pub})
                  .substr(0, std::to_string(key.at("bits").get<int>()).size()));
        CHECK((keys.at(0).at("verdict") == "accepted") == login.accepted);
    }
}

TEST_CASE("keys names the hash that --trust-content takes", "[keys]") {
    Accounts accounts;
    const auto alice = account_with_keys(accounts, public_key());

    const auto document = Json::parse(ctl({"keys", "--json", "alice"}).out);

    const auto digest = must_run(
        {"openssl", "dgst", "-sha256", "-binary", "-out", "/tmp/digest", alice.authorized_keys()});
    const auto hash = must_run({"openssl", "base64", "-in", "/tmp/digest"});
    const auto content = document.at("files").at(0).at("content").get<std::string>();
    CHECK(content + "=\n" == "SHA256:" + hash);
    CHECK(ctl({"keys", "alice"}).out.find(content) != std::string::npos);
}

TEST_CASE("keys lists what the sshd that runs reads, whatever the usual file says", "[keys]") {
    const auto pair = key_pair("client");
    const auto setup = GENERATE(ServerSetup{"AuthorizedKeysFile /srv/keys/%u\n", {}},
                                ServerSetup{"", {"-o", "AuthorizedKeysFile=/srv/keys/%u"}},
                                ServerSetup{"Match User eve\n  AuthorizedKeysFile none\n",
                                            {"-oAuthorizedKeysFile /srv/keys/%u"}});
    Accounts accounts;
    const auto alice = account_with_keys(accounts, "# nothing\n");
    make_directory("/srv/keys", {0755, {}});
    write_file("/srv/keys/alice", pair.line, {0644, {}});
    write_file("/etc/ssh/sshd_config", "AuthorizedKeysFile .ssh/another\n", {0644, {}});
    const SetupServer sshd{setup};

    const auto files = Json::parse(ctl({"keys", "--json", "alice"}).out).at("files");

    fs::remove("/etc/ssh/sshd_config");
    INFO(setup.words() << files.dump(1));
    CHECK(sshd.login("alice", pair).accepted);
    REQUIRE(files.size() == 1);
    CHECK(files[0].at("path") == "/srv/keys/alice");
    CHECK(files[0].at("configured_by") == "sshd");
    CHECK(is_accepted(files[0].at("keys"), fingerprint_of(pair.secret.native() + ".pub")));
}

TEST_CASE("keys reads with the rights of the account only, and waits for nothing", "[keys]") {
    Accounts accounts;
    const auto alice = account_with_keys(accounts, "");
    const auto keys = alice.authorized_keys();
    const auto text_of = [&] { return ctl({"keys", "alice"}); };
    write_file("/etc/roots-keys", public_key(), {0600, {0, 0}});

    fs::remove(keys);
    fs::create_symlink("/etc/roots-keys", keys);
    CHECK(text_of().status == 4); // sshd reads it as alice, too
    fs::remove(keys);
    REQUIRE(::mkfifo(keys.c_str(), 0600) == 0);
    own(keys, owner(alice));
    CHECK(text_of().out.find("not a regular file") != std::string::npos);
    CHECK(text_of().status == 5);
    fs::remove(keys);
    write_file(keys, std::string(2U << 20U, 'x'), {0600, owner(alice)});
    CHECK(text_of().out.find("larger than 1 MiB") != std::string::npos);
    fs::remove(keys);
    CHECK(text_of().status == 0);
    write_file(alice.home / "elsewhere", public_key(), {0600, owner(alice)});
    fs::create_symlink(alice.home / "elsewhere", keys);
    CHECK(text_of().out.find(": 1 key, 0 ignored") != std::string::npos);
}

TEST_CASE("an ordinary user sees the own keys and nobody else's", "[keys]") {
    Accounts accounts;
    const auto alice = account_with_keys(accounts, public_key());
    const auto bob = accounts.add("bob");

    CHECK(ctl({"keys", "alice"}, {alice.uid, alice.gid}).status == 0);
    CHECK(ctl({"keys", "alice"}, {bob.uid, bob.gid}).status == 4);
    CHECK(ctl({"keys", "nobody-here"}).status == 5);
}

/// Anything it complains of is exit code 1.
Json checked(const fs::path& path) {
    const auto ended = ctl({"check-key", "--json", path});
    const auto document = Json::parse(ended.out);
    CHECK(document.at("schema") == "sshpermd.key_file/1");
    CHECK((document.at("problems").empty() || ended.status == 1));
    return document;
}

/// Does ssh-keygen, which reads as ssh does, print a public half?
bool is_read(const fs::path& path) {
    return run({"ssh-keygen", "-y", "-P", "", "-f", path}).status == 0;
}

TEST_CASE("check-key says of a private key whether ssh reads it", "[keys]") {
    make_pair("pem", {"-t", "rsa", "-b", "2048", "-m", "PEM"});
    make_pair("pkcs8", {"-t", "ecdsa", "-b", "256", "-m", "PKCS8"});
    make_pair("openssh", {"-t", "rsa", "-b", "2048"});
    for (const std::string name : {"client", "pem", "pkcs8", "openssh"}) {
        const auto secret = read_file("/run/ssh-test/" + name);
        const auto crlf = [&] {
            std::string text;
            for (const char c : secret)
                text += c == '\n' ? "\r\n" : std::string(1, c);
            return text;
        }();
        const std::vector<std::string> texts{secret,
                                             crlf,
                                             secret.substr(0, secret.size() - 1),
                                             "\n" + secret,
                                             "\xEF\xBB\xBF" + secret,
                                             "Dear friend,\n" + secret,
                                             secret + "trailing\n",
                                             secret.substr(0, secret.size() / 2),
                                             secret.substr(0, 100) + "*" + secret.substr(101),
                                             "",
                                             "hello\n"};
        for (const auto& text : texts)
            for (const mode_t mode : {0600U, 0400U, 0640U, 0604U, 0777U}) {
                if (mode != 0600 && text != secret)
                    continue;
                write_file("/tmp/key", text, {mode, {0, 0}});
                INFO(name << " as " << std::oct << mode << ":\n" << text);
                const auto document = checked("/tmp/key");
                INFO(document.dump(2));
                CHECK(document.at("read_by_ssh") == is_read("/tmp/key"));
            }
    }
}

TEST_CASE("what check-key advises makes ssh read the key", "[keys]") {
    const auto secret = read_file(key_pair("client").secret);
    for (const auto& [text, mode] :
         std::vector<std::pair<std::string, mode_t>>{{secret, 0777},
                                                     {secret.substr(0, secret.size() - 1), 0600},
                                                     {"\n  " + secret, 0644}}) {
        write_file("/tmp/a key", text, {mode, {0, 0}});
        REQUIRE_FALSE(is_read("/tmp/a key"));

        const auto problems = checked("/tmp/a key").at("problems");
        for (const auto& problem : problems)
            must_run({"sh", "-c", problem.at("fix").get<std::string>()});

        INFO(read_file("/tmp/a key"));
        CHECK(is_read("/tmp/a key"));
    }
}

TEST_CASE("check-key knows the same key in every format", "[keys]") {
    const auto pair = make_pair("pem", {"-t", "rsa", "-b", "2048", "-m", "PEM"});
    const std::string pub = pair.secret.native() + ".pub";
    must_run({"ssh-keygen", "-q", "-p", "-N", "secret", "-f",
              (fs::copy_file(pair.secret, "/tmp/locked", fs::copy_options::overwrite_existing),
               "/tmp/locked")});
    write_file("/tmp/rfc4716", must_run({"ssh-keygen", "-e", "-m", "RFC4716", "-f", pub}),
               {0644, {}});
    write_file("/tmp/pkcs1", must_run({"ssh-keygen", "-e", "-m", "PEM", "-f", pub}), {0644, {}});
    write_file("/tmp/spki", must_run({"ssh-keygen", "-e", "-m", "PKCS8", "-f", pub}), {0644, {}});
    must_run({"openssl", "pkey", "-in", pair.secret, "-outform", "DER", "-out", "/tmp/der"});
    must_run({"openssl", "pkey", "-in", pair.secret, "-pubout", "-outform", "DER", "-out",
              "/tmp/pubder"});
    must_run({"openssl", "pkcs8", "-topk8", "-nocrypt", "-in", pair.secret, "-outform", "DER",
              "-out", "/tmp/pkcs8der"});
    const std::vector<std::pair<std::string, std::string>> files{
        {pair.secret, "pem_private"},   {pub, "openssh_public"},     {"/tmp/rfc4716", "rfc4716"},
        {"/tmp/pkcs1", "pkcs1_public"}, {"/tmp/spki", "pem_public"}, {"/tmp/der", "der_private"},
        {"/tmp/pubder", "der_public"}};
    const auto imported = last_word(must_run({"openssl", "md5", "-c", "/tmp/pubder"}));
    const auto created = last_word(must_run({"openssl", "sha1", "-c", "/tmp/pkcs8der"}));

    for (const auto& [path, format] : files) {
        const auto document = checked(path);
        INFO(document.dump(2));
        CHECK(document.at("format") == format);
        CHECK(document.at("key").at("sha256") == fingerprint_of(pub));
        CHECK(document.at("key").at("ec2") == imported);
        CHECK(document.at("ec2").at("accepted") == true);
        CHECK(document.at("public_line").get<std::string>().starts_with(words_of(pair).whole));
        if (document.at("private") == true)
            CHECK(document.at("ec2").at("created") == created);
    }
    CHECK(checked("/tmp/locked").at("encrypted") == true);
    CHECK(checked("/tmp/locked").at("read_by_ssh") == true);
    CHECK(ctl({"check-key", pub}).out.find("this is the public half") != std::string::npos);
}

TEST_CASE("check-key converts what it says it converts", "[keys]") {
    const auto pair = make_pair("openssh", {"-t", "rsa", "-b", "2048"});
    const std::string pub = pair.secret.native() + ".pub";
    for (const std::string format : {"RFC4716", "PEM", "PKCS8"}) {
        write_file("/tmp/public", must_run({"ssh-keygen", "-e", "-m", format, "-f", pub}),
                   {0644, {}});

        const auto problems = checked("/tmp/public").at("problems");

        REQUIRE(problems.size() == 1);
        const auto converted = must_run({"sh", "-c", problems.at(0).at("fix").get<std::string>()});
        CHECK(converted.find(words_of(pair).whole) != std::string::npos);
    }
}

TEST_CASE("check-key says what of it EC2 takes", "[keys]") {
    const auto takes = [](const std::string& name, const Arguments& options) {
        return checked(make_pair(name, options).secret).at("ec2").at("accepted").get<bool>();
    };
    CHECK(takes("client", {}));
    CHECK(takes("rsa1024", {"-t", "rsa", "-b", "1024"}));
    CHECK(takes("rsa4096", {"-t", "rsa", "-b", "4096"}));
    CHECK_FALSE(takes("rsa3072", {"-t", "rsa", "-b", "3072"}));
    CHECK_FALSE(takes("ecdsa256", {"-t", "ecdsa", "-b", "256"}));
}

TEST_CASE("check-key is for everybody, and names what it cannot read", "[keys]") {
    write_file("/tmp/theirs", "x", {0600, {0, 0}});
    REQUIRE(::mkfifo("/tmp/fifo", 0666) == 0);

    CHECK(ctl({"check-key", "/tmp/theirs"}, {12345, 12345}).status == 4);
    CHECK(ctl({"check-key", "/tmp/fifo"}).status == 5);
    CHECK(ctl({"check-key", "/tmp/none"}).err.find("/tmp/none") != std::string::npos);
    CHECK(ctl({"check-key"}).status == 2);
}

} // namespace
