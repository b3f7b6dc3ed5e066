// Our reading of keys against ssh-keygen's: random lines and files, a whole batch for each run of
// it. SSHPERMD_SEED repeats a run; SSHPERMD_LONG=1 makes it a hundred times as long.
#include "catch.hpp"

#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"
#include "keys/key_file.hpp"
#include "keys/key_line.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace sshpermd;
namespace fs = std::filesystem;

std::size_t number_from(const char* name, std::size_t otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}
bool is_long() { return number_from("SSHPERMD_LONG", 0) == 1; }

/// A directory of its own, and what a shell says in it.
class Workshop {
  public:
    Workshop() {
        std::string name = "/tmp/keygen_test.XXXXXX";
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Workshop() { fs::remove_all(path_); }
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    std::string run(const std::string& command) const {
        auto* const pipe =
            popen(("cd " + path_.native() + " && { " + command + "; } 2>/dev/null").c_str(), "re");
        REQUIRE(pipe != nullptr);
        std::string said;
        std::array<char, 16384> buffer{};
        for (std::size_t length = 0;
             (length = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
            said.append(buffer.data(), length);
        pclose(pipe);
        return said;
    }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream file{path_ / name, std::ios::binary};
        file.write(text.data(), static_cast<std::streamsize>(text.size()));
        file.close();
        fs::permissions(path_ / name, fs::perms::owner_read | fs::perms::owner_write);
    }
    std::string read(const std::string& name) const {
        std::ifstream file{path_ / name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    bool has(const std::string& name) const { return fs::exists(path_ / name); }

  private:
    fs::path path_;
};

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : generator_{seed} {}
    std::size_t roll(std::size_t sides) {
        return std::uniform_int_distribution<std::size_t>{0, sides - 1}(generator_);
    }
    char byte() { return static_cast<char>(roll(256)); }
    template <typename T>
    const T& one_of(const std::vector<T>& choices) {
        return choices[roll(choices.size())];
    }

  private:
    std::mt19937_64 generator_;
};

std::string field(std::string_view bytes) {
    std::string text;
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        text.push_back(static_cast<char>(bytes.size() >> shift & 0xFFU));
    return text.append(bytes);
}

std::string line_of(const std::string& type, const std::string& blob) {
    return type + " " + encode_base64(blob) + " somebody";
}

std::string without_newline(std::string text) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

/// Whole keys of all kinds, as lines. Those of security keys need none of those here.
std::vector<std::string> make_lines(const Workshop& shop) {
    shop.run("for kind in 'rsa 1024' 'rsa 2048' 'rsa 3071' 'dsa 1024' 'ecdsa 256' 'ecdsa 384' "
             "'ecdsa 521' 'ed25519 256'; do set -- $kind; ssh-keygen -q -t $1 -b $2 -N '' -C "
             "\"a $1 key\" -f $1$2; done; ssh-keygen -q -s ed25519256 -I me -n me rsa2048.pub "
             "ecdsa256.pub");
    std::vector<std::string> lines;
    for (const std::string name :
         {"rsa1024", "rsa2048", "rsa3071", "dsa1024", "ecdsa256", "ecdsa384", "ecdsa521",
          "ed25519256", "rsa2048-cert", "ecdsa256-cert"})
        if (shop.has(name + ".pub"))
            lines.push_back(without_newline(shop.read(name + ".pub")));
    REQUIRE(lines.size() > 6);
    const std::string sk = "sk-ssh-ed25519@openssh.com";
    lines.push_back(line_of(sk, field(sk) + field(std::string(32, 'k')) + field("ssh:")));
    const auto parsed = parse_key_line(shop.read("ecdsa256.pub"));
    const auto& blob = std::get<KeyLine>(parsed).blob;
    const auto curve_and_point = blob.substr(field("ecdsa-sha2-nistp256").size());
    for (const std::string type :
         {"sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"})
        lines.push_back(line_of(type, field("sk-ecdsa-sha2-nistp256@openssh.com") +
                                          curve_and_point + field("ssh:")));
    return lines;
}

/// The bytes of a key, changed.
std::string bend_blob(std::string blob, Dice& dice) {
    if (blob.empty())
        return blob;
    const auto at = dice.roll(blob.size());
    switch (dice.roll(9)) {
    case 0: blob[at] = dice.byte(); break;
    case 1: blob.resize(at); break;
    case 2: blob.push_back(dice.byte()); break;
    case 3: blob.erase(at, 1 + dice.roll(8)); break;
    case 4: blob.insert(at, std::string(1 + dice.roll(4), '\0')); break;
    case 5: blob.append(field("")); break;
    case 6: // the length of a field, most likely
        blob[std::min<std::size_t>(blob.size() - 1, 3 + dice.roll(40))] = dice.byte();
        break;
    case 7: { // another name in front
        const auto name = dice.one_of(std::vector<std::string>{
            "ssh-rsa", "rsa-sha2-256", "RSA", "rsa", "ED25519", "ssh-ed25519", "", "ssh-dss",
            "ecdsa-sha2-nistp256", std::string{"ssh-rsa\0", 8}});
        const auto old = std::min<std::size_t>(
            blob.size(),
            4U + static_cast<unsigned char>(blob[std::min<std::size_t>(3, blob.size() - 1)]));
        blob = field(name) + blob.substr(old);
        break;
    }
    default: // a field that ends in a NUL: the application of a security key
        if (const auto found = blob.find("ssh:"); found != std::string::npos)
            blob[found + dice.roll(4)] = '\0';
        else
            blob.insert(std::min<std::size_t>(blob.size(), 11), 1, '\0');
    }
    return blob;
}

using Bend = std::function<std::string(std::string, Dice&)>;

std::string word_at(const std::string& line, std::size_t index) {
    std::size_t begin = 0;
    for (; index > 0; --index)
        begin = std::min(line.find(' ', begin), line.size() - 1) + 1;
    return line.substr(begin, line.find(' ', begin) - begin);
}

const std::vector<std::string> prefixes{"no-pty ",
                                        "restrict,command=\"a b\" ",
                                        "from=\"*\"\t",
                                        "command=\"\\\"x y\\\"\" ",
                                        "x ",
                                        "command=\"never ends ",
                                        "\t ",
                                        "#",
                                        "\xEF\xBB\xBF",
                                        "\"",
                                        "'",
                                        "1024 ",
                                        "1024x ",
                                        "-1 ",
                                        "0 ",
                                        "no-pty no-pty ",
                                        "cert-authority,principals=\"a,b\" ",
                                        "expiry-time=\"20200101\" ",
                                        "\v",
                                        "\f ",
                                        "\xA0",
                                        "a\"b c\"d ",
                                        "\\\" ",
                                        "ssh-rsa ",
                                        "ssh-ed25519 AAAA ",
                                        "\\"};
const std::vector<std::string> suffixes{
    "\r", " \r", " ",     "\t",   "=", "==",          "A",    "\v",
    "\f", " #",  " x\ry", "\r\r", ",", "  two words", "\xFF", "\\"};
const std::vector<std::string> names{"ssh-rsa",
                                     "rsa-sha2-256",
                                     "rsa-sha2-512",
                                     "ssh-dss",
                                     "ssh-ed25519",
                                     "ecdsa-sha2-nistp256",
                                     "ecdsa-sha2-nistp521",
                                     "SSH-RSA",
                                     "Ssh-ed25519",
                                     "RSA",
                                     "ED25519",
                                     "ssh-rsa-cert-v01@openssh.com",
                                     "sk-ssh-ed25519@openssh.com",
                                     "",
                                     "ssh-",
                                     "ssh-xmss@openssh.com",
                                     "null"};

/// Of a line of at least one byte; what comes of it has no newline, and may be a line of none.
const std::vector<Bend>& bends() {
    static const std::vector<Bend> all{
        [](std::string line, Dice& dice) { return dice.one_of(prefixes) + line; },
        [](std::string line, Dice& dice) { return line + dice.one_of(suffixes); },
        [](std::string line, Dice& dice) { // one of the blanks
            const auto blank = line.find_first_of(" \t", dice.roll(line.size()));
            if (blank != std::string::npos)
                line.replace(blank, 1,
                             dice.one_of(std::vector<std::string>{"  ", "\t", "\t \t", "", "\v",
                                                                  "\f", "\xA0", ",", " = "}));
            return line;
        },
        [](std::string line, Dice& dice) { // a bit
            line[dice.roll(line.size())] ^= static_cast<char>(1U << dice.roll(8));
            return line;
        },
        [](std::string line, Dice& dice) {
            line[dice.roll(line.size())] = dice.byte();
            return line;
        },
        [](std::string line, Dice& dice) {
            line.resize(dice.roll(line.size()));
            return line;
        },
        [](std::string line, Dice& dice) {
            line.erase(dice.roll(line.size()), 1 + dice.roll(6));
            return line;
        },
        [](std::string line, Dice& dice) {
            line.insert(dice.roll(line.size()), 1, dice.byte());
            return line;
        },
        [](std::string line, Dice& dice) { // blanks of C within the base64
            line.insert(dice.roll(line.size()),
                        dice.one_of(std::vector<std::string>{"\v", "\f", "\v\f", "=", "-", "_"}));
            return line;
        },
        [](std::string line, Dice& dice) { // another type
            return dice.one_of(names) + line.substr(std::min(line.find(' '), line.size()));
        },
        [](std::string line, Dice& dice) { // the last digit before the padding, or the padding
            auto digits = word_at(line, 1);
            const auto end = digits.find_last_not_of('=');
            if (end == std::string::npos)
                return line;
            if (dice.roll(3) == 0)
                digits.resize(end + 1 + dice.roll(3), '=');
            else
                digits[end] =
                    dice.one_of(std::vector<char>{'A', 'B', 'C', 'E', 'I', 'Q', 'g', '/'});
            return word_at(line, 0) + " " + digits + " x";
        },
        [](std::string line, Dice& dice) { return line + line.substr(dice.roll(line.size())); },
        [](std::string line, Dice& dice) { // far longer than any buffer
            return (dice.roll(2) == 0 ? "command=\"" + std::string(5'000, 'x') + "\" " : "") +
                   line + std::string(dice.roll(5'000), 'y');
        },
        [](std::string line, Dice& dice) {
            const auto blob = decode_base64(word_at(line, 1));
            return blob ? word_at(line, 0) + " " + encode_base64(bend_blob(*blob, dice)) + " x"
                        : line;
        }};
    return all;
}

std::string bent(std::string line, Dice& dice) {
    for (auto count = dice.roll(4) == 0 ? 0 : 1 + dice.roll(2); count > 0 && !line.empty(); --count)
        // bytes of a key are what matters most
        line = (dice.roll(3) == 0 ? bends().back() : dice.one_of(bends()))(std::move(line), dice);
    std::erase(line, '\n');
    return line;
}

/// Where the two differ by design, sshd being the one that we follow.
bool differs_by_design(const std::string& line) {
    constexpr std::size_t longest_shown =
        65'000; // ssh-keygen prints no longer comment, nor its key
    if (line.size() > longest_shown)
        return true;
    auto text = std::string_view{line}.substr(0, line.find('\0'));
    while (text.ends_with('\r'))
        text.remove_suffix(1);
    if (text.find('\r') != std::string_view::npos) // for ssh-keygen the line ends there
        return true;
    // Behind options ssh-keygen wants one blank, sshd takes more.
    const auto parsed = parse_key_line(line);
    if (const auto* const key = std::get_if<KeyLine>(&parsed); key && !key->options.empty()) {
        const auto* const behind = key->options.data() + key->options.size();
        if (behind[1] == ' ' || behind[1] == '\t')
            return true;
    }
    // A number is what stood before the keys of SSH 1: ssh-keygen wants the key right behind it,
    // for sshd it is an option, and one that it does not know.
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    char* end = nullptr;
    return std::strtol(std::string{text}.c_str(), &end, 10) != 0 && (*end == ' ' || *end == '\t');
}

/// "2048 SHA256:… RSA". A certificate has none: sshd takes none from a file, whatever is in it.
std::vector<std::string> ours(const std::string& text) {
    std::vector<std::string> found;
    for (const auto line : lines_of(text)) {
        const auto parsed = parse_key_line(line);
        const auto* const key_line = std::get_if<KeyLine>(&parsed);
        if (key_line == nullptr)
            continue;
        const auto key = parse_public_key(key_line->blob);
        const auto* const whole = std::get_if<PublicKey>(&key);
        constexpr unsigned shortest = 1024; // SSH_RSA_MINIMUM_MODULUS_SIZE
        if (whole == nullptr || whole->is_certificate ||
            (whole->kind == KeyKind::rsa && whole->bits < shortest))
            continue;
        found.push_back(std::to_string(whole->bits) + " " + sha256_fingerprint(whole->blob) + " " +
                        std::string{word(whole->kind)});
    }
    return found;
}

std::vector<std::string> keygens(const Workshop& shop, const std::string& text) {
    shop.write("lines", "# the first line alone may be a private key's\n" + text);
    const auto said = shop.run("ssh-keygen -lf lines");
    std::vector<std::string> found;
    for (const auto line : lines_of(said)) {
        const auto kind = line.rfind('(');
        REQUIRE(kind != std::string_view::npos);
        if (line.ends_with("-CERT)"))
            continue;
        const auto bits = line.find(' ');
        found.push_back(std::string{line.substr(0, line.find(' ', bits + 1))} + " " +
                        std::string{line.substr(kind + 1, line.size() - kind - 2)});
    }
    return found;
}

std::string shown(const std::string& line) {
    constexpr std::size_t enough = 600;
    if (line.size() > 2 * enough)
        return shown(line.substr(0, enough)) + " … " + shown(line.substr(line.size() - enough));
    std::string text;
    for (const char c : line) {
        std::array<char, 8> hex{};
        std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned char>(c));
        text += c >= ' ' && c <= '~' ? std::string(1, c) : hex.data();
    }
    return text;
}

std::string joined(std::span<const std::string> lines) {
    std::string text;
    for (const auto& line : lines)
        text += line + "\n";
    return text;
}

/// Those of which the two say something else, by halves.
std::vector<std::string> odd_ones(const Workshop& shop, std::span<const std::string> lines) {
    const auto text = joined(lines);
    if (ours(text) == keygens(shop, text))
        return {};
    if (lines.size() == 1)
        return {lines.front()};
    auto odd = odd_ones(shop, lines.first(lines.size() / 2));
    const auto more = odd_ones(shop, lines.subspan(lines.size() / 2));
    odd.insert(odd.end(), more.begin(), more.end());
    return odd;
}

TEST_CASE("a line has the key that ssh-keygen finds in it, or none", "[keygen]") {
    const Workshop shop;
    const auto whole = make_lines(shop);
    const auto seed = number_from("SSHPERMD_SEED", std::random_device{}());
    const auto batches = number_from("SSHPERMD_BATCHES", is_long() ? 2000 : 20);
    constexpr std::size_t lines_of_a_batch = 500;
    Dice dice{seed};
    std::size_t keys = 0;
    std::size_t by_design = 0;
    std::size_t mismatches = 0;
    for (std::size_t batch = 0; batch < batches && mismatches < 20; ++batch) {
        std::vector<std::string> lines;
        while (lines.size() < lines_of_a_batch) {
            auto line = bent(dice.one_of(whole), dice);
            if (differs_by_design(line)) {
                ++by_design;
                continue;
            }
            lines.push_back(std::move(line));
        }
        keys += ours(joined(lines)).size();
        for (const auto& line : odd_ones(shop, lines)) {
            ++mismatches;
            INFO("seed " << seed << ": " << shown(line));
            CHECK(ours(line + "\n") == keygens(shop, line + "\n"));
        }
    }
    std::cout << "keygen: seed " << seed << ": " << batches * lines_of_a_batch << " lines, " << keys
              << " keys, " << by_design << " left out, " << mismatches << " mismatches\n";
    CHECK(mismatches == 0);
    CHECK(keys * 100 > batches * lines_of_a_batch * 15); // or the lines are of no use
    CHECK(keys * 100 < batches * lines_of_a_batch * 85);
}

/// A file of a key, changed as editors, mail and people change it.
std::string bend_file(std::string text, bool may_change_digits, Dice& dice) {
    const auto insert = [&](const std::string& what) {
        const auto newline = text.find('\n', dice.roll(text.size()));
        text.insert(newline == std::string::npos ? text.size() : newline + 1, what);
    };
    const auto with_returns = [](const std::string& lines) {
        std::string changed;
        for (const char c : lines)
            changed.append(c == '\n' ? "\r\n" : std::string(1, c));
        return changed;
    };
    switch (dice.roll(may_change_digits ? 14 : 10)) {
    case 0: return text;
    case 1: return with_returns(text);
    case 2: return "\xEF\xBB\xBF" + text;
    case 3: return dice.one_of(std::vector<std::string>{"\n", "# a key\n", " ", "\r\n"}) + text;
    case 4: return without_newline(text);
    case 5: text.resize(dice.roll(text.size()) + 1); return text;
    case 6: return text + dice.one_of(std::vector<std::string>{"\n", "more\n", " ", text});
    case 7: insert("\n"); return text;
    case 8: // a line less
        if (const auto begin = text.find('\n', dice.roll(text.size())); begin + 1 < text.size())
            text.erase(begin + 1, text.find('\n', begin + 1) - begin);
        return text;
    case 9: // two lines are one
        if (const auto newline = text.find('\n', dice.roll(text.size()));
            newline != std::string::npos)
            text.erase(newline, 1);
        return text;
    case 10: text[dice.roll(text.size())] ^= static_cast<char>(1U << dice.roll(8)); return text;
    case 11: text[dice.roll(text.size())] = dice.byte(); return text;
    case 12: text.erase(dice.roll(text.size()), 1 + dice.roll(4)); return text;
    default:
        insert(dice.one_of(
            std::vector<std::string>{"Comment: x\n", "x-y: \\\nz\n", "----\n", "AAAA\n"}));
        return text;
    }
}

/// What a program says of each of these files, one run of a shell for all; the blob of a line.
std::vector<std::string> blobs_of(const Workshop& shop, const std::vector<std::string>& texts,
                                  const std::string& program) {
    std::string command;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto name = "file" + std::to_string(i);
        shop.write(name, texts[i]);
        command += program + " -f " + name + " </dev/null; echo; echo =;";
    }
    std::vector<std::string> blobs{""};
    const auto said = shop.run(command + " :");
    for (const auto line : lines_of(said)) {
        if (line == "=") {
            blobs.emplace_back();
        } else if (const auto parsed = parse_key_line(line);
                   blobs.back().empty() && std::holds_alternative<KeyLine>(parsed)) {
            blobs.back() = std::get<KeyLine>(parsed).blob;
        }
    }
    blobs.pop_back();
    REQUIRE(blobs.size() == texts.size());
    return blobs;
}

struct FileKind {
    std::string make;    ///< how to write it to `file`
    std::string program; ///< that reads it
};

std::vector<FileKind> file_kinds() {
    std::vector<FileKind> kinds;
    for (const std::string name : {"rsa2048", "ecdsa256", "ecdsa521", "ed25519256"}) {
        kinds.push_back(
            {"ssh-keygen -e -m RFC4716 -f " + name + ".pub >file", "ssh-keygen -i -m RFC4716"});
        kinds.push_back({"cp " + name + " file", "ssh-keygen -y -P ''"});
        if (name.starts_with("ed"))
            continue; // ssh-keygen writes neither of these for it
        kinds.push_back(
            {"ssh-keygen -e -m PKCS8 -f " + name + ".pub >file", "ssh-keygen -i -m PKCS8"});
        for (const std::string format : {"PEM", "PKCS8"})
            kinds.push_back(
                {"cp " + name + " file; ssh-keygen -q -p -N '' -P '' -m " + format + " -f file",
                 "ssh-keygen -y -P ''"});
    }
    kinds.push_back({"ssh-keygen -e -m PEM -f rsa2048.pub >file", "ssh-keygen -i -m PEM"});
    return kinds;
}

TEST_CASE("a file of a key is the same key for ssh-keygen", "[keygen]") {
    const Workshop shop;
    make_lines(shop);
    const auto seed = number_from("SSHPERMD_SEED", std::random_device{}());
    const auto rounds = number_from("SSHPERMD_ROUNDS", is_long() ? 400 : 2);
    constexpr std::size_t files_of_a_round = 12;
    Dice dice{seed};
    std::size_t files = 0;
    std::size_t whole = 0;
    std::size_t stricter = 0;
    std::size_t laxer = 0; // of public keys, which we convert ourselves
    for (const auto& kind : file_kinds()) {
        shop.run("rm -f file; " + kind.make);
        const auto file = shop.read("file");
        REQUIRE_FALSE(file.empty());
        const bool is_secret = kind.program.find("-y") != std::string::npos;
        const bool is_openssh = file.find("OPENSSH PRIVATE") != std::string::npos;
        for (std::size_t round = 0; round < rounds; ++round) {
            std::vector<std::string> texts;
            for (std::size_t i = 0; i < files_of_a_round; ++i)
                texts.push_back(bend_file(file, !is_secret, dice));
            const auto blobs = blobs_of(shop, texts, kind.program);
            for (std::size_t i = 0; i < texts.size(); ++i) {
                const auto reading = read_key(texts[i], {});
                const bool is_whole =
                    reading.key && !reading.flaw && !reading.is_encrypted && reading.lines.empty();
                ++files;
                whole += is_whole ? 1U : 0U;
                stricter += !is_whole && !blobs[i].empty() ? 1U : 0U;
                INFO("seed " << seed << ", " << kind.program << ", " << word(reading.format) << " "
                             << (reading.flaw ? word(*reading.flaw) : "") << "\n"
                             << shown(texts[i]));
                if (!blobs[i].empty() && is_whole)
                    CHECK(blobs[i] == reading.key->blob);
                else if (is_whole && is_secret) // ssh would be handed it
                    CHECK_FALSE(blobs[i].empty());
                else if (is_openssh) // what ssh reads is not said to be broken
                    CHECK(blobs[i].empty());
                laxer += is_whole && blobs[i].empty() ? 1U : 0U;
            }
        }
    }
    std::cout << "keygen: seed " << seed << ": " << files << " files, " << whole << " whole, "
              << stricter << " that only ssh-keygen reads, " << laxer << " that only we read\n";
    CHECK(whole * 100 > files * 15);
    CHECK(whole * 100 < files * 85);
}

} // namespace
