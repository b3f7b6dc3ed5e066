#include "store/record_reader.hpp"

#include "event/event_json.hpp"
#include "io/directory.hpp"
#include "io/failure.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace sshpermd {
namespace {

constexpr std::size_t largest_segment = 2 * RecordRing{}.segment_bytes;

/// In order; none for a directory that is not there.
std::vector<std::uint64_t> segments_of(int dir) {
    std::vector<std::uint64_t> numbers;
    if (dir < 0)
        return numbers;
    UniqueFd again{openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const int error = for_each_entry(std::move(again), [&](const dirent& entry) {
        if (const auto number = segment_number(entry.d_name))
            numbers.push_back(*number);
        return true;
    });
    if (error != 0)
        fail(error, "list the record");
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

std::vector<std::uint64_t> newest_first(int dir) {
    auto segments = segments_of(dir);
    std::reverse(segments.begin(), segments.end());
    return segments;
}

/// Up to `most` bytes of a segment from an offset on; nothing of one that has gone meanwhile, or is
/// no file.
std::string bytes_of(int dir, const RecordPlace& place, std::size_t most) {
    const UniqueFd fd{openat(dir, segment_name(place.segment).c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!fd && errno != ENOENT && errno != ELOOP && errno != ENXIO)
        fail(errno, "open a segment of the record");
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return {};
    const auto size = static_cast<std::size_t>(about.st_size);
    std::string bytes(std::min(most, size - std::min(size, place.offset)), '\0');
    std::size_t got = 0;
    while (got < bytes.size()) {
        const auto count = pread(fd.get(), bytes.data() + got, bytes.size() - got,
                                 static_cast<off_t>(place.offset + got));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            fail(errno, "read the record");
        if (count == 0)
            break;
        got += static_cast<std::size_t>(count);
    }
    bytes.resize(got);
    return bytes;
}

std::string whole_segment(int dir, std::uint64_t number) {
    auto bytes = bytes_of(dir, {number, 0}, largest_segment);
    bytes.resize(whole_lines(bytes));
    return bytes;
}

/// Somebody has removed what the place was in, and the daemon begun anew.
bool is_another_record(int dir, const std::vector<std::uint64_t>& segments,
                       const RecordPlace& place) {
    struct stat about {};
    if (segments.empty() || segments.back() < place.segment)
        return !segments.empty();
    return fstatat(dir, segment_name(place.segment).c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           static_cast<std::size_t>(about.st_size) < place.offset;
}

std::string_view time_of(std::string_view line) {
    constexpr std::string_view key = "\"time\":\"";
    constexpr std::size_t length = 27; // 2026-11-21T09:00:00.000000Z
    const auto at = line.find(key);
    return at == std::string_view::npos ? std::string_view{} : line.substr(at + key.size(), length);
}

} // namespace

bool has_event_form(std::string_view line) {
    return line.size() <= max_line &&
           line.starts_with("{\"schema\":\"sshpermd.event/1\",\"id\":\"") && line.ends_with('}') &&
           std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

RecordPlace RecordReader::end() const {
    const auto dir = open_dir_();
    const auto segments = segments_of(dir.get());
    if (segments.empty())
        return {};
    return {segments.back(), whole_segment(dir.get(), segments.back()).size()};
}

RecordPlace RecordReader::before_last(std::size_t lines) const {
    const auto dir = open_dir_();
    const auto segments = newest_first(dir.get());
    if (segments.empty())
        return {};
    for (const auto number : segments) {
        const auto bytes = whole_segment(dir.get(), number);
        for (auto end = bytes.size(); end > 0;) {
            if (lines == 0)
                return {number, end};
            const auto before = end < 2 ? std::string::npos : bytes.rfind('\n', end - 2);
            end = before == std::string::npos ? 0 : before + 1;
            --lines;
        }
        if (lines == 0)
            return {number, 0};
    }
    return {segments.back(), 0};
}

std::optional<RecordPlace> RecordReader::behind(std::string_view id) const {
    const auto dir = open_dir_();
    const auto begin = "{\"schema\":\"sshpermd.event/1\",\"id\":\"" + std::string{id} + "\"";
    for (const auto number : newest_first(dir.get())) {
        const auto bytes = whole_segment(dir.get(), number);
        const auto at = bytes.find(begin);
        if (at != std::string::npos)
            return RecordPlace{number, bytes.find('\n', at) + 1};
    }
    return std::nullopt;
}

RecordPlace RecordReader::from(std::string_view time) const {
    const auto dir = open_dir_();
    const auto segments = segments_of(dir.get());
    for (auto number = segments.rbegin(); number != segments.rend(); ++number) {
        const auto head = bytes_of(dir.get(), {*number, 0}, max_line + 1);
        const bool is_newer = time_of(head.substr(0, head.find('\n'))) >= time;
        if (is_newer && number + 1 != segments.rend())
            continue;
        const auto bytes = whole_segment(dir.get(), *number);
        for (std::size_t at = 0; at < bytes.size(); at = bytes.find('\n', at) + 1)
            if (time_of(std::string_view{bytes}.substr(at, max_line)) >= time)
                return {*number, at};
        return {*number, bytes.size()};
    }
    return {};
}

std::optional<RecordReader::Lines> RecordReader::read(RecordPlace& place, std::size_t most_bytes,
                                                      std::size_t most_lines) const {
    const auto dir = open_dir_();
    Lines lines;
    lines.is_all = true;
    if (!dir)
        return lines;
    const UniqueFd lock{openat(dir.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (flock(lock.get(), LOCK_SH | LOCK_NB) != 0)
        return std::nullopt;
    const auto segments = segments_of(dir.get());
    if (is_another_record(dir.get(), segments, place))
        place = {};
    for (const auto number : segments) {
        if (number < place.segment)
            continue;
        if (number != place.segment)
            place = {number, 0};
        const auto bytes = bytes_of(dir.get(), place, most_bytes);
        std::string_view left{bytes};
        left = left.substr(0, whole_lines(left));
        for (; !left.empty() && most_lines > 0; left.remove_prefix(left.find('\n') + 1)) {
            const auto line = left.substr(0, left.find('\n'));
            place.offset += line.size() + 1;
            if (!has_event_form(line))
                continue;
            lines.text.append(line).append("\n");
            --most_lines;
        }
        most_bytes -= std::min(most_bytes, bytes.size());
        if (most_lines == 0 || most_bytes <= max_line) {
            lines.is_all = false;
            return lines;
        }
    }
    return lines;
}

} // namespace sshpermd
