// Explain states: random states of account, configuration, path and keys, made on real files.
#pragma once

#include "accounts.hpp"
#include "ssh_server.hpp"

#include <random>
#include <string>
#include <vector>

namespace system_tests {

/// The same seed gives the same states.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : generator_{seed} {}
    /// From 0 to `sides` - 1.
    std::size_t roll(std::size_t sides);
    /// True so many times in a hundred.
    bool percent(std::size_t chance) { return roll(100) < chance; }
    template <typename T>
    T one_of(const std::vector<T>& choices) {
        return choices[roll(choices.size())];
    }

  private:
    std::mt19937_64 generator_;
};

/// Lines of an sshd_config, and options of the command line, that go beyond the tests' usual ones.
struct ServerSetup {
    std::string lines;
    std::vector<std::string> options;
    std::string words() const;
    /// Some do not go together, and then no sshd starts.
    bool can_start() const;
};
ServerSetup roll_setup(Dice& dice);

/// A sshd on a port of its own that runs with a setup until this goes.
class SetupServer {
  public:
    explicit SetupServer(const ServerSetup& setup);
    /// Does sshd begin a session? Not the exit status of ssh itself (255), nor that of nologin.
    Login login(const std::string& user, const KeyPair& with) const;
    std::string log() const { return sshd_->err(); }

  private:
    std::optional<Process> sshd_;
};

/// The name of nobody's account.
inline const std::string nobody = "nobody-here";

/// One state of one user's: what was done to make it is in `story`.
class ExplainState {
  public:
    ExplainState(Dice& dice, const ServerSetup& setup);
    ~ExplainState();
    ExplainState(const ExplainState&) = delete;
    ExplainState& operator=(const ExplainState&) = delete;

    const std::string& user() const { return user_; }
    const KeyPair& key() const { return key_; }
    const std::string& story() const { return story_; }

  private:
    void tell(const std::string& what) { story_ += "  " + what + "\n"; }
    void choose_user(Dice& dice);
    void fill_keys(Dice& dice, const ServerSetup& setup);
    void bend_account(Dice& dice);
    void bend_modes(Dice& dice);
    void bend_owners(Dice& dice);
    void bend_acls(Dice& dice);
    void bend_types(Dice& dice);

    Accounts accounts_;
    Account account_, eve_;
    std::string user_;
    KeyPair key_;
    std::string story_;
};

} // namespace system_tests
