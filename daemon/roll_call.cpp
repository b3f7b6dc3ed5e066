#include "roll_call.hpp"

#include "keys/fingerprint.hpp"
#include "system/account_child.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <thread>

namespace sshpermd {

using std::chrono::milliseconds;

namespace {

bool is_complete(const std::optional<AccountAnswer>& answer) {
    return answer && answer->error == 0 && !answer->has_silent_service;
}

} // namespace

RollCall::RollCall(boost::asio::io_context& io, Hear hear, Limits limits)
    : hear_(std::move(hear)),
      limits_(limits),
      output_(io),
      lateness_(io),
      deadline_(io),
      pause_(io),
      reaping_(io),
      next_pause_(limits.first_pause) {}

RollCall::~RollCall() {
    for (auto* const child : {&child_, &killed_}) {
        if (!*child)
            continue;
        (*child)->kill();
        for (int tries = 0; !(*child)->reap() && tries < 200; ++tries) // one in a dead disk stays
            std::this_thread::sleep_for(milliseconds{1});
    }
}

void RollCall::ask() {
    pause_.cancel();
    if (child_ || killed_ || is_stillborn_)
        asked_again_ = true;
    else
        start();
}

void RollCall::start() {
    asked_again_ = false;
    bytes_.clear();
    pause_.cancel();
    const auto turn = ++turn_;
    if (!question_)
        question_ = write_question(hear_.question());
    child_ = start_account_child(question_);
    if (!child_) {
        is_stillborn_ = true;
        boost::asio::post(output_.get_executor(), [this] { end(std::nullopt); });
        return;
    }
    output_.assign(child_->take_output().release());
    lateness_.expires_after(limits_.late);
    lateness_.async_wait([this, turn](const boost::system::error_code& error) {
        if (!error && child_ && turn == turn_)
            hear_.late();
    });
    deadline_.expires_after(limits_.deadline);
    deadline_.async_wait([this, turn](const boost::system::error_code& error) {
        if (!error && child_ && turn == turn_)
            end(std::nullopt);
    });
    read();
}

void RollCall::read() {
    output_.async_read_some(
        boost::asio::buffer(buffer_),
        [this, turn = turn_](const boost::system::error_code& error, std::size_t length) {
            if (error == boost::asio::error::operation_aborted || !child_ || turn != turn_)
                return;
            bytes_.append(buffer_.data(), length);
            if (bytes_.size() > max_account_answer)
                return end(std::nullopt);
            if (error) // the end; what was cut short is no answer
                return hear_answer();
            read();
        });
}

void RollCall::hear_answer() {
    // Who has an account can choose some of these bytes: only a hash that nobody can aim at will
    // do.
    const auto hash = sha256_fingerprint(bytes_);
    if (last_ == hash) {
        end_child(true);
        hear_.ended_as_before();
        return go_on();
    }
    forget_answer();
    auto answer = parse_account_answer(bytes_);
    if (is_complete(answer) && answer->undecided_accounts.empty() &&
        answer->undecided_groups.empty())
        last_ = hash;
    end(std::move(answer));
}

void RollCall::forget_answer() {
    last_.reset();
    question_ = UniqueFd{};
}

void RollCall::end(std::optional<AccountAnswer> answer) {
    end_child(is_complete(answer));
    hear_.ended(std::move(answer));
    go_on();
}

/// Its answer is all that is wanted of it: how it would go on does not matter.
void RollCall::end_child(bool is_complete) {
    lateness_.cancel();
    deadline_.cancel();
    is_stillborn_ = false;
    boost::system::error_code ignored;
    output_.close(ignored);
    std::string{}.swap(bytes_); // an assignment would keep its room
    if (child_) {
        child_->kill();
        killed_ = std::move(child_);
        child_.reset();
        next_reaping_ = milliseconds{1};
    }
    if (!asked_again_)
        ask_again_later(is_complete);
}

/// After the answer was heard: the next question is about whom it told of.
void RollCall::go_on() {
    if (killed_)
        reap_in_time();
    else if (asked_again_ && !child_ && !is_stillborn_)
        start();
}

void RollCall::ask_again_later(bool is_complete) {
    if (is_complete) {
        next_pause_ = limits_.first_pause;
        return;
    }
    pause_.expires_after(next_pause_);
    next_pause_ = std::min(2 * next_pause_, limits_.longest_pause);
    pause_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            ask();
    });
}

void RollCall::reap_in_time() {
    if (killed_->reap()) {
        killed_.reset();
        if (asked_again_)
            start();
        return;
    }
    reaping_.expires_after(next_reaping_);
    next_reaping_ = std::min(2 * next_reaping_, milliseconds{1000});
    reaping_.async_wait([this](const boost::system::error_code& error) {
        if (!error && killed_)
            reap_in_time();
    });
}

} // namespace sshpermd
