#include "key_files/advice.hpp"

#include "event/text.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

bool is_too_open(const SeenKeyFile& file) { return file.reading.is_private && file.mode.has(0077); }

/// ssh reads Ed25519 in PKCS#8 from OpenSSH 9.6 on only.
bool is_ed25519_in_pkcs8(const KeyFileReading& reading) {
    return reading.format == KeyFormat::pkcs8_private && reading.key &&
           reading.key->kind == KeyKind::ed25519;
}

void add_permissions(const SeenKeyFile& file, std::vector<KeyAdvice>& advice) {
    if (is_too_open(file))
        advice.push_back({"too_open",
                          "permissions " + to_string(file.mode) +
                              " are too open: ssh refuses a private key that others could use",
                          "chmod 400 " + shell_word(file.path)});
    else if (file.reading.is_private && file.owner != 0 && !file.mode.has(0400))
        advice.push_back({"unreadable",
                          "permissions " + to_string(file.mode) + ": its owner cannot read it",
                          "chmod 400 " + shell_word(file.path)});
}

KeyAdvice advice_for_flaw(KeyFileFlaw flaw, const std::string& path) {
    const auto name = std::string{word(flaw)};
    switch (flaw) {
    case KeyFileFlaw::text_before:
        return {name, "something, if only blanks, stands before -----BEGIN: ssh wants that first",
                "sed -i 's/^[^-]*\\(-----BEGIN\\)/\\1/; 1,/-----BEGIN/{/-----BEGIN/!d}' " + path};
    case KeyFileFlaw::carriage_returns:
        return {name, "its lines end as those of Windows do, and ssh does not read that",
                "sed -i 's/\\r$//' " + path};
    case KeyFileFlaw::no_final_newline:
        return {name, "its last line has no newline, and ssh does not read it without one",
                "echo >> " + path};
    case KeyFileFlaw::truncated:
        return {name, "it is not all there: copy it again, from -----BEGIN to the line of -----END",
                ""};
    case KeyFileFlaw::malformed: break;
    }
    return {name, "what is in it is not a key: copy it again", ""};
}

void add_private(const KeyFileReading& reading, const std::string& path,
                 std::vector<KeyAdvice>& advice) {
    switch (reading.format) {
    case KeyFormat::ppk:
        advice.push_back({"format", "PuTTY's format, which ssh does not read (PuTTY does)",
                          "puttygen " + path + " -O private-openssh -o NEW"});
        break;
    case KeyFormat::der_private:
        advice.push_back({"format", "DER, which ssh does not read",
                          "openssl pkey -inform DER -in " + path + " -out NEW"});
        break;
    case KeyFormat::ssh2_private:
        advice.push_back({"format", "ssh.com's format, which ssh does not read",
                          "ssh-keygen -i -f " + path + " > NEW"});
        break;
    default:
        if (is_ed25519_in_pkcs8(reading))
            advice.push_back(
                {"format", "Ed25519 in PKCS#8, which ssh reads from OpenSSH 9.6 on", ""});
    }
}

void add_public(const KeyFileReading& reading, const std::string& path,
                std::vector<KeyAdvice>& advice) {
    const auto convert = [&](const char* format, const std::string& fix) {
        advice.push_back({"format",
                          "a public key in " + std::string{format} +
                              ", which sshd does not read in authorized_keys",
                          fix});
    };
    switch (reading.format) {
    case KeyFormat::rfc4716: convert("RFC 4716's format", "ssh-keygen -i -f " + path); break;
    case KeyFormat::pkcs1_public: convert("PEM", "ssh-keygen -i -m PEM -f " + path); break;
    case KeyFormat::pem_public: convert("PEM", "ssh-keygen -i -m PKCS8 -f " + path); break;
    case KeyFormat::der_public:
        convert("DER", "openssl pkey -pubin -inform DER -in " + path +
                           " -out NEW && ssh-keygen -i -m PKCS8 -f NEW");
        break;
    case KeyFormat::certificate:
        advice.push_back({"certificate",
                          "a certificate of X.509, or something else of TLS: no key for SSH", ""});
        break;
    case KeyFormat::utf16:
        advice.push_back({"utf16", "text of 16-bit characters, as some Windows programs write it",
                          "iconv -f UTF-16 -t UTF-8 " + path + " > NEW"});
        break;
    case KeyFormat::empty: advice.push_back({"empty", "there is nothing in it", ""}); break;
    case KeyFormat::unknown:
        advice.push_back({"unknown", "no key in any format that is known here", ""});
        break;
    default: break;
    }
}

