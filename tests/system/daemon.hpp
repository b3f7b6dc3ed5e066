// The program under test: a running sshpermd, and the events it writes.
#pragma once

#include "process.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace system_tests {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;

/// Where the two programs are, from SSHPERMD_DAEMON and SSHPERMD_CTL.
std::string sshpermd();
std::string sshpermctl();

/// Writes a configuration that the daemon accepts: root's, 0644. Returns its path.
std::string write_config(const Json& config);

/// A whole command line that ends up as a sshpermd.
struct CommandLine {
    Arguments words;
};

/// A sshpermd in the foreground with its events on stderr.
class Daemon {
  public:
    /// Starts it and waits until the first full look is done; throws when that never comes.
    /// `config` is merged over: repair, and a flap burst that these tests do not reach.
    explicit Daemon(const Json& config = Json::object());
    /// Starts it with arguments of its own and waits for nothing.
    explicit Daemon(const Arguments& arguments);
    explicit Daemon(const CommandLine& command) : process_{command.words} {}

    Process& process() { return process_; }
    /// SIGTERM; the exit status, or nothing when it does not end.
    std::optional<int> stop();

    /// All events up to now. Throws when a line that should be one is no event.
    const std::vector<Json>& events();
    /// Those of one kind, of one account if it is named.
    std::vector<Json> events(std::string_view kind, std::string_view user = {});
    /// Waits for at least one of them.
    bool reports(std::string_view kind, std::string_view user = {});
    /// What it said about one account, a line each, for a failing test to show.
    std::string story(std::string_view user);
    /// The last lines of stderr, for the same.
    std::string tail() const;

  private:
    Process process_;
    std::size_t read_ = 0;
    std::vector<Json> events_;
};

/// The member at a pointer ("/user/name") as text; empty when there is none.
std::string text_at(const Json& event, const char* pointer);

} // namespace system_tests
