// Fuzzes an event's line: whatever a path, a name or a message consists of, the line stays one
// line.
#include "fuzz.hpp"

#include "event/event_json.hpp"
#include "event/text.hpp"
#include "keys/base64.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace sshpermd;

Attributes attributes_from(fuzz::Input& input) {
    return {
        Mode{input.word() & 07777U}, {input.word(), input.text()}, {input.word(), input.text()}};
}

Event event_from(fuzz::Input& input) {
    Event event;
    event.message = input.text();
    event.file = FileRef{input.text(), FileType::file, input.word(), input.byte()};
    event.user = input.maybe([](auto& in) { return UserRef{in.text(), in.word()}; });
    event.error = input.maybe([](auto& in) { return EventError{"EACCES", in.text()}; });
    event.before = input.maybe(attributes_from);
    event.expected = input.maybe(attributes_from);
    event.after = input.maybe(attributes_from);
    return event;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{fuzz::text_of(data, size)};
    const auto event = event_from(input);
    const Stamp stamp{"00000000-0000-4000-8000-000000000000",
                      1,
                      {},
                      std::string(32, '0'),
                      input.text(),
                      std::string(32, '1'),
                      "1.0.0",
                      1,
                      Source::daemon};
    const auto line = to_line(event, stamp);
    fuzz::check(line.size() <= max_line, "a line fits a journal reader");
    fuzz::check(fuzz::is_printable_ascii(line), "a line is one line of ASCII");

    const auto json = nlohmann::json::parse(line);
    const auto& file = json.at("file");
    const auto& path = event.file->path;
    const bool is_whole = file.at("path") == path && is_utf8(path);
    if (file.contains("path_b64"))
        fuzz::check(decode_base64(file["path_b64"].get<std::string>()) == path.substr(0, 810),
                    "path_b64 holds the bytes of the path");
    fuzz::check(is_whole || file.contains("path_b64") || json.contains("truncated"),
                "a path is whole, or in base64, or marked as cut");
    return 0;
}
