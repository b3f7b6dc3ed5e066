// What the command line said, once it was found to be sound.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

enum class Verbosity { quiet, normal, verbose };
enum class ColorChoice { automatic, always, never };
enum class Output { text, json };

struct Options {
    Output output = Output::text;
    Verbosity verbosity = Verbosity::normal;
    ColorChoice color = ColorChoice::automatic;
    std::optional<std::string> config_file;
    std::optional<std::string> root;   ///< an image to work on instead of this machine
    std::vector<std::string> users;    ///< empty: everybody
    std::optional<std::string> socket; ///< of the daemon; nothing: as configured
    std::string file;                  ///< of check-key, and of add-key ("-": standard input)
    bool from_imds = false;            ///< add-key
    std::optional<std::string> key;    ///< of explain: a file or a fingerprint
    std::optional<std::string> from;   ///< of explain: an address
    bool dry_run = false;
    std::optional<std::string> undo; ///< the id of an event, or an account's name
    bool last = false;               ///< undo: the last repair of all
    bool yes = false;                ///< undo: do not ask
    bool sshd = false;               ///< repair sshd itself, and no account
    bool take_ownership = false;
    std::optional<std::string> trust_content;
    bool recursive = false;              ///< repair: everything below the home, too
    std::vector<std::string> owner_from; ///< with it: whose files are the account's
    bool create = false;                 ///< repair: a missing home or `.ssh`
    std::optional<std::string> state;    ///< of users
    bool follow = false;                 ///< events
    std::optional<std::string> since;    ///< of events: a duration, a time or an id
    std::optional<std::string> user;     ///< of events and add-key
    std::string pause_length;            ///< as it was typed
    std::chrono::milliseconds pause_for{0};
    std::string reason;                  ///< of a pause
    std::optional<std::string> textfile; ///< of metrics
};

} // namespace sshpermd
