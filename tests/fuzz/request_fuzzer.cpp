// Fuzzes what is asked of the daemon through its socket: a request means what it says, or it is
// refused in one line.
#include "fuzz.hpp"

#include "event/text.hpp"
#include "reconcile/query.hpp"
#include "reconcile/request.hpp"

namespace {

using namespace sshpermd;

/// It quotes what was asked; in a document what is not ASCII is escaped.
void check_refusal(const RequestError& error) {
    fuzz::check(printable(error.what()) == error.what(), "a refusal is one line for a terminal");
}

template <typename Request>
void check_request(std::string_view text, Request (*parse)(std::string_view)) {
    try {
        const auto request = parse(text);
        fuzz::check(text.size() <= max_request, "a request is no longer than it may be");
        for (const auto& user : request.users)
            fuzz::check(!user.empty() && user.size() <= 255 && user.find('\0') == std::string::npos,
                        "a name is one");
        const auto written = to_json(request);
        fuzz::check(fuzz::is_printable_ascii(written), "a request is written as ASCII");
        if (written.size() <= max_request) // escapes may make it longer than it was
            fuzz::check(parse(written) == request, "a request comes back as it was");
    } catch (const RequestError& error) {
        check_refusal(error);
    }
}

void check_word(std::string_view text) {
    try {
        const auto request = parse_repair_request(text);
        fuzz::check(!request.take_ownership || !request.users.empty(),
                    "nobody vouches for everybody's files");
        fuzz::check(!request.trust_content || request.users.size() == 1, "a hash is of one file");
        const auto word = word_of(request);
        fuzz::check(!word.trust_content ||
                        (is_content_hash(*word.trust_content) && word.trust_content->size() == 50),
                    "a round takes a hash as ssh-keygen prints it");
    } catch (const RequestError&) { // said above how
        return;
    }
}

/// Whatever stands in a target: it is understood or refused, and a name comes back from its
/// escapes.
void check_target(std::string_view text) {
    fuzz::check(percent_decoded(percent_encoded(text)) == text || text.find('\0') != text.npos,
                "a name comes back as it was");
    try {
        const auto target = take_apart(text);
        parse_user_query(target);
    } catch (const RequestError& error) {
        check_refusal(error);
    }
    try {
        const auto query = parse_event_query(take_apart(text));
        fuzz::check(query.since_id.empty() || query.since_id.size() == 36, "an id is one");
        fuzz::check(query.since_time.empty() || query.since_time.size() == 27, "a time is exact");
        fuzz::check(query.limit.value_or(0) <= EventQuery::most, "no more than there may be");
    } catch (const RequestError& error) {
        check_refusal(error);
    }
}

void check_pause(std::string_view text) {
    try {
        const auto pause = parse_pause_request(text);
        fuzz::check(pause.length >= PauseRequest::shortest && pause.length <= PauseRequest::longest,
                    "a pause ends, and not at once");
        fuzz::check(parse_pause_request(to_json(pause)) == pause, "a pause comes back as it was");
    } catch (const RequestError& error) {
        check_refusal(error);
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check_request(text, parse_repair_request);
    check_request(text, parse_forget_request);
    check_request(text, parse_check_request);
    check_word(text);
    check_pause(text);
    check_target(text);
    return 0;
}
