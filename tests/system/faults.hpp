// Faults: how a daemon among them must go on, and mounts that come and go.
#pragma once

#include "accounts.hpp"
#include "daemon.hpp"

#include <filesystem>
#include <string>

namespace system_tests {

/// A configuration under which what a fault kept from being learned is repaired all the same.
inline Json trusting(Json config = Json::object()) {
    config["on_exposed"] = "repair";
    return config;
}

/// For a second it says nothing more, but that one look is done, and takes no more than a fifth of
/// a processor.
void check_is_calm(Daemon& daemon);

/// It ends on SIGTERM within two seconds, with status 0.
void check_stops(Daemon& daemon);

/// Its events of a kind about one account and one target.
std::vector<Json> events_about(Daemon& daemon, std::string_view kind, const Account& account,
                               std::string_view target);

/// It said once, and no more than once, that it leaves a target alone, and why.
void check_refused(Daemon& daemon, const Account& account, std::string_view target,
                   std::string_view reason);

/// A mount that is gone, lazily at the latest, when this is.
class Mounted {
  public:
    /// mount(8)'s arguments but the last. Throws when that fails.
    Mounted(const Arguments& arguments, std::filesystem::path at);
    ~Mounted();
    Mounted(const Mounted&) = delete;
    Mounted& operator=(const Mounted&) = delete;

    /// Anything but lazy: fails while anybody holds a file there. Returns errno, 0 when it is gone.
    int end();
    void end_lazily();

  private:
    std::filesystem::path at_;
    bool there_ = true;
};

/// A memory file system that looks like a home of the account's own, with a wrong mode.
Arguments memory_for(const Account& account, const std::string& more = {});

} // namespace system_tests
