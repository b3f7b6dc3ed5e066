// Fuzzes what the account child says, what it is asked, and the files of /etc as accounts.
#include "fuzz.hpp"

#include "policy/account_answer.hpp"
#include "policy/account_files.hpp"

namespace {

using namespace sshpermd;

void check_name(const std::string& name) {
    fuzz::check(!name.empty() && name.find('\0') == std::string::npos, "a name is one");
}

void check_answer(std::string_view bytes) {
    const auto answer = parse_account_answer(bytes);
    if (!answer)
        return;
    fuzz::check(to_bytes(*answer) == bytes, "an answer has one form");
    for (const auto& account : answer->accounts)
        check_name(account.name);
    for (const auto& group : answer->groups) {
        check_name(group.name);
        for (const auto& member : group.members.all())
            check_name(member);
    }
    const auto accounts = generation(*answer, nullptr);
    fuzz::check(accounts.all() == answer->accounts, "nobody is added or left out");
    const auto again = generation(AccountAnswer{}, &accounts);
    fuzz::check(again.all().empty(), "who is certainly gone is gone");
}

void check_files(std::string_view text) {
    const auto half = text.size() / 2;
    const auto local = parse_account_files(text.substr(0, half), text.substr(half));
    fuzz::check(!local.has_everybody(), "files are never everybody");
    for (const auto& account : local.all())
        check_name(account.name);
    fuzz::check(with_local(local, local) == local, "nobody comes twice");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check_answer(text);
    if (const auto question = parse_account_question(text))
        fuzz::check(to_bytes(*question) == text, "a question has one form");
    check_files(text);
    return 0;
}
