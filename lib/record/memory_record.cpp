#include "record/memory_record.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sshpermd {
namespace {

using What = MemoryRecord::What;

static_assert(1 + 2 * (1 + MemoryRecord::longest_name) + 4 + 1 + MemoryRecord::longest_identity <=
              MemoryRecord::longest);

/// Which fields a kind of record has.
struct Fields {
    bool user, uid, thing, identity, lines;
};

std::optional<Fields> fields_of(What what) {
    switch (what) {
    case What::saw:
    case What::read_keys: return Fields{true, true, false, false, false};
    case What::learned:
    case What::withheld: return Fields{true, true, true, true, false};
    case What::lines: return Fields{true, true, false, false, true};
    case What::released: return Fields{true, true, true, false, false};
    case What::forgot: return Fields{true, false, false, false, false};
    case What::forgot_all: return Fields{false, false, false, false, false};
    }
    return std::nullopt;
}

void add_number(std::string& bytes, std::uint32_t number, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i, number >>= 8U)
        bytes.push_back(static_cast<char>(number & 0xFFU));
}

void add_text(std::string& bytes, std::string_view text) {
    add_number(bytes, static_cast<std::uint32_t>(text.size()), 1);
    bytes.append(text);
}

/// Reads from the front; what is not there is a zero or empty, and the reader has failed.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::uint32_t number(std::size_t size) {
        const auto bytes = take(size);
        std::uint32_t number = 0;
        for (std::size_t i = bytes.size(); i-- > 0;)
            number = number << 8U | static_cast<unsigned char>(bytes[i]);
        return number;
    }
    std::string_view text() { return take(number(1)); }
    std::vector<LineHash> lines() {
        const std::size_t count = number(2);
        const auto bytes = take(count * sizeof(LineHash));
        std::vector<LineHash> lines(bytes.size() / sizeof(LineHash));
        for (std::size_t i = 0; i < lines.size(); ++i)
            std::memcpy(lines[i].data(), bytes.data() + i * sizeof(LineHash), sizeof(LineHash));
        return lines;
    }
    bool is_done() const { return !has_failed_ && rest_.empty(); }

  private:
    std::string_view take(std::size_t size) {
        has_failed_ = has_failed_ || size > rest_.size();
        if (has_failed_)
            return {};
        const auto part = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return part;
    }

    std::string_view rest_;
    bool has_failed_ = false;
};

bool fits(bool is_there, std::string_view text, std::size_t longest) {
    return is_there ? !text.empty() && text.size() <= longest : text.empty();
}

} // namespace

bool is_within_limits(const MemoryRecord& record) {
    const auto fields = fields_of(record.what);
    return fields && fits(fields->user, record.user, MemoryRecord::longest_name) &&
           fits(fields->thing, record.thing, MemoryRecord::longest_name) &&
           fits(fields->identity, record.identity, MemoryRecord::longest_identity) &&
           (fields->lines ? !record.lines.empty() && record.lines.size() <= MemoryRecord::most_lines
                          : record.lines.empty());
}

std::string to_bytes(const MemoryRecord& record) {
    const auto fields = fields_of(record.what).value();
    std::string bytes{static_cast<char>(record.what)};
    if (fields.user)
        add_text(bytes, record.user);
    if (fields.uid)
        add_number(bytes, record.uid, 4);
    if (fields.thing)
        add_text(bytes, record.thing);
    if (fields.identity)
        add_text(bytes, record.identity);
    if (fields.lines) {
        add_number(bytes, static_cast<std::uint32_t>(record.lines.size()), 2);
        for (const auto& line : record.lines)
            std::for_each(line.begin(), line.end(),
                          [&bytes](std::byte byte) { bytes.push_back(static_cast<char>(byte)); });
    }
    return bytes;
}

std::size_t size_of(const MemoryRecord& record) {
    const auto fields = fields_of(record.what).value();
    const auto if_there = [](bool is_there, std::size_t size) { return is_there ? size : 0; };
    return 1 + if_there(fields.user, 1 + record.user.size()) + if_there(fields.uid, 4) +
           if_there(fields.thing, 1 + record.thing.size()) +
           if_there(fields.identity, 1 + record.identity.size()) +
           if_there(fields.lines, 2 + record.lines.size() * sizeof(LineHash));
}

std::optional<MemoryRecord> memory_record(std::string_view bytes) {
    Reader reader{bytes};
    MemoryRecord record;
    record.what = static_cast<What>(reader.number(1));
    const auto fields = fields_of(record.what);
    if (!fields)
        return std::nullopt;
    if (fields->user)
        record.user = reader.text();
    if (fields->uid)
        record.uid = reader.number(4);
    if (fields->thing)
        record.thing = reader.text();
    if (fields->identity)
        record.identity = reader.text();
    if (fields->lines)
        record.lines = reader.lines();
    if (!reader.is_done() || !is_within_limits(record))
        return std::nullopt;
    return record;
}

} // namespace sshpermd
