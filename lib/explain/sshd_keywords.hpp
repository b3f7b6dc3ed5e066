// sshd keywords: those that any sshd in use knows, of all versions and distributions.
#pragma once

#include <string>
#include <string_view>

namespace sshpermd {

/// In any case.
bool is_sshd_keyword(std::string_view word);

/// The keyword, in lower case, that this may be a misspelling of: a letter or two are different, it
/// is a part, or it has more to it. Empty when there is none.
std::string keyword_like(std::string_view word);

} // namespace sshpermd
