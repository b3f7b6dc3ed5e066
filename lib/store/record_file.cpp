#include "store/record_file.hpp"

#include "io/directory.hpp"
#include "io/failure.hpp"
#include "io/transfer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace sshpermd {
namespace {

constexpr const char* dir_name = "record";
constexpr int open_flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
constexpr std::size_t step = 64U << 10U; ///< of reading

class Locked {
  public:
    explicit Locked(int fd) : fd_(fd) {
        if (flock(fd, LOCK_EX) != 0)
            fail(errno, "lock the record");
    }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
    ~Locked() { flock(fd_, LOCK_UN); }

  private:
    int fd_;
};

struct stat look_at(int fd) {
    struct stat about {};
    if (fstat(fd, &about) != 0)
        fail(errno, "look at the record");
    return about;
}

std::vector<std::uint64_t> segments_in(int dir) {
    std::vector<std::uint64_t> numbers;
    const auto note = [&](const dirent& entry) {
        if (const auto number = segment_number(entry.d_name))
            numbers.push_back(*number);
        return true;
    };
    UniqueFd again{openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (const int error = for_each_entry(std::move(again), note); error != 0)
        fail(error, "list the record");
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

/// As much as there is, up to `most` bytes from `offset`.
std::string read_at(int fd, std::size_t offset, std::size_t most) {
    std::string bytes(most, '\0');
    std::size_t size = 0;
    while (size < most) {
        const auto got =
            pread(fd, bytes.data() + size, most - size, static_cast<off_t>(offset + size));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail(errno, "read the record");
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return bytes;
}

bool has_zeros(int fd, std::size_t size) {
    for (std::size_t at = 0; at < size; at += step)
        if (read_at(fd, at, step).find('\0') != std::string::npos)
            return true;
    return false;
}

} // namespace

UniqueFd open_record_dir(StateUse use) {
    const auto state = open_state_dir(use);
    if (!state)
        return {};
    if (use == StateUse::change && mkdirat(state.get(), dir_name, 0700) != 0 && errno != EEXIST)
        fail(errno, "make the record's directory");
    UniqueFd dir{openat(state.get(), dir_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!dir && (errno != ENOENT || use == StateUse::change))
        fail(errno, "open the record's directory");
    return dir;
}

RecordFile::RecordFile(OpenDir open_dir, RecordRing ring)
    : open_dir_(std::move(open_dir)), ring_(ring) {}

void RecordFile::append(std::string_view lines) {
    if (lines.empty())
        return;
    try {
        leave_what_is_stale();
        if (!dir_)
            dir_ = open_dir_();
        const Locked locked{dir_.get()};
        if (!segment_ || faccessat(dir_.get(), segment_name(number_ + 1).c_str(), F_OK, 0) == 0)
            open_newest();
        auto size = cut_torn_line();
        if (size > 0 && size + lines.size() > ring_.segment_bytes) {
            begin_next();
            size = cut_torn_line();
        }
        dirty_ = true;
        if (write_all(segment_.get(), lines) != lines.size()) {
            const int error = errno;
            if (ftruncate(segment_.get(), static_cast<off_t>(size)) != 0)
                fail(errno, "take back half a write to the record");
            fail(error, "write the record");
        }
    } catch (...) {
        let_go();
        throw;
    }
}

/// Somebody may have removed or replaced what is open.
void RecordFile::leave_what_is_stale() {
    const bool is_gone = (dir_ && look_at(dir_.get()).st_nlink == 0) ||
                         (segment_ && look_at(segment_.get()).st_nlink == 0);
    if (is_gone)
        let_go();
}

void RecordFile::let_go() {
    if (segment_ && dirty_)
        fdatasync(segment_.get()); // its error is the one that is thrown, or the next
    segment_ = UniqueFd{};
    dir_ = UniqueFd{};
    dirty_ = false;
    dir_dirty_ = false;
}

bool RecordFile::open_segment(std::uint64_t number) {
    const auto name = segment_name(number);
    UniqueFd fd{openat(dir_.get(), name.c_str(), O_RDWR | O_APPEND | O_CREAT | open_flags, 0600)};
    if (!fd) {
        if (errno == ELOOP || errno == EISDIR || errno == ENXIO)
            return false;
        fail(errno, "open the record");
    }
    const auto about = look_at(fd.get());
    if (!S_ISREG(about.st_mode) || about.st_nlink != 1 || about.st_uid != 0)
        return false;
    if (segment_ && dirty_)
        fdatasync(segment_.get());
    dir_dirty_ = dir_dirty_ || about.st_size == 0;
    segment_ = std::move(fd);
    number_ = number;
    return true;
}

/// A name that stands for anything but a file of ours is passed over.
void RecordFile::open_newest() {
    const auto numbers = segments_in(dir_.get());
    const auto newest = numbers.empty() ? 1 : numbers.back();
    if (!open_segment(newest) && !open_segment(newest + 1))
        fail(EEXIST, "open the record");
    leave_out_lost_pages();
}

/// A page that a power cut kept from the disk is zeros, while later ones can be there: the lines
/// that it had a part of are lost, those behind it are not.
void RecordFile::leave_out_lost_pages() {
    const auto size = static_cast<std::size_t>(look_at(segment_.get()).st_size);
    if (!has_zeros(segment_.get(), size))
        return;
    const auto bytes = read_at(segment_.get(), 0, size);
    std::string whole;
    for (const auto line : record_lines(bytes))
        whole.append(line) += '\n';
    write_state_file(dir_.get(), segment_name(number_), whole);
    if (!open_segment(number_))
        fail(EEXIST, "open the record");
}

std::size_t RecordFile::cut_torn_line() {
    const auto size = static_cast<std::size_t>(look_at(segment_.get()).st_size);
    if (size == 0 || read_at(segment_.get(), size - 1, 1) == "\n")
        return size;
    auto end = size;
    std::size_t whole = 0;
    while (end > 0 && whole == 0) {
        const auto begin = end > step ? end - step : 0;
        whole = whole_lines(read_at(segment_.get(), begin, end - begin));
        whole += whole > 0 ? begin : 0;
        end = begin;
    }
    if (ftruncate(segment_.get(), static_cast<off_t>(whole)) != 0)
        fail(errno, "cut a torn line off the record");
    return whole;
}

void RecordFile::begin_next() {
    if (!open_segment(number_ + 1))
        fail(EEXIST, "begin another segment of the record");
    auto numbers = segments_in(dir_.get());
    const auto excess = numbers.size() - std::min(numbers.size(), ring_.segments);
    numbers.resize(excess);
    for (const auto number : numbers)
        if (number != number_)
            unlinkat(dir_.get(), segment_name(number).c_str(), 0); // tried again at the next
}

void RecordFile::sync() {
    if (!std::exchange(dirty_, false) || !segment_)
        return;
    if (std::exchange(dir_dirty_, false) && fsync(dir_.get()) != 0)
        fail(errno, "make the record's directory durable");
    if (fdatasync(segment_.get()) != 0)
        fail(errno, "make the record durable");
}

void read_record(int dir, const std::function<void(std::string_view line)>& each) {
    constexpr std::size_t most = 2 * RecordRing{}.segment_bytes;
    for (const auto number : segments_in(dir)) {
        const UniqueFd fd{openat(dir, segment_name(number).c_str(), O_RDONLY | open_flags)};
        if (!fd && errno != ENOENT && errno != ELOOP && errno != ENXIO)
            fail(errno, "open a segment of the record");
        if (!fd || !S_ISREG(look_at(fd.get()).st_mode))
            continue;
        const auto size = static_cast<std::size_t>(look_at(fd.get()).st_size);
        const auto bytes = read_at(fd.get(), 0, std::min(size, most));
        for (const auto line : record_lines(bytes))
            each(line);
    }
}

} // namespace sshpermd
