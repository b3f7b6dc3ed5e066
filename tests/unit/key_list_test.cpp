// Key files line by line: what sshd takes, and why it ignores the rest.

#include "catch.hpp"
#include "keys.hpp"
#include "keys/der.hpp"
#include "keys/fingerprint.hpp"
#include "keys/key_file.hpp"
#include "keys/key_list.hpp"

using namespace sshpermd;

namespace {

const KeyRules rules{1024, {"20260601120000", "20260601100000"}};
const std::string blob_text = real_key.substr(real_key.find(' ') + 1);

/// "1 accepted, 2-3 wrapped": all of a list in one line.
std::string summary(const std::string& text, const KeyRules& with = rules) {
    std::string all;
    for (const auto& listed : list_keys(text, with)) {
        all += (all.empty() ? "" : ", ") + std::to_string(listed.first_line);
        if (listed.last_line != listed.first_line)
            all += "-" + std::to_string(listed.last_line);
        all += " " + std::string{listed.ignored        ? word(*listed.ignored)
                                 : listed.is_authority ? "authority"
                                                       : "accepted"};
    }
    return all;
}

PublicKey rsa_of(unsigned bytes) {
    const auto blob = rsa_blob("\xC1" + std::string(bytes - 1, '\x5A'), {"\x01\x00\x01", 3});
    return std::get<PublicKey>(parse_public_key(blob));
}

std::string line_of(const PublicKey& key) { return key.type + " " + encode_base64(key.blob); }

} // namespace

TEST_CASE("lines are counted as an editor counts them", "[keys]") {
    CHECK(summary("# a\n\n" + real_key + "\nx\ny\n" + real_key) ==
          "3 accepted, 4-5 not_a_key, 6 accepted");
    CHECK(summary("").empty());
    CHECK(summary("\n \t\r\n# only that").empty());
}

TEST_CASE("a block ends at its last line, or at the next key", "[keys]") {
    const std::string block = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nAAAA\n";
    CHECK(summary(block + "-----END OPENSSH PRIVATE KEY-----\n" + real_key) ==
          "1-4 private_key, 5 accepted");
    CHECK(summary(block + real_key) == "1-3 private_key, 4 accepted");
    CHECK(summary(block + block) == "1-3 private_key, 4-6 private_key");
    CHECK(summary("---- BEGIN SSH2 PUBLIC KEY ----\nComment: a\\\nb\n" + blob_text +
                  "\n---- END SSH2 PUBLIC KEY ----\n") == "1-5 rfc4716");
    CHECK(summary("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") == "1-3 pem");
}

TEST_CASE("of what is ignored the key is named all the same", "[keys]") {
    for (const auto& text :
         {"\"" + real_key + "\"", "\xEF\xBB\xBF" + real_key, blob_text, "ssh-rsa " + blob_text,
          "1. " + real_key, real_key.substr(0, 40) + "\n" + real_key.substr(40)}) {
        const auto keys = list_keys(text, rules);
        INFO(text);
        REQUIRE(keys.size() == 1);
        REQUIRE(keys[0].key);
        CHECK(sha256_fingerprint(keys[0].key->blob) == real_fingerprint);
        CHECK(keys[0].ignored);
    }
}

TEST_CASE("a key in the comment of another is lost, and both are named", "[keys]") {
    CHECK(summary(real_key + " me" + real_key + " you") == "1 accepted, 1 joined");
    CHECK(summary(real_key + real_key) == "1 joined");
}

TEST_CASE("options are read as sshd reads them", "[keys]") {
    const auto with = [](const std::string& options) { return summary(options + " " + real_key); };
    CHECK(with("no-pty,NO-X11-forwarding,restrict") == "1 accepted");
    CHECK(with("command=\"a \\\"b\\\" c\",from=\"10.0.0.1\"") == "1 accepted");
    CHECK(with("tunnel=\"any\",permitopen=\"[::1]:80\",permitlisten=\"*:http\"") == "1 accepted");
    CHECK(with("cert-authority,principals=\"a\"") == "1 authority");
    CHECK(with("no-restrict") == "1 unknown_option");
    CHECK(with("no-pty no-user-rc") == "1 unknown_option");
    CHECK(with("commands=\"a\"") == "1 unknown_option");
    CHECK(with("command=a") == "1 bad_option");
    CHECK(with("command=\"a\",command=\"b\"") == "1 bad_option");
    CHECK(with("permitopen=\"host:0\"") == "1 bad_option");
    CHECK(with("permitopen=\"host:65536\"") == "1 bad_option");
    CHECK(with("tunnel=\"x\"") == "1 bad_option");
    CHECK(with("tunnel=\"0:any\"") == "1 bad_option"); // as ssh -w takes it, and sshd does not
    CHECK(with("environment=\"=x\"") == "1 bad_option");
}

TEST_CASE("a key expires by the clock that its time is meant in", "[keys]") {
    const auto with = [](const std::string& time) {
        return summary("expiry-time=\"" + time + "\" " + real_key);
    };
    CHECK(with("20260601") == "1 expired");
    CHECK(with("20260602") == "1 accepted");
    CHECK(with("202606011130") == "1 expired");
    CHECK(with("202606011130Z") == "1 accepted");
    CHECK(with("20260601115959") == "1 expired");
    CHECK(with("20260601120000") == "1 accepted");
    CHECK(with("20261301") == "1 bad_option");
    CHECK(with("2026") == "1 bad_option");
}

