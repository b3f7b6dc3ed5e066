// A name service for tests (nss_files(5) tells the calls): what it answers, and whether, stands in
// /run/nss-test/mode: answer, hang, late, err, or partial.
#include <nss.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace {

constexpr const char* directory = "/run/nss-test/";

std::string mode() {
    std::ifstream file{std::string{directory} + "mode"};
    std::string word;
    file >> word;
    return word;
}

/// Lines of NAME UID HOME.
struct Entry {
    std::string name;
    uid_t uid = 0;
    std::string home;
};

std::vector<Entry> entries() {
    std::ifstream file{std::string{directory} + "accounts"};
    std::vector<Entry> all;
    for (Entry entry; file >> entry.name >> entry.uid >> entry.home;)
        all.push_back(entry);
    return all;
}

nss_status fill(const Entry& entry, passwd* result, char* buffer, size_t size, int* error) {
    const auto needed = entry.name.size() + entry.home.size() + 3;
    if (size < needed) {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    std::memcpy(buffer, entry.name.c_str(), entry.name.size() + 1);
    char* const home = buffer + entry.name.size() + 1;
    std::memcpy(home, entry.home.c_str(), entry.home.size() + 1);
    char* const empty = home + entry.home.size() + 1;
    *empty = '\0';
    *result = {buffer, empty, entry.uid, entry.uid, empty, home, empty};
    return NSS_STATUS_SUCCESS;
}

/// Hangs, waits or fails as it is told to.
nss_status before(int* error) {
    constexpr unsigned seconds_late = 5;
    const auto word = mode();
    if (word == "late")
        sleep(seconds_late);
    while (mode() == "hang")
        usleep(50'000);
    if (word == "err") {
        *error = ENOENT; // as a client does whose server's socket is not there
        return NSS_STATUS_UNAVAIL;
    }
    return NSS_STATUS_SUCCESS;
}

template <typename Is>
nss_status look_up(Is is, passwd* result, char* buffer, size_t size, int* error) {
    if (const auto status = before(error); status != NSS_STATUS_SUCCESS)
        return status;
    for (const auto& entry : entries())
        if (is(entry))
            return fill(entry, result, buffer, size, error);
    *error = ENOENT;
    return NSS_STATUS_NOTFOUND;
}

std::size_t next_entry = 0;

} // namespace

extern "C" {

nss_status _nss_sshpermtest_setpwent(int) {
    next_entry = 0;
    return NSS_STATUS_SUCCESS;
}

nss_status _nss_sshpermtest_endpwent() { return NSS_STATUS_SUCCESS; }

nss_status _nss_sshpermtest_getpwent_r(passwd* result, char* buffer, size_t size, int* error) {
    if (const auto status = before(error); status != NSS_STATUS_SUCCESS)
        return status;
    const auto all = entries();
    if (mode() == "partial" && next_entry == 1) {
        *error = ENOENT;
        return NSS_STATUS_UNAVAIL;
    }
    if (next_entry >= all.size()) {
        *error = ENOENT;
        return NSS_STATUS_NOTFOUND;
    }
    const auto status = fill(all[next_entry], result, buffer, size, error);
    next_entry += status == NSS_STATUS_SUCCESS ? 1 : 0;
    return status;
}

nss_status _nss_sshpermtest_getpwnam_r(const char* name, passwd* result, char* buffer, size_t size,
                                       int* error) {
    return look_up([name](const Entry& entry) { return entry.name == name; }, result, buffer, size,
                   error);
}

nss_status _nss_sshpermtest_getpwuid_r(uid_t uid, passwd* result, char* buffer, size_t size,
                                       int* error) {
    return look_up([uid](const Entry& entry) { return entry.uid == uid; }, result, buffer, size,
                   error);
}

} // extern "C"
