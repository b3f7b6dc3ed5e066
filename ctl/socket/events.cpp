#include "socket/events.hpp"

#include "complain.hpp"
#include "event/event_json.hpp"
#include "policy/fields.hpp"
#include "policy/json_text.hpp"
#include "reconcile/query.hpp"
#include "socket/asking.hpp"
#include "socket/event_text.hpp"
#include "socket/stream.hpp"

#include <chrono>
#include <deque>
#include <iostream>
#include <thread>

namespace sshpermd {
namespace {

using std::chrono::system_clock;

constexpr std::size_t usual = 100;
constexpr const char* usual_before_following = "10";

/// "1h" is an hour ago; an id or a time is itself.
std::string since_of(const std::string& given) {
    const auto ago = duration_of(given);
    return ago ? to_rfc3339(system_clock::now() - *ago) : given;
}

std::string text_of(const Json& event, const char* member) {
    const auto found = event.find(member);
    return found != event.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool is_wanted(const Json& event, const std::optional<std::string>& user) {
    if (!user)
        return true;
    const auto found = event.find("user");
    return found != event.end() && found->is_object() && text_of(*found, "name") == *user;
}

void print(const Json& event, const std::string& line, const Options& options) {
    if (options.output == Output::json)
        std::cout << line << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print_event(std::cout, event);
}

/// All pages from some event or moment on; of one user's without a beginning, the last.
ExitCode print_past(const Options& options) {
    const bool is_whole = options.since || options.user;
    auto path = "/v1/events?limit=" + std::to_string(is_whole ? EventQuery::most : usual);
    auto since = options.since ? since_of(*options.since) : "1970-01-01T00:00:00Z";
    std::deque<Json> found;
    for (bool more = true; more;) {
        const auto [body, code] = ask_daemon(
            {"GET", is_whole ? path + "&since=" + percent_encoded(since) : path, {}}, options);
        if (!body)
            return code;
        auto page = Json::parse(*body, nullptr, false);
        if (!page.is_object() || text_of(page, "schema") != "sshpermd.events/1")
            return complain_of_other_version();
        for (auto& event : page["events"])
            if (is_wanted(event, options.user))
                found.push_back(std::move(event));
        while (!options.since && found.size() > usual)
            found.pop_front();
        more = is_whole && page["more"] == true;
        if (more)
            since = text_of(page, "last");
    }
    if (options.output == Output::json) {
        const Json document{{"schema", "sshpermd.events/1"}, {"events", found}};
        std::cout << one_line(document) << '\n';
        return ExitCode::ok;
    }
    for (const auto& event : found)
        print(event, {}, options);
    return ExitCode::ok;
}

/// Remembers how far it has come, so that another connection goes on from there.
class Following {
  public:
    explicit Following(const Options& options) : options_(options), socket_(socket_of(options)) {}

    ExitCode run() {
        constexpr std::chrono::milliseconds pause{250};
        for (bool has_heard = false;; std::this_thread::sleep_for(pause)) {
            try {
                const auto answer = read_stream(
                    socket_, path(), [&](std::string_view line) { hear(std::string{line}); });
                has_heard = true;
                constexpr unsigned gone = 410;
                if (answer.status == gone && !last_id_.empty())
                    last_id_.clear(); // its time is known still
                else if (answer.status != 200)
                    return complain_of(answer);
            } catch (const NobodyAnswers& error) {
                if (!has_heard)
                    return complain_of(error);
            }
        }
    }

  private:
    std::string path() const {
        std::string path = "/v1/events?follow=1";
        if (!last_id_.empty())
            return path + "&since=" + last_id_;
        if (!last_time_.empty())
            return path + "&since=" + percent_encoded(last_time_);
        if (options_.since)
            return path + "&since=" + percent_encoded(since_of(*options_.since));
        return path + "&limit=" + usual_before_following;
    }

    void hear(const std::string& line) {
        const auto event = Json::parse(line, nullptr, false);
        if (!event.is_object())
            return;
        const auto id = text_of(event, "id");
        if (id == told_)
            return;
        told_ = id;
        last_id_ = id;
        last_time_ = text_of(event, "time");
        if (!is_wanted(event, options_.user))
            return;
        print(event, line, options_);
        std::cout.flush();
    }

    const Options& options_;
    std::string socket_;
    std::string told_; ///< the id of the last
    std::string last_id_;
    std::string last_time_ = {};
};

} // namespace

ExitCode events(const Options& options) {
    return options.follow ? Following{options}.run() : print_past(options);
}

} // namespace sshpermd
