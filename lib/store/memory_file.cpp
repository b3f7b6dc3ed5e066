#include "store/memory_file.hpp"

#include "io/failure.hpp"
#include "io/transfer.hpp"
#include "record/memory_bytes.hpp"
#include "record/memory_record.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

constexpr const char* file_name = "memory";
constexpr const char* new_name = "memory.new";
constexpr std::size_t slack = 256UL << 10U;
/// Nobody has that many accounts; what is larger is not ours.
constexpr std::size_t largest = 1UL << 30U;

std::string read_memory(int fd) {
    auto bytes = read_all(fd, largest);
    if (!bytes)
        fail(errno, "cannot read the memory");
    return bytes->size() > largest ? "too large" : std::move(*bytes); // which is no head of ours
}

std::string words(MemoryLoad::Head head) {
    switch (head) {
    case MemoryLoad::Head::unreadable: return "it is damaged from its beginning on";
    case MemoryLoad::Head::another_version: return "another version of sshpermd wrote it";
    case MemoryLoad::Head::another_machine:
        return "it is another machine's, or of a boot without a machine-id";
    case MemoryLoad::Head::right:
    case MemoryLoad::Head::missing: break;
    }
    return {};
}

} // namespace

MemoryFile::MemoryFile(StateUse use, const std::string& dir, std::string machine)
    : use_(use), machine_(std::move(machine)) {
    try {
        load(dir);
    } catch (const std::system_error& error) {
        if (use_ == StateUse::change)
            throw;
        if (error.code() != std::errc::no_such_file_or_directory)
            trouble_ = std::string{"the memory is not read: "} + error.what();
    }
    if (use_ == StateUse::change)
        memory_.record_to([this](std::string_view record) { append(record); });
}

void MemoryFile::load(const std::string& dir) {
    dir_ = open_state_dir(use_, dir);
    if (!dir_)
        return;
    file_ = open_state_file(dir_.get(), file_name, use_);
    const auto bytes = read_memory(file_.get());
    auto loaded = load_memory(bytes, machine_);
    memory_ = std::move(loaded.memory);
    size_ = loaded.good;
    live_ = loaded.live;
    // What was emptied before an image was made of it loses nothing on the image's machines.
    const bool was_empty = loaded.head == MemoryLoad::Head::another_machine &&
                           bytes.size() == memory_head(machine_).size();
    if (const auto why = words(loaded.head); !why.empty() && !was_empty)
        trouble_ = "the memory begins empty: " + why;
    if (use_ == StateUse::look)
        return; // a torn tail may be just being written
    if (loaded.head != MemoryLoad::Head::right)
        return start_anew();
    if (loaded.good < bytes.size()) {
        trouble_ = "the memory was damaged: its last " +
                   std::to_string(bytes.size() - loaded.good) + " bytes were cut";
        may_append_ = ftruncate(file_.get(), static_cast<off_t>(loaded.good)) == 0;
        dirty_ = true;
    }
    is_rewrite_due_ = size_ > 4 * live_ + slack;
    dirty_ = dirty_ || is_rewrite_due_;
    if (!may_append_)
        take_whole();
}

void MemoryFile::start_anew() {
    const auto head = memory_head(machine_);
    may_append_ = ftruncate(file_.get(), 0) == 0;
    live_ = head.size();
    dirty_ = true;
    if (!may_append_ || !write_frame(head))
        take_whole();
}

void MemoryFile::append(std::string_view record) {
    const auto frame = memory_frame(record);
    const std::lock_guard lock{mutex_};
    const bool is_kept = write_frame(frame);
    if (whole_ || is_rewriting_)
        since_.append(frame);
    // `since_` may not grow for ever on a disk that stays full.
    const bool is_stale = whole_ && since_.size() > whole_->size() + slack;
    // The file, too, forgets: it may become part of an image.
    const bool is_of_all = record == to_bytes({MemoryRecord::What::forgot_all, {}, 0, {}, {}, {}});
    is_rewrite_due_ = is_rewrite_due_ || is_of_all || size_ > 4 * live_ + slack;
    if (is_stale || (is_of_all && whole_) ||
        ((!is_kept || is_whole_due_) && !is_rewriting_ && !whole_))
        take_whole();
    dirty_ = true;
}

