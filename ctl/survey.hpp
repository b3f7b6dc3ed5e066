// Survey: one round over every home root and every account asked for, in this process.
#pragma once

#include "policy/homes.hpp"
#include "reconcile/round.hpp"
#include "repair/report.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace sshpermd {

class InFlight;

/// A USER on the command line that sshpermd does not look after; what() says why.
class UnknownUser : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Which reports are kept: of ten thousand homes most are of no interest.
enum class Keep { all, not_compliant };

struct Survey {
    std::shared_ptr<const Accounts> accounts;
    std::vector<Home> homes; ///< the reports refer into it
    std::vector<Report> reports;
    std::size_t left_out = 0; ///< compliant targets without a report of their own
};

/// Goes over the accounts called `users`, or all. `each` hears of a report as soon as it is made.
/// Changes are noted in `in_flight`, if there is one.
/// Throws UnknownUser before anything is changed, ConfigError, std::system_error.
Survey survey(const Config& config, const std::vector<std::string>& users, Hand hand, Keep keep,
              const std::function<void(const Report&, const Accounts&)>& each,
              InFlight* in_flight = nullptr);

} // namespace sshpermd
