// Fuzzes the files of the machine that others than sshpermd wrote: sshd_config, subuid,
// nsswitch.conf and cloud-init's instance data.
#include "fuzz.hpp"

#include "policy/instance_data.hpp"
#include "policy/sshd_config.hpp"
#include "policy/subuid.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace sshpermd;

/// What a file says of all, it says when blank lines and comments are around it.
std::string wrapped(std::string_view text) { return "\n# nothing\n" + std::string{text} + "\n#\n"; }

void check_sshd_config(std::string_view text) {
    const auto scan = scan_sshd_config(text);
    for (const auto& pattern : scan.includes)
        fuzz::check(!pattern.empty() && pattern.find_first_of("\"'\n") == std::string::npos &&
                        text.find(pattern) != std::string_view::npos,
                    "an included pattern stands in one line of the text, without its quotes");
    const auto again = scan_sshd_config(wrapped(text));
    fuzz::check(scan.sets_chroot == again.sets_chroot && scan.has_match == again.has_match &&
                    scan.unclear == again.unclear && scan.includes == again.includes,
                "comments and empty lines of sshd_config mean nothing");
    const auto more = std::string{text} + "\nMatch all\nChrootDirectory /srv\nInclude more";
    const auto longer = scan_sshd_config(more);
    fuzz::check(longer.sets_chroot && longer.has_match, "no chroot and no Match is overlooked");
    fuzz::check(longer.includes.size() == scan.includes.size() + 1, "every Include is followed");
}

void check_chroot(std::string_view text) {
    const auto directory = chroot_directory_of(text);
    fuzz::check(!directory || (!directory->empty() && directory->find('\n') == std::string::npos),
                "a chroot is one line");
    const std::string all{text};
    if (const auto path = expand_chroot(all, {"alice", 20001, 20001, "/home/alice"}))
        fuzz::check(all.find('%') != std::string::npos || *path == all, "a plain path stays");
    fuzz::check(is_at_or_below(text, text), "every path is at itself");
    fuzz::check(is_at_or_below(all + "/below", text), "a name more is below");
    fuzz::check(!can_be_asked(text) || text.find(',') == std::string_view::npos,
                "a comma would begin another key");
}

void check_uids(std::string_view text) {
    const auto ranges = parse_subuid(text);
    if (ranges)
        for (const auto& range : *ranges)
            fuzz::check(range.first <= range.last && range.contains(range.last),
                        "a range has a uid");
    fuzz::check(parse_subuid(wrapped(text)) == ranges, "comments of subuid mean nothing");
    const auto longer = parse_subuid(std::string{text} + "\nalice:100000:2");
    fuzz::check(longer.has_value() == ranges.has_value() &&
                    (!longer || longer->back() == UidRange{100000, 100001}),
                "every line of subuid counts");
    fuzz::check(!asks_only_this_machine(std::string{text} + "\npasswd: sss"),
                "a directory service is not overlooked");
}

void check_keys(std::string_view text) {
    const auto count = public_keys_of(text).size();
    const auto document = nlohmann::json::parse(text, nullptr, false);
    fuzz::check(count == 0 || document.is_object(), "keys come out of a JSON object only");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check_sshd_config(text);
    check_chroot(text);
    check_uids(text);
    check_keys(text);
    return 0;
}