/// One write. A record that got in half is taken out again, or all that follows would be lost.
bool MemoryFile::write_frame(std::string_view frame) {
    if (!may_append_)
        return false;
    errno = 0;
    const auto written = write_all(file_.get(), frame);
    if (written == frame.size()) {
        size_ += written;
        return true;
    }
    fail(errno, "cannot append to the memory");
    may_append_ = written == 0 || ftruncate(file_.get(), static_cast<off_t>(size_)) == 0;
    return false;
}

void MemoryFile::take_whole() {
    whole_ = memory_bytes(machine_, memory_);
    is_whole_due_ = false;
    since_.clear();
    dirty_ = true;
}

/// The first `size` bytes of the file, without what was overtaken since; nothing when they are not
/// what was recorded.
std::optional<std::string> MemoryFile::written_anew(std::size_t size) const {
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size;) {
        const auto got = pread(file_.get(), bytes.data() + at, size - at, static_cast<off_t>(at));
        if (got <= 0)
            return std::nullopt;
        at += static_cast<std::size_t>(got);
    }
    const auto loaded = load_memory(bytes, machine_);
    return loaded.good == size ? std::optional{memory_bytes(machine_, loaded.memory)}
                               : std::nullopt;
}

void MemoryFile::sync() {
    if (use_ == StateUse::look)
        return;
    const std::lock_guard disk{disk_mutex_};
    if (!dirty_.exchange(false))
        return;
    rewrite();
    make_durable();
}

void MemoryFile::rewrite() {
    std::unique_lock lock{mutex_};
    if (!whole_ && !is_rewrite_due_)
        return;
    is_rewriting_ = true;
    is_rewrite_due_ = false;
    auto taken = std::exchange(whole_, {});
    const auto size = size_;
    lock.unlock();
    if (!taken) {
        taken = written_anew(size);
        if (size > 4 * slack)
            malloc_trim(0); // all was in this thread's arena a second time, and is not needed again
    }
    if (!taken) {
        lock.lock();
        is_rewriting_ = false;
        is_whole_due_ = true; // when something is recorded next
        since_.clear();
        return;
    }
    auto whole = *std::move(taken);

    // Where a rewrite was cut off, its file is still there.
    unlinkat(dir_.get(), new_name, 0);
    UniqueFd fresh{openat(dir_.get(), new_name,
                          O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          mode_t{0600})};
    const bool is_written =
        fresh && write_all(fresh.get(), whole) == whole.size() && fdatasync(fresh.get()) == 0;
    const int error = errno;

    lock.lock();
    is_rewriting_ = false;
    if (!is_written || write_all(fresh.get(), since_) != since_.size() ||
        renameat(dir_.get(), new_name, dir_.get(), file_name) != 0) {
        fail(is_written ? errno : error, "cannot write the memory anew");
        unlinkat(dir_.get(), new_name, 0);
        whole_ = std::move(whole); // and since_ goes on from there
        dirty_ = true;
        return;
    }
    file_ = std::move(fresh);
    is_renamed_ = true;
    live_ = whole.size();
    size_ = live_ + std::exchange(since_, {}).size();
    may_append_ = true;
    has_failed_ = false;
}

void MemoryFile::make_durable() {
    const int file = file_.get(); // only rewrite() changes it, under disk_mutex_
    if (fdatasync(file) == 0 && (!is_renamed_ || fsync(dir_.get()) == 0)) {
        is_renamed_ = false;
        return;
    }
    const int error = errno;
    const std::lock_guard lock{mutex_};
    fail(error, "cannot write the memory to the disk");
    // Linux forgets which pages failed: only writing all of it again makes it true.
    may_append_ = false;
}

bool MemoryFile::is_failing() {
    const std::lock_guard guard{mutex_};
    return has_failed_;
}

void MemoryFile::fail(int error, const std::string& doing) {
    if (std::exchange(has_failed_, true))
        return;
    new_trouble_ =
        doing + ": " + std::generic_category().message(error) + "; what is new is kept in RAM only";
}

std::string MemoryFile::take_trouble() {
    const std::lock_guard lock{mutex_};
    return std::exchange(new_trouble_, {});
}

} // namespace sshpermd
