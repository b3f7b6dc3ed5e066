// The directory service of the tests.
#include "name_service.hpp"

#include "process.hpp"

#include <algorithm>
#include <fstream>

namespace system_tests {

namespace fs = std::filesystem;

namespace {

constexpr const char* place = "/run/nss-test";
constexpr const char* linker_paths = "/etc/ld.so.conf.d/sshpermd-test.conf";

void replace(const fs::path& path, const std::string& text) {
    auto beside = path;
    beside += "+";
    write_file(beside, text, {0644, {0, 0}});
    fs::rename(beside, path);
}

std::string with_service(const std::string& nsswitch) {
    std::string text = "passwd: sshpermtest files\n"; // the last to answer never fails
    std::size_t begin = 0;
    while (begin < nsswitch.size()) {
        const auto end = std::min(nsswitch.find('\n', begin), nsswitch.size());
        const auto line = nsswitch.substr(begin, end - begin);
        if (!line.starts_with("passwd:"))
            text += line + "\n";
        begin = end + 1;
    }
    return text;
}

} // namespace

NameService::NameService(const std::string& mode) : nsswitch_{read_file("/etc/nsswitch.conf")} {
    fs::create_directories(place);
    become(mode);
    publish();
    fs::copy_file(environment("SSHPERMD_NSS_MODULE"), fs::path{place} / "libnss_sshpermtest.so.2",
                  fs::copy_options::overwrite_existing);
    write_file(linker_paths, std::string{place} + "\n", {0644, {0, 0}});
    must_run({"ldconfig", "-X"});
    replace("/etc/nsswitch.conf", with_service(nsswitch_));
}

NameService::~NameService() {
    replace("/etc/nsswitch.conf", nsswitch_);
    become("err");
}

void NameService::become(const std::string& mode) {
    replace(fs::path{place} / "mode", mode + "\n");
}

Account NameService::add(const std::string& name) {
    const auto uid = static_cast<uid_t>(30'000 + accounts_.size());
    accounts_.push_back({name, uid, uid, fs::path{"/home"} / name});
    make_home(accounts_.back());
    publish();
    return accounts_.back();
}

void NameService::dismiss(const Account& account) {
    std::erase_if(accounts_, [&](const Account& one) { return one.name == account.name; });
    publish();
}

void NameService::publish() const {
    std::string text;
    for (const auto& account : accounts_)
        text +=
            account.name + " " + std::to_string(account.uid) + " " + account.home.native() + "\n";
    replace(fs::path{place} / "accounts", text);
}

void rewrite_passwd() { replace("/etc/passwd", read_file("/etc/passwd")); }

std::optional<pid_t> account_child(pid_t daemon) {
    const auto id = std::to_string(daemon);
    std::ifstream file{"/proc/" + id + "/task/" + id + "/children"};
    pid_t child = 0;
    return file >> child ? std::optional{child} : std::nullopt;
}

} // namespace system_tests
