// Fingerprints: what stands for a key, and for a whole file, in events and on the command line.
#pragma once

#include <string>
#include <string_view>

namespace sshpermd {

/// "SHA256:" and 43 digits, as ssh-keygen -l prints it for the decoded key (for a certificate it
/// prints that of the key inside), and as content hashes are written.
std::string sha256_fingerprint(std::string_view bytes);

/// A SHA-256 that was computed elsewhere, in the same form.
std::string digest_text(std::string_view digest);

} // namespace sshpermd
