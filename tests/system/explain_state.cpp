// Explain states: random states of account, configuration, path and keys.
#include "explain_state.hpp"

#include "files.hpp"
#include "patience.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace system_tests {

namespace fs = std::filesystem;

namespace {

constexpr int port = 2299;
const fs::path place = "/run/ssh-test";

KeyPair make_pair(const std::string& name, const std::vector<std::string>& options) {
    key_pair("client"); // makes the directory
    const auto path = place / name;
    if (!is_there(path)) {
        std::vector<std::string> command{"ssh-keygen", "-q", "-N", "", "-C", name, "-f", path};
        command.insert(command.end(), options.begin(), options.end());
        must_run(command);
    }
    return {path, read_file(path.native() + ".pub")};
}

KeyPair roll_key(Dice& dice) {
    switch (dice.roll(10)) {
    case 0: return make_pair("rsa2048", {"-t", "rsa", "-b", "2048"});
    case 1: return make_pair("rsa1024", {"-t", "rsa", "-b", "1024"});
    case 2: return make_pair("ecdsa256", {"-t", "ecdsa", "-b", "256"});
    default: return key_pair("client");
    }
}

/// Replaces one field of one line of /etc/passwd, /etc/shadow or /etc/group.
void edit(const fs::path& file, const std::string& name, std::size_t field,
          const std::string& value) {
    std::istringstream lines{read_file(file)};
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + ":")) {
            std::size_t begin = 0;
            for (std::size_t i = 0; i < field; ++i)
                begin = line.find(':', begin) + 1;
            line.replace(begin, std::min(line.find(':', begin), line.size()) - begin, value);
        }
        text += line + "\n";
    }
    write_file(file, text, {mode_of(file), owner_of(file)});
}