TEST_CASE("an RSA key has to be as long as sshd wants it", "[keys]") {
    CHECK(summary(line_of(rsa_of(128))) == "1 accepted");
    CHECK(summary(line_of(rsa_of(96))) == "1 short_rsa");
    CHECK(summary(line_of(rsa_of(128)), {2048, {}}) == "1 short_rsa");
    CHECK(rsa_of(256).bits == 2048);
}

TEST_CASE("a key that ends too early is told from one that is none", "[keys]") {
    const auto blob = rsa_of(256).blob;
    CHECK(std::get<BlobFlaw>(parse_public_key(blob.substr(0, blob.size() - 1))) ==
          BlobFlaw::truncated);
    CHECK(std::get<BlobFlaw>(parse_public_key("")) == BlobFlaw::truncated);
    CHECK(std::get<BlobFlaw>(parse_public_key(blob + "x")) == BlobFlaw::malformed);
    CHECK(std::get<BlobFlaw>(
              parse_public_key(ecdsa_blob("nistp256", "\x04" + std::string(64, 'x')))) ==
          BlobFlaw::malformed); // not on the curve
}

TEST_CASE("a key has one spelling, whatever it was read from", "[keys]") {
    const std::string name{"\0\0\0\x0b", 4};
    const auto blob = decode_base64(blob_text).value_or("");
    const auto point = blob.substr(15);
    for (const auto& other : {std::string{"\0\0\0\x07", 4} + "eD25519",
                              std::string{"\0\0\0\x0c", 4} + "ssh-ed25519" + '\0'}) {
        const auto read = parse_public_key(other + point);
        REQUIRE(std::holds_alternative<PublicKey>(read));
        CHECK(std::get<PublicKey>(read).blob == blob);
        CHECK(std::get<PublicKey>(read).type == "ssh-ed25519");
    }
    CHECK(std::holds_alternative<BlobFlaw>(
        parse_public_key(name + "ssh-ed2551" + '\0' + "9" + point)));
    CHECK(key_type_of("rsa-sha2-512") == "ssh-rsa");
    CHECK(key_type_of("webauthn-sk-ecdsa-sha2-nistp256@openssh.com") ==
          "sk-ecdsa-sha2-nistp256@openssh.com");
    CHECK(key_type_of("ssh-rsa-cert-v01@openssh.com") == "ssh-rsa-cert-v01@openssh.com");
    CHECK(key_type_in("") == "");
}

TEST_CASE("the last digit of base64 says no more than fits", "[keys]") {
    CHECK(decode_base64("QQ==") == "A");
    CHECK_FALSE(decode_base64("QR=="));
    CHECK(decode_base64("QUI=") == "AB");
    CHECK_FALSE(decode_base64("QUJ="));
}

TEST_CASE("a key comes back from DER as it went", "[keys]") {
    const auto key = rsa_of(256);
    CHECK(blob_of_der(der_of_rsa(key)) == key.blob);
    CHECK_FALSE(blob_of_der(der_of_rsa(key) + "x"));
    CHECK_FALSE(blob_of_der(der_of_rsa(key).substr(1)));
    CHECK(read_key(der_of_rsa(key), rules).format == KeyFormat::der_public);
}

TEST_CASE("OpenSSH's private format tells its public half, and wants its marks exact", "[keys]") {
    const std::string head{"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01", 39};
    const auto blob = decode_base64(blob_text).value_or("");
    const auto armored = [&](const std::string& secret) {
        return "-----BEGIN OPENSSH PRIVATE KEY-----\n" +
               encode_base64(head + std::string{"\0\0\0\x33", 4} + blob + secret) +
               "\n-----END OPENSSH PRIVATE KEY-----";
    };
    const std::string size{"\0\0\0\x10", 4};
    const auto text = armored(size + "samesame" + "12345678");

    for (const auto& secret :
         {std::string{"rest"}, size + "samesame1234567", size + "samesame123456789",
          size + "samenone12345678", std::string{"\0\0\0\0", 4}, std::string{}})
        CHECK(read_key(armored(secret) + "\n", rules).flaw == KeyFileFlaw::truncated);
    const auto whole = read_key(text + "\n", rules);
    CHECK(whole.format == KeyFormat::openssh_private);
    CHECK_FALSE(whole.flaw);
    CHECK_FALSE(whole.is_encrypted);
    REQUIRE(whole.key);
    CHECK(sha256_fingerprint(whole.key->blob) == real_fingerprint);
    CHECK(read_key(text, rules).flaw == KeyFileFlaw::no_final_newline);
    CHECK(read_key("\n" + text + "\n", rules).flaw == KeyFileFlaw::text_before);
    CHECK(read_key(text + "\r\n", rules).flaw == KeyFileFlaw::carriage_returns);
    CHECK(read_key(text.substr(0, 60), rules).flaw == KeyFileFlaw::truncated);
}
