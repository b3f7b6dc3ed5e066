// Fuzzes what a crash, or whoever else, leaves in the record and in the slots of changes.
#include "fuzz.hpp"

#include "event/event.hpp"
#include "event/event_json.hpp"
#include "record/change_record.hpp"
#include "record/change_slot.hpp"

#include <cstring>

namespace {

using namespace sshpermd;

void check_record(std::string_view bytes) {
    const auto whole = whole_lines(bytes);
    fuzz::check(whole <= bytes.size() && (whole == 0 || bytes[whole - 1] == '\n'),
                "what is whole ends with a line");
    fuzz::check(bytes.find('\n', whole) == std::string_view::npos, "what is torn is one line");
    fuzz::check(whole_lines(bytes.substr(0, whole)) == whole, "what was cut needs no cut");
    for (const auto line : record_lines(bytes)) {
        fuzz::check(fuzz::lies_inside(line, bytes.substr(0, whole)), "a line lies in the record");
        fuzz::check(line.size() <= max_line && fuzz::is_printable_ascii(line),
                    "a line is one line of ASCII");
    }
}

void check_slot(std::string_view bytes) {
    std::uint32_t state = 0;
    ChangeSlot slot;
    std::memcpy(&state, bytes.data(), std::min(bytes.size(), sizeof state));
    bytes.remove_prefix(std::min(bytes.size(), sizeof state));
    std::memcpy(&slot, bytes.data(), std::min(bytes.size(), sizeof slot));
    const auto change = read_slot(state, slot);
    if (!change)
        return;
    fuzz::check(change->user.size() <= 64 && change->path.size() <= 255, "names fit their slot");
    fuzz::check(change->path.starts_with('/'), "a path is absolute");
    const auto line = to_line(event_of(*change, Trigger::startup, Accounts{}), {});
    fuzz::check(line.size() <= max_line && fuzz::is_printable_ascii(line),
                "what was left becomes one line of ASCII");
}

void check_name(std::string_view name) {
    if (const auto number = segment_number(name))
        fuzz::check(segment_name(*number) == name, "a number has one name");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::text_of(data, size);
    check_record(bytes);
    check_slot(bytes);
    check_name(bytes);
    return 0;
}
