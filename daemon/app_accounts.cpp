#include "app.hpp"

#include "events/daemon_event.hpp"
#include "system/account_database.hpp"
#include "system/config_file.hpp"

#include <boost/asio/post.hpp>

#include <string>
#include <system_error>
#include <utility>

// The application's accounts: asked of a child process; until it answers, the last ones, or those
// of /etc/passwd alone.

namespace sshpermd {

void App::start_roll_call() {
    const RollCall::Hear hear{
        [this] { return question(); },
        [this] { look_after_local(std::make_error_code(std::errc::timed_out)); },
        [this](std::optional<AccountAnswer> answer) { on_accounts(std::move(answer)); },
        [this] { on_same_accounts(); }};
    roll_call_ = std::make_unique<RollCall>(io_, hear, RollCall::Limits{});
    roll_call_->ask();
}

AccountQuestion App::question() const {
    AccountQuestion question;
    question.home_roots = config_.home_roots;
    if (!accounts_)
        return question;
    for (const auto& account : accounts_->all())
        question.accounts.push_back(account.name);
    for (const auto& group : accounts_->groups())
        question.groups.push_back(group.name);
    question.services.assign(answering_services_.begin(), answering_services_.end());
    return question;
}

/// The machine's own accounts wait for nobody.
void App::look_after_local(const std::error_code& why) {
    roll_call_->forget_answer();
    try {
        const auto local = read_local_accounts();
        if (!accounts_)
            tell_accounts_unavailable(
                "the name service does not answer: the accounts of /etc/passwd are looked after, "
                "all others as soon as it does",
                error_of(why));
        accounts_ =
            std::make_shared<const Accounts>(with_local(accounts_ ? *accounts_ : local, local));
        hand_over_accounts();
    } catch (const std::system_error& error) {
        tell_accounts_unavailable("neither the name service nor /etc/passwd can be read: nobody "
                                  "new is looked after",
                                  error_of(error.code()));
    }
    keeper_->stop_waiting_for_accounts();
    work_soon();
}

void App::on_accounts(std::optional<AccountAnswer> answer) {
    roll_was_called_ = true;
    if (!answer || answer->error != 0) {
        const auto why = answer ? std::error_code{answer->error, std::generic_category()}
                                : std::make_error_code(std::errc::timed_out);
        if (accounts_)
            tell_accounts_unavailable(
                "the account database cannot be read; the accounts known so far stay protected",
                error_of(why));
        look_after_local(why);
        return answer_those_who_waited();
    }
    answering_services_.insert(answer->services.begin(), answer->services.end());
    const auto undecided = answer->undecided_accounts.size();
    if (undecided > 0) {
        tell_accounts_unavailable(
            std::to_string(undecided) + " accounts are not found, and a name service does not "
                                        "answer: they stay protected as they were known",
            error_of(std::make_error_code(std::errc::resource_unavailable_try_again)));
    } else {
        tell_accounts_available();
    }
    accounts_ = std::make_shared<const Accounts>(generation(std::move(*answer), accounts_.get()));
    hand_over_accounts();
    answer_those_who_waited();
    work_soon();
}

void App::on_same_accounts() {
    tell_accounts_available();
    hand_over_accounts();
    answer_those_who_waited();
    work_soon();
}

void App::answer_those_who_waited() {
    if (roll_call_->is_under_way())
        return;
    keeper_->stop_waiting_for_accounts();
    const auto loaded = std::exchange(reload_due_, std::nullopt);
    if (!loaded)
        return;
    try {
        if (accounts_)
            require_groups(*loaded, *accounts_);
    } catch (const ConfigError& error) {
        return reject_reload(error.what());
    }
    reload_with(*loaded);
}

void App::tell_accounts_available() {
    tell(make_recovery(Trouble::accounts_unavailable,
                       "the name service answers: all accounts are looked after"));
}

/// Once until it is over, however often it is tried again.
void App::tell_accounts_unavailable(std::string consequence, const EventError& error) {
    auto event = make_trouble(Trouble::accounts_unavailable, Severity::err, std::move(consequence),
                              EventType::accounts_unavailable);
    event.error = error;
    tell(std::move(event));
}

void App::hand_over_accounts() {
    while (accounts_) {
        try {
            accept_once_proven();
            open_socket();
            return keeper_->take_accounts(accounts_);
        } catch (const ConfigError& error) { // it names a group that is not there
            if (basis_ == Basis::built_in)
                throw;
            release_lock();
            start_with(fall_back(error.what(), basis_));
        }
    }
}

} // namespace sshpermd
