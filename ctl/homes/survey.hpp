// Survey: one round over every home root and every account asked for, in this process.
#pragma once

#include "event/check.hpp"
#include "policy/homes.hpp"
#include "reconcile/round.hpp"
#include "repair/report.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sshpermd {

class Image;
class InFlight;

/// A USER on the command line that sshpermd does not look after; what() says why.
class UnknownUser : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Which findings are kept: of ten thousand homes most are of no interest.
enum class Keep { all, not_compliant };

/// What a survey may use besides the configuration; all of it outlives the survey.
struct Assistance {
    std::function<void(const Report&, const Accounts&)> each; ///< hears of a report when it is made
    InFlight* in_flight = nullptr; ///< where changes are noted, if anywhere
    Memory* memory = nullptr;      ///< what is known; a repair adds to it
    Word word;                     ///< the operator's
    const Image* image = nullptr;  ///< of the machine that it is about, if not this one
};

/// Goes over the accounts called `users`, or all. Throws UnknownUser before anything is changed,
/// ConfigError, std::system_error.
Check survey(const Config& config, const std::vector<std::string>& users, Hand hand, Keep keep,
             const Assistance& with);

} // namespace sshpermd
