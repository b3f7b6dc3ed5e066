#include "keys/key_list.hpp"

#include "keys/der.hpp"
#include "keys/ignored_line.hpp"
#include "keys/key_line.hpp"

#include <algorithm>
#include <span>

namespace sshpermd {
namespace {

bool is_utf16(std::string_view text) {
    return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

/// What sshd would say of a line that it reads a key from, in the order in which it asks.
void judge(ListedKey& listed, const KeyOptions& options, const KeyRules& rules) {
    const auto& key = *listed.key;
    if (key.is_certificate)
        listed.ignored = Ignored::certificate;
    else if (key.kind == KeyKind::dsa)
        listed.ignored = Ignored::dsa;
    else if (key.kind == KeyKind::rsa && key.bits < rules.required_rsa_bits)
        listed.ignored = Ignored::short_rsa;
    else if (!options.problem.empty())
        listed.ignored =
            options.problem == "unknown key option" ? Ignored::unknown_option : Ignored::bad_option;
    else if (options.expiry && is_expired(*options.expiry, rules.now))
        listed.ignored = Ignored::expired;

    if (listed.ignored == Ignored::unknown_option)
        listed.problem = options.culprit;
    else if (listed.ignored == Ignored::bad_option)
        listed.problem = options.culprit + ": " + options.problem;
    else if (listed.ignored == Ignored::expired)
        listed.problem = *options.expiry;
}

class Lister {
  public:
    Lister(std::string_view text, const KeyRules& rules)
        : text_(text), lines_(lines_of(text)), rules_(rules) {}

    std::vector<ListedKey> list() {
        if (blob_of_der(text_) || is_private_der(text_) || is_encrypted_der(text_)) {
            add(Ignored::der, lines_.size()).key = key_of_der();
            return std::move(list_);
        }
        while (at_ < lines_.size())
            look();
        return std::move(list_);
    }

  private:
    std::optional<PublicKey> key_of_der() const {
        const auto blob = blob_of_der(text_);
        if (!blob)
            return std::nullopt;
        auto key = parse_public_key(*blob);
        auto* const whole = std::get_if<PublicKey>(&key);
        return whole != nullptr ? std::optional{std::move(*whole)} : std::nullopt;
    }

    ListedKey& add(Ignored why, std::size_t count) {
        ListedKey listed;
        listed.first_line = at_ + 1;
        listed.last_line = at_ + count;
        listed.ignored = why;
        at_ += count;
        return list_.emplace_back(std::move(listed));
    }

    /// Consecutive lines of the same kind are one.
    void add_to_last(Ignored why) {
        if (!list_.empty() && list_.back().ignored == why && list_.back().last_line == at_)
            list_.back().last_line = ++at_;
        else
            add(why, 1);
    }

    void look() {
        const auto line = lines_[at_];
        const auto parsed = parse_key_line(line);
        if (const auto* const key = std::get_if<KeyLine>(&parsed))
            return add_key(*key);
        if (at_ == 0 && is_utf16(text_))
            return add_to_last(Ignored::utf16);
        const auto nul = line.find('\0');
        if (nul != std::string_view::npos && nul + 1 < line.size() &&
            !std::holds_alternative<CommentLine>(parsed))
            return add_to_last(is_utf16(text_) ? Ignored::utf16 : Ignored::nul_byte);
        if (std::holds_alternative<OtherLine>(parsed))
            return add_ignored();
        ++at_;
    }

    /// Up to the next line that sshd looks at as a key, which is no part of what comes before.
    void add_ignored() {
        if (end_of_others_ <= at_)
            for (end_of_others_ = at_ + 1; end_of_others_ < lines_.size(); ++end_of_others_)
                if (std::holds_alternative<KeyLine>(parse_key_line(lines_[end_of_others_])))
                    break;
        auto listed = explain_ignored(std::span{lines_}.subspan(at_, end_of_others_ - at_));
        const auto count = listed.last_line;
        listed.first_line = at_ + 1;
        listed.last_line = at_ + count;
        at_ += count;
        const bool continues = listed.ignored == Ignored::not_a_key && !list_.empty() &&
                               list_.back().ignored == Ignored::not_a_key &&
                               list_.back().last_line + 1 == listed.first_line;
        if (continues)
            list_.back().last_line = listed.last_line;
        else
            list_.push_back(std::move(listed));
    }

    void add_key(const KeyLine& line) {
        auto parsed = parse_public_key(line.blob);
        if (const auto* const flaw = std::get_if<BlobFlaw>(&parsed)) {
            if (*flaw == BlobFlaw::truncated && !find_key(line.comment))
                return add_truncated();
            add(Ignored::malformed, 1);
        } else {
            ListedKey listed;
            listed.first_line = listed.last_line = ++at_;
            listed.key = std::get<PublicKey>(std::move(parsed));
            listed.options = line.options;
            listed.comment = line.comment;
            const auto options = parse_key_options(line.options);
            listed.is_authority = options.is_authority;
            judge(listed, options, rules_);
            list_.push_back(std::move(listed));
        }
        add_key_in_comment(line.comment);
    }

    void add_truncated() {
        const auto rest = std::span{lines_}.subspan(at_);
        auto listed = explain_ignored(rest.first(std::min<std::size_t>(rest.size(), most_wrapped)));
        listed.first_line = at_ + 1;
        listed.last_line += at_;
        at_ = listed.last_line;
        list_.push_back(std::move(listed));
    }

    /// The comment of one key holds another: the newline between them was lost.
    void add_key_in_comment(std::string_view comment) {
        const auto found = find_key(comment);
        if (!found)
            return;
        const auto parsed = parse_key_line(comment.substr(*found));
        const auto& line = std::get<KeyLine>(parsed);
        --at_;
        auto& listed = add(Ignored::joined, 1);
        listed.key = std::get<PublicKey>(parse_public_key(line.blob));
        listed.comment = line.comment;
    }

    static constexpr std::size_t most_wrapped = 256; // lines of one key

    std::string_view text_;
    std::vector<std::string_view> lines_;
    const KeyRules& rules_;
    std::vector<ListedKey> list_;
    std::size_t at_ = 0;            ///< the line to look at next
    std::size_t end_of_others_ = 0; ///< no key line from at_ on before this one
};

} // namespace

std::string_view word(Ignored why) {
    switch (why) {
    case Ignored::private_key: return "private_key";
    case Ignored::ppk: return "ppk";
    case Ignored::pem: return "pem";
    case Ignored::rfc4716: return "rfc4716";
    case Ignored::der: return "der";
    case Ignored::utf16: return "utf16";
    case Ignored::nul_byte: return "nul_byte";
    case Ignored::byte_order_mark: return "byte_order_mark";
    case Ignored::quoted: return "quoted";
    case Ignored::wrong_case: return "wrong_case";
    case Ignored::no_type: return "no_type";
    case Ignored::type_differs: return "type_differs";
    case Ignored::wrapped: return "wrapped";
    case Ignored::joined: return "joined";
    case Ignored::truncated: return "truncated";
    case Ignored::malformed: return "malformed";
    case Ignored::certificate: return "certificate";
    case Ignored::dsa: return "dsa";
    case Ignored::short_rsa: return "short_rsa";
    case Ignored::unknown_option: return "unknown_option";
    case Ignored::bad_option: return "bad_option";
    case Ignored::expired: return "expired";
    case Ignored::not_a_key: return "not_a_key";
    }
    return "";
}

std::vector<ListedKey> list_keys(std::string_view text, const KeyRules& rules) {
    return Lister{text, rules}.list();
}

} // namespace sshpermd