/// What no program of OpenSSH's takes, whatever the format.
void add_weak(const KeyFileReading& reading, std::vector<KeyAdvice>& advice) {
    if (!reading.key)
        return;
    if (reading.key->kind == KeyKind::dsa)
        advice.push_back({"dsa", "DSA is no longer accepted", "ssh-keygen -t ed25519"});
    if (reading.key->kind == KeyKind::rsa && reading.key->bits < KeyRules{}.required_rsa_bits)
        advice.push_back({"short_rsa",
                          "RSA of " + std::to_string(reading.key->bits) +
                              " bits is too short: 1024 is the least, and many servers want 2048",
                          "ssh-keygen -t ed25519"});
}

} // namespace

std::string_view title(KeyFormat format) {
    switch (format) {
    case KeyFormat::openssh_public: return "public key, OpenSSH's format";
    case KeyFormat::authorized_keys: return "list of public keys";
    case KeyFormat::rfc4716: return "public key, RFC 4716's format";
    case KeyFormat::pem_public: return "public key, PEM";
    case KeyFormat::pkcs1_public: return "public key, PEM (PKCS#1)";
    case KeyFormat::der_public: return "public key, DER";
    case KeyFormat::openssh_private: return "private key, OpenSSH's format";
    case KeyFormat::pem_private: return "private key, PEM";
    case KeyFormat::pkcs8_private: return "private key, PEM (PKCS#8)";
    case KeyFormat::der_private: return "private key, DER";
    case KeyFormat::ssh2_private: return "private key, ssh.com's format";
    case KeyFormat::ppk: return "private key, PuTTY's format (PPK)";
    case KeyFormat::certificate: return "certificate of X.509";
    case KeyFormat::utf16: return "text in UTF-16";
    case KeyFormat::empty: return "empty file";
    case KeyFormat::unknown: return "no key";
    }
    return "";
}

std::vector<KeyAdvice> advice_for(const SeenKeyFile& file) {
    std::vector<KeyAdvice> advice;
    const auto path = shell_word(file.path);
    add_permissions(file, advice);
    if (file.reading.flaw)
        advice.push_back(advice_for_flaw(*file.reading.flaw, path));
    else if (file.reading.is_private)
        add_private(file.reading, path, advice);
    else
        add_public(file.reading, path, advice);
    if (file.reading.lines.empty())
        add_weak(file.reading, advice);
    return advice;
}

bool is_read_by_ssh(const SeenKeyFile& file) {
    const auto& reading = file.reading;
    const bool is_known =
        reading.format == KeyFormat::openssh_private || reading.format == KeyFormat::pem_private ||
        (reading.format == KeyFormat::pkcs8_private && !is_ed25519_in_pkcs8(reading));
    return is_known && advice_for(file).empty();
}

std::string why_not_in_ec2(const PublicKey& key) {
    if (key.is_certificate)
        return "EC2 takes no certificates";
    if (key.kind == KeyKind::ed25519)
        return {};
    if (key.kind != KeyKind::rsa)
        return "EC2 takes RSA and ED25519 only";
    const bool has_length = key.bits == 1024 || key.bits == 2048 || key.bits == 4096;
    return has_length ? "" : "EC2 takes RSA of 1024, 2048 and 4096 bits only";
}

} // namespace sshpermd
