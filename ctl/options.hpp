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
    bool from_imds = false;      ///< add-key
    bool dry_run = false;        ///< of whatever would change something
    bool sshd = false;           ///< repair: sshd itself, and no account
    bool recursive = false;      ///< repair: everything below the home, too
    bool create = false;         ///< repair: a missing home or `.ssh`
    bool take_ownership = false; ///< repair
    bool last = false;           ///< undo: the last repair of all
    bool yes = false;            ///< undo: do not ask
    bool follow = false;         ///< events
    std::chrono::milliseconds pause_for{0};
    std::optional<std::string> config_file;
    std::optional<std::string> root;          ///< an image to work on instead of this machine
    std::vector<std::string> users;           ///< empty: everybody
    std::vector<std::string> owner_from;      ///< repair, recursive: whose files are the account's
    std::optional<std::string> trust_content; ///< repair: a hash
    std::optional<std::string> socket;        ///< of the daemon; nothing: as configured
    std::string file;                    ///< of check-key, and of add-key ("-": standard input)
    std::optional<std::string> key;      ///< of explain: a file or a fingerprint
    std::optional<std::string> from;     ///< of explain: an address
    std::optional<std::string> undo;     ///< the id of an event, or an account's name
    std::optional<std::string> state;    ///< of users
    std::optional<std::string> since;    ///< of events: a duration, a time or an id
    std::optional<std::string> user;     ///< of events and add-key
    std::string pause_length;            ///< as it was typed
    std::string reason;                  ///< of a pause
    std::optional<std::string> textfile; ///< of metrics
};

} // namespace sshpermd
