// Client files: what ssh(1) reads in an account's own `.ssh`, its private keys and its
// configuration.
#pragma once

#include "policy/config.hpp"
#include "policy/homes.hpp"
#include "reconcile/chain.hpp"
#include "reconcile/repairer.hpp"
#include "repair/report.hpp"

#include <cstddef>
#include <vector>

namespace sshpermd {

/// The most private keys of one account that are looked after. An account with more of them has
/// some that are not: nobody may make the daemon work without end.
inline constexpr std::size_t most_private_keys = 16;

/// Looks at the client files that the configuration asks for and repairs their modes; nothing else
/// of them ever changes, so nothing has to be held: a mode is all that could be set on whatever the
/// account puts there, and only on what it owns. Private keys are the files of such a name that
/// begin like one; a link, a directory and whatever else is no regular file is the account's own
/// affair, and not reported. Only in a `.ssh` that is the account's, after whatever the round did
/// about it. What goes wrong is in the reports, nothing is thrown.
std::vector<Report> look_at_client_files(Repairer& repairer, const Config& config, const Home& home,
                                         const Chain& chain);

} // namespace sshpermd
