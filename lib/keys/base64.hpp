// Base64 as RFC 4648 has it, for the keys of SSH.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// One of the 64; padding is none.
bool is_base64_digit(char c);

/// Nothing when the text is not base64, lacks its padding, or is empty.
std::optional<std::string> decode_base64(std::string_view text);

/// With padding.
std::string encode_base64(std::string_view bytes);

} // namespace sshpermd