std::string today(int more) { return std::to_string(::time(nullptr) / 86'400 + more); }

void write_revoked_lists() {
    const auto list = place / "revoked_list";
    if (is_there(list))
        return;
    write_file(list, "# gone\n" + make_pair("rsa2048", {"-t", "rsa", "-b", "2048"}).line,
               {0600, {}});
    write_file(place / "revoked_client", key_pair("client").line, {0600, {}});
    must_run({"ssh-keygen", "-q", "-k", "-f", place / "krl", place / "rsa2048.pub"});
    make_pair("ecdsa256", {"-t", "ecdsa", "-b", "256"});
    must_run({"ssh-keygen", "-q", "-k", "-f", place / "krl_ecdsa", place / "ecdsa256.pub"});
    write_file("/run/keys_command", "#!/bin/sh\n", {0755, {}});
    write_file("/run/keys_command_unsafe", "#!/bin/sh\n", {0777, {}});
}

/// One line, or one block, each of which asks a rule of its own.
const std::vector<std::string>& lines_that_matter() {
    static const std::vector<std::string> lines{
        "StrictModes no",
        "StrictModes no",
        "UsePAM yes",
        "UsePAM yes",
        "AuthorizedKeysFile /srv/keys/%u",
        "AuthorizedKeysFile .ssh/none_such /srv/keys/%u .ssh/authorized_keys",
        "AuthorizedKeysFile %h/.ssh/authorized_keys2",
        "AuthorizedKeysFile /srv/key?/%u",
        "AuthorizedKeysFile /srv/[k]eys/%u .ssh/authorized_keys*",
        "AuthorizedKeysFile none",
        "PubkeyAuthentication no",
        "AllowUsers alice root",
        "AllowUsers al?ce@127.0.0.0/8 r*",
        "AllowUsers alice@10.0.0.0/8 eve",
        "AllowUsers *@!127.0.0.1,*",
        "AllowUsers eve",
        "DenyUsers alice@192.168.0.0/16 eve",
        "DenyUsers a*",
        "AllowGroups alice shared root",
        "AllowGroups nogroup",
        "DenyGroups alice",
        "DenyGroups no* sh*",
        "PermitRootLogin no",
        "PermitRootLogin yes",
        "PermitRootLogin forced-commands-only",
        "PermitRootLogin prohibit-password",
        "RevokedKeys /run/ssh-test/revoked_list",
        "RevokedKeys /run/ssh-test/revoked_client",
        "RevokedKeys /run/ssh-test/krl",
        "RevokedKeys /run/ssh-test/krl_ecdsa",
        "RevokedKeys /run/ssh-test/none_such",
        "ChrootDirectory %h",
        "ChrootDirectory /srv/chroot",
        "ChrootDirectory /srv/none_such",
        "AuthenticationMethods publickey",
        "AuthenticationMethods publickey,password publickey",
        "AuthenticationMethods publickey,publickey",
        "PubkeyAcceptedAlgorithms ssh-ed25519",
        "PubkeyAcceptedAlgorithms -ssh-ed25519*",
        "PubkeyAcceptedAlgorithms rsa-sha2-256",
        "RequiredRSASize 2048",
        "AuthorizedKeysCommand /run/keys_command_unsafe\nAuthorizedKeysCommandUser nobody",
        "Match User alice\n  AuthorizedKeysFile /srv/keys/%u",
        "Match User bob,eve\n  PubkeyAuthentication no",
        "Match Group shared\n  AuthorizedKeysFile none",
        "Match Address 127.0.0.0/8\n  PubkeyAuthentication no",
        "Match Address 10.0.0.0/8\n  PubkeyAuthentication no",
        "Match User root\n  PermitRootLogin no"};
    return lines;
}

std::string roll_text(Dice& dice, const std::string& key, const std::string& other) {
    const auto blank = key.find(' ');
    const auto end = key.find(' ', blank + 1);
    const auto type = key.substr(0, blank);
    const auto blob = key.substr(blank + 1, end - blank - 1);
    const auto bare = type + " " + blob;
    const std::vector<std::string> texts{other,
                                         "",
                                         "# " + bare + "\n",
                                         other + key,
                                         "<html>\n" + key,
                                         bare,
                                         bare + "\r\n",
                                         "\xEF\xBB\xBF" + key,
                                         "\"" + bare + "\"\n",
                                         bare.substr(0, bare.size() / 2) + "\n" +
                                             bare.substr(bare.size() / 2) + "\n",
                                         other.substr(0, other.size() - 1) + key,
                                         blob + "\n",
                                         "no-such-option " + key,
                                         "from=\"127.0.0.1\" " + key,
                                         "from=\"127.0.0.0/8,!127.0.0.1\" " + key,
                                         "from=\"10.0.0.0/8\" " + key,
                                         "from=\"*.0.0.1\",no-pty " + key,
                                         "from=\"10.0.0.1/8\" " + key,
                                         "from=\"10.0.0.1\" " + key + key,
                                         "expiry-time=\"20200101\" " + key,
                                         "expiry-time=\"20990101\" " + key,
                                         "command=\"true\" " + key,
                                         "cert-authority " + key,
                                         "restrict " + key};
    return dice.one_of(texts);
}

/// Writes the configuration; the command line that reads it.
std::vector<std::string> sshd_with(const ServerSetup& setup) {
    make_pair("host", {"-t", "ed25519"});
    const std::string basis = "Port 2299\nListenAddress 127.0.0.1\nHostKey /run/ssh-test/host\n"
                              "PidFile none\nUseDNS no\nPasswordAuthentication no\n"
                              "KbdInteractiveAuthentication no\nPrintMotd no\nPrintLastLog no\n"
                              "MaxStartups 200\nLogLevel VERBOSE\n";
    const auto path = place / "setup_config";
    write_file(path, "PerSourcePenalties no\n" + basis, {0600, {}});
    const bool knows_penalties = run({"/usr/sbin/sshd", "-t", "-f", path}).status == 0;
    const bool has_blocks = setup.lines.find("Match") != std::string::npos;
    write_file(path,
               (knows_penalties ? "PerSourcePenalties no\n" : "") + basis + setup.lines +
                   (has_blocks ? "" : "UsePAM no\n"),
               {0600, {}});
    std::vector<std::string> command{"/usr/sbin/sshd", "-D", "-e", "-f", path};
    command.insert(command.end(), setup.options.begin(), setup.options.end());
    return command;
}

} // namespace

std::size_t Dice::roll(std::size_t sides) {
    return std::uniform_int_distribution<std::size_t>{0, sides - 1}(generator_);
}

std::string ServerSetup::words() const {
    auto text = lines;
    for (const auto& option : options)
        text += option + " ";
    return text;
}

ServerSetup roll_setup(Dice& dice) {
    write_revoked_lists();
    ServerSetup setup;
    std::string blocks;
    const auto add = [&](const std::string& line) {
        (line.starts_with("Match") ? blocks : setup.lines) += line + "\n";
    };
    for (std::size_t left = dice.roll(3); left > 0; --left)
        add(dice.one_of(lines_that_matter()));
    if (dice.percent(2)) // what it says cannot be told
        add("AuthorizedKeysCommand /usr/bin/true\nAuthorizedKeysCommandUser nobody");
    setup.lines += blocks;
    if (dice.percent(15))
        setup.options = dice.one_of(std::vector<std::vector<std::string>>{
            {"-o", "StrictModes=no"},
            {"-oPubkeyAuthentication no"},
            {"-o", "AuthorizedKeysFile /srv/keys/%u .ssh/authorized_keys2"},
            {"-o", "AllowUsers=alice bob"},
            {"-4", "-o", "UsePAM yes"}});
    return setup;
}

bool ServerSetup::can_start() const {
    auto command = sshd_with(*this);
    command.insert(command.begin() + 1, "-t");
    return run(command).status == 0;
}

SetupServer::SetupServer(const ServerSetup& setup) {
    sshd_.emplace(sshd_with(setup));
    if (!eventually([&] { return !sshd_->running() || is_listening(port); }) || !sshd_->running())
        throw std::runtime_error("sshd does not start: " + sshd_->err() + setup.words());
}

Login SetupServer::login(const std::string& user, const KeyPair& with) const {
    constexpr int nologin = 254;
    constexpr int of_ssh = 255;
    std::vector<std::string> command{"ssh", "-F",       "none", "-p", std::to_string(port),
                                     "-i",  with.secret};
    for (const auto* const option :
         {"BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=no",
          "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null", "LogLevel=ERROR",
          "RequiredRSASize=1024", "ConnectTimeout=20"})
        command.insert(command.end(), {"-o", option});
    command.insert(command.end(), {user + "@127.0.0.1", "exit 0"});
    const auto ended = run(command);
    return {ended.status != nologin && ended.status != of_ssh,
            "exit " + std::to_string(ended.status) + " " + ended.out + ended.err};
}

ExplainState::ExplainState(Dice& dice, const ServerSetup& setup) {
    choose_user(dice);
    fill_keys(dice, setup);
    if (user_ != nobody && user_ != "root") {
        bend_modes(dice);
        bend_owners(dice);
        bend_acls(dice);
        bend_types(dice);
    } else if (user_ == "root") {
        bend_modes(dice);
    }
    bend_account(dice);
}

ExplainState::~ExplainState() {
    fs::remove("/etc/nologin");
    fs::remove_all("/root/.ssh");
    set_mode("/root", 0700);
    set_mode("/home", 0755);
}

void ExplainState::choose_user(Dice& dice) {
    account_ = accounts_.add("alice", dice.percent(25) ? Group::shared : Group::of_its_own);
    eve_ = accounts_.add("eve");
    user_ = "alice";
    if (dice.percent(12)) {
        user_ = "root";
        account_ = {"root", 0, 0, "/root"};
        make_directory("/root/.ssh", {0700, {}});
    } else if (dice.percent(3)) {
        user_ = nobody;
    }
    tell("user " + user_);
}

void ExplainState::fill_keys(Dice& dice, const ServerSetup& setup) {
    key_ = roll_key(dice);
    const auto other = key_pair("other").line;
    auto text = key_.line;
    if (dice.percent(25))
        text = roll_text(dice, key_.line, other);
    tell("key " + key_.secret.filename().native() + ", file:\n" + text);
    write_file(account_.authorized_keys(), text, {0600, owner(account_)});
    fs::remove(account_.ssh_dir() / "authorized_keys2");
    if (dice.percent(15) || setup.words().find("keys2") != std::string::npos) {
        write_file(account_.ssh_dir() / "authorized_keys2", dice.percent(60) ? key_.line : other,
                   {dice.percent(80) ? 0600U : 0666U, owner(account_)});
        tell("a second file");
    }
    const mode_t mode = dice.one_of(std::vector<mode_t>{0755, 0755, 0755, 0775, 0777, 0700, 0711});
    make_directory("/srv/keys", {mode, {}});
    write_file("/srv/keys/" + user_, dice.percent(80) ? key_.line : other,
               {dice.one_of(std::vector<mode_t>{0644, 0644, 0644, 0600, 0664}), {}});
    make_directory("/srv/chroot", {dice.percent(70) ? 0755U : 0775U, {}});
    std::ostringstream octal;
    octal << std::oct << mode << " " << mode_of("/srv/keys/" + user_);
    tell("/srv/keys " + octal.str());
}

void ExplainState::bend_account(Dice& dice) {
    if (dice.percent(2)) {
        write_file("/etc/nologin", "not now\n", {0644, {}});
        tell("nologin");
    }
    if (user_ != "alice" || !dice.percent(25))
        return;
    using Edit = std::tuple<fs::path, std::size_t, std::string>;
    const auto& [file, field, value] =
        dice.one_of(std::vector<Edit>{{"/etc/passwd", 6, "/bin/nosuch"},
                                      {"/etc/passwd", 6, "/usr/sbin/nologin"},
                                      {"/etc/passwd", 6, "/etc/passwd"},
                                      {"/etc/passwd", 6, "/tmp"},
                                      {"/etc/passwd", 6, ""},
                                      {"/etc/passwd", 5, "/"},
                                      {"/etc/passwd", 5, "/nonexistent"},
                                      {"/etc/passwd", 2, "31000"},
                                      {"/etc/passwd", 3, "100"},
                                      {"/etc/shadow", 1, "!"},
                                      {"/etc/shadow", 1, "!!"},
                                      {"/etc/shadow", 1, "!$6$x$y"},
                                      {"/etc/shadow", 1, ""},
                                      {"/etc/shadow", 7, today(0)},
                                      {"/etc/shadow", 7, today(-1)},
                                      {"/etc/shadow", 7, today(1)},
                                      {"/etc/shadow", 7, "0"},
                                      {"/etc/shadow", 2, "0"},
                                      {"/etc/shadow", 4, "30"},
                                      {"/etc/shadow", 6, "5"},
                                      {"/etc/shadow", 2, today(-10)}});
    edit(file, user_, field, value);
    tell(file.native() + " " + std::to_string(field) + " = " + value);
    if (field == 4 && dice.percent(50)) {
        edit(file, user_, 6, "7");
        tell("and inactive after 7 days");
    }
}

void ExplainState::bend_modes(Dice& dice) {
    const std::vector<mode_t> directories{0755, 0750, 0711, 0775, 0770, 0777, 01777, 0702,
                                          0720, 0500, 0100, 0400, 0600, 0000, 02700};
    const std::vector<mode_t> files{0644, 0640, 0664, 0660, 0666, 0400, 0440,
                                    0200, 0000, 0620, 0602, 0655, 0604};
    const auto bend = [&](const fs::path& path, const std::vector<mode_t>& modes,
                          std::size_t chance) {
        if (!dice.percent(chance) || !is_there(path))
            return;
        set_mode(path, dice.one_of(modes));
        std::ostringstream octal;
        octal << std::oct << mode_of(path);
        tell(path.native() + " " + octal.str());
    };
    bend(account_.authorized_keys(), files, 18);
    bend(account_.ssh_dir(), directories, 18);
    bend(account_.home, directories, 18);
    if (user_ != "root")
        bend("/home", {0775, 0757, 0777, 01777, 0711, 0710, 0700, 0701}, 6);
}

void ExplainState::bend_owners(Dice& dice) {
    const std::vector<Owner> owners{{0, 0},
                                    {eve_.uid, eve_.gid},
                                    {account_.uid, 0},
                                    {account_.uid, 100},
                                    {account_.uid, eve_.gid},
                                    {0, account_.gid},
                                    {54321, 54321}};
    for (const auto& path : {account_.authorized_keys(), account_.ssh_dir(), account_.home})
        if (dice.percent(8) && is_there(path)) {
            const auto mode = mode_of(path);
            own(path, dice.one_of(owners));
            set_mode(path, mode);
            tell(path.native() + " is of " + std::to_string(owner_of(path).uid) + ":" +
                 std::to_string(owner_of(path).gid));
        }
}

void ExplainState::bend_acls(Dice& dice) {
    for (const auto& path : {account_.authorized_keys(), account_.ssh_dir(), account_.home}) {
        if (!dice.percent(5) || !is_there(path))
            continue;
        const auto entry =
            dice.one_of(std::vector<std::string>{"u:eve:rwx", "u:eve:rx", "u:alice:-", "g::rwx"});
        if (run({"setfacl", "-m", entry, path}).status == 0)
            tell("ACL " + entry + " on " + path.native());
    }
}

void ExplainState::bend_types(Dice& dice) {
    if (!dice.percent(15))
        return;
    const auto keys = account_.authorized_keys();
    const auto mode = dice.percent(50) ? 0755U : 0777U;
    make_directory("/srv/d", {mode, {0, 0}});
    const auto kind = dice.roll(9);
    tell("kind " + std::to_string(kind) + ", /srv/d " + (mode == 0755U ? "0755" : "0777"));
    const auto move = [&](const fs::path& from, const fs::path& to) {
        must_run({"mv", from, to});
        fs::create_symlink(to, from);
    };
    switch (kind) {
    case 0: move(keys, account_.home / "elsewhere"); break;
    case 1: move(keys, "/srv/d/keys"); break;
    case 2: move(account_.ssh_dir(), "/srv/d/ssh"); break;
    case 3: move(account_.home, "/srv/d/home"); break;
    case 4:
        fs::remove(keys);
        fs::create_symlink("/nowhere", keys);
        break;
    case 5:
        fs::remove(keys);
        make_directory(keys, {0700, owner(account_)});
        break;
    case 6:
        fs::remove(keys);
        ::mkfifo(keys.c_str(), 0600);
        own(keys, owner(account_));
        break;
    case 7: fs::remove(keys); break;
    default: fs::remove_all(account_.ssh_dir()); break;
    }
}

} // namespace system_tests
