#include "policy/account_answer.hpp"

#include "policy/name_index.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::string_view question_head = "sshpermd accounts? 1\n";
constexpr std::string_view answer_head = "sshpermd accounts! 1\n";
constexpr std::string_view tail = "end\n";

/// Numbers are four bytes, little-endian; a text is its length and its bytes; a list is its length
/// and its elements.
class Writer {
  public:
    explicit Writer(std::string_view head) : bytes_(head) {}

    void put(std::uint32_t number) {
        for (unsigned shift = 0; shift < 32; shift += 8)
            bytes_ += static_cast<char>(number >> shift & 0xFFU);
    }
    void put(const std::string& text) {
        put(static_cast<std::uint32_t>(text.size()));
        bytes_ += text;
    }
    void put(const Account& account) {
        put(account.name);
        put(account.uid);
        put(account.gid);
        put(account.home);
    }
    void put(const Group& group) {
        put(group.name);
        put(group.gid);
        put(group.members.all());
    }
    template <typename T>
    void put(const std::vector<T>& list) {
        put(std::span<const T>{list});
    }
    template <typename T>
    void put(std::span<const T> list) {
        put(static_cast<std::uint32_t>(list.size()));
        for (const auto& element : list)
            put(element);
    }

    std::string end() {
        bytes_ += tail;
        return std::move(bytes_);
    }

  private:
    std::string bytes_;
};

/// Reads what Writer wrote; once something is wrong there is nothing more.
class Reader {
  public:
    Reader(std::string_view bytes, std::string_view head) : rest_(bytes) {
        is_right_ = bytes.size() <= max_account_answer && take(head.size()) == head;
    }

    void get(std::uint32_t& number) {
        const auto bytes = take(4);
        number = 0;
        for (unsigned i = 0; i < bytes.size(); ++i)
            number |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << 8U * i;
    }
    void get(std::string& name) {
        get_text(name);
        is_right_ = is_right_ && !name.empty();
    }
    void get(Account& account) {
        get(account.name);
        get(account.uid);
        get(account.gid);
        get_text(account.home); // which may be empty
    }
    void get(Group& group) {
        get(group.name);
        get(group.gid);
        std::vector<std::string> members;
        get(members);
        for (const auto& member : members)
            group.members.add(member);
        members_ += members.size();
        is_right_ = is_right_ && members_ <= max_group_members;
    }
    template <typename T>
    void get(std::vector<T>& list) {
        std::uint32_t count = 0;
        get(count);
        is_right_ = is_right_ && count <= max_account_entries && count <= rest_.size() / 4;
        if (is_right_)
            list.reserve(count); // no element is shorter than a number
        for (; is_right_ && count > 0; --count)
            get(list.emplace_back());
    }

    bool is_at_end() { return take(tail.size()) == tail && is_right_ && rest_.empty(); }

  private:
    void get_text(std::string& text) {
        std::uint32_t length = 0;
        get(length);
        text = std::string{take(length)}; // assigning would leave it room to grow
        is_right_ = is_right_ && text.find('\0') == std::string::npos;
    }
    std::string_view take(std::size_t length) {
        is_right_ = is_right_ && length <= rest_.size();
        if (!is_right_)
            return {};
        const auto part = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return part;
    }

    std::string_view rest_;
    std::size_t members_ = 0;
    bool is_right_ = true;
};

using Names = std::unordered_set<std::string_view>;

/// Those of `known` that were not found again although nobody says that they are gone.
template <typename T>
void keep_undecided(std::vector<T>& found, const std::vector<T>& known,
                    const std::vector<std::string>& undecided) {
    const Names names(undecided.begin(), undecided.end());
    std::copy_if(known.begin(), known.end(), std::back_inserter(found),
                 [&](const T& one) { return names.contains(one.name); });
}

template <typename T>
std::vector<T> joined(const std::vector<T>& known, const std::vector<T>& local) {
    auto all = known;
    const NamesOf names{known};
    std::copy_if(local.begin(), local.end(), std::back_inserter(all),
                 [&](const T& one) { return !names.has(one.name); });
    return all;
}

} // namespace

std::string to_bytes(const AccountQuestion& question) {
    Writer writer{question_head};
    writer.put(question.home_roots);
    writer.put(question.accounts);
    writer.put(question.groups);
    writer.put(question.services);
    return writer.end();
}

std::string to_bytes(const AccountAnswer& answer) {
    Writer writer{answer_head};
    writer.put(static_cast<std::uint32_t>(answer.error));
    writer.put(std::uint32_t{answer.has_silent_service ? 1U : 0U});
    writer.put(answer.services);
    writer.put(answer.accounts);
    writer.put(answer.groups);
    writer.put(answer.undecided_accounts);
    writer.put(answer.undecided_groups);
    return writer.end();
}

std::optional<AccountQuestion> parse_account_question(std::string_view bytes) {
    Reader reader{bytes, question_head};
    AccountQuestion question;
    reader.get(question.home_roots);
    reader.get(question.accounts);
    reader.get(question.groups);
    reader.get(question.services);
    return reader.is_at_end() ? std::optional{std::move(question)} : std::nullopt;
}

std::optional<AccountAnswer> parse_account_answer(std::string_view bytes) {
    Reader reader{bytes, answer_head};
    AccountAnswer answer;
    std::uint32_t error = 0;
    std::uint32_t is_silent = 0;
    reader.get(error);
    reader.get(is_silent);
    reader.get(answer.services);
    reader.get(answer.accounts);
    reader.get(answer.groups);
    reader.get(answer.undecided_accounts);
    reader.get(answer.undecided_groups);
    answer.error = static_cast<int>(error);
    answer.has_silent_service = is_silent == 1;
    const bool is_sound = error <= 4095 && is_silent <= 1; // errno, as the kernel limits it
    return reader.is_at_end() && is_sound ? std::optional{std::move(answer)} : std::nullopt;
}

Accounts generation(AccountAnswer answer, const Accounts* known) {
    if (known != nullptr) {
        keep_undecided(answer.accounts, known->all(), answer.undecided_accounts);
        keep_undecided(answer.groups, known->groups(), answer.undecided_groups);
    }
    return {std::move(answer.accounts), std::move(answer.groups)};
}

Accounts with_local(const Accounts& known, const Accounts& local) {
    return {joined(known.all(), local.all()), joined(known.groups(), local.groups()),
            known.has_everybody() ? Coverage::everybody : Coverage::local_only};
}

} // namespace sshpermd
