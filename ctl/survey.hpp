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

/// A USER on the command line that sshpermd does not look after; what() says why.
class UnknownUser : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Which findings are kept: of ten thousand homes most are of no interest.
enum class Keep { all, not_compliant };

/// Goes over the accounts called `users`, or all. `each` hears of a report as soon as it is made.
/// Throws UnknownUser before anything is changed, ConfigError, std::system_error.
Check survey(const Config& config, const std::vector<std::string>& users, Hand hand, Keep keep,
             const std::function<void(const Report&, const Accounts&)>& each);

} // namespace sshpermd
