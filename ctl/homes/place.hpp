// Place: everything that is known of an account before anything of it is touched.
#pragma once

#include "policy/account.hpp"
#include "policy/config.hpp"
#include "policy/homes.hpp"
#include "system/image.hpp"

#include <memory>
#include <string>

namespace sshpermd {

struct Place {
    const Config& config; ///< outlives this
    std::shared_ptr<const Accounts> accounts;
    Home home;
    uid_t uid_min = 0;
};

/// Throws UnknownUser for whom sshpermd does not look after.
Place place_for(const std::string& user, const Config& config);
/// The same of an image, which outlives the place.
Place place_in(const Image& image, const std::string& user, const Config& config);

/// Why the image's accounts have no such user to look after; who may be meant.
std::string why_unknown_in(const Image& image, const std::string& user, const Config& config);

} // namespace sshpermd
