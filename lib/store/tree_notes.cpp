#include "store/tree_notes.hpp"

#include "io/failure.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <system_error>

namespace sshpermd {
namespace {

constexpr std::uint64_t magic = 0x3265657274737373; // "ssstree2"

/// The compiler must not move what is noted behind the system call that it is about.
void settle() { std::atomic_signal_fence(std::memory_order_seq_cst); }

} // namespace

struct TreeNotes::File {
    std::uint64_t magic;
    TreePage page;
};

TreeNotes::TreeNotes(const std::string& path)
    : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600)) {
    struct stat about {};
    if (!fd_ || fstat(fd_.get(), &about) != 0)
        fail(errno, "open " + path);
    if (!S_ISREG(about.st_mode) || about.st_uid != 0 || about.st_nlink != 1)
        fail(EPERM, "use " + path);
    if (fchmod(fd_.get(), 0600) != 0)
        fail(errno, "close to others " + path);
    if (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0)
        fail(errno, "lock " + path);
    // All of it is allocated now, because a full /run would be noticed by a signal later.
    if (const int error = posix_fallocate(fd_.get(), 0, sizeof(File)); error != 0)
        fail(error, "make room for " + path);
    auto* const bytes = mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_POPULATE, fd_.get(), 0);
    if (bytes == MAP_FAILED)
        fail(errno, "map " + path);
    file_ = static_cast<File*>(bytes);
    if (file_->magic != magic) {
        forget();
        file_->magic = magic;
    }
}

TreeNotes::~TreeNotes() { munmap(file_, sizeof(File)); }

std::optional<TreeLeftover> TreeNotes::leftover() const {
    auto leftover = read_page(file_->page);
    return leftover && !leftover->is_nothing() ? std::move(leftover) : std::nullopt;
}

void TreeNotes::forget() {
    file_->page.is_held = 0;
    file_->page.changed = 0;
    file_->page.is_made = 0;
    settle();
}

void TreeNotes::begin(const TreeOwner& whose) {
    forget();
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    file_->page.time_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    note_owner(file_->page, whose);
}

void TreeNotes::hold(std::string_view path, const Observed& was) {
    note_held(file_->page, path, was);
    settle();
    file_->page.is_held = 1;
    settle();
}

void TreeNotes::give_back() {
    settle();
    file_->page.is_held = 0;
}

void TreeNotes::make(const MadeDirectory& made) {
    note_made(file_->page, made);
    settle();
    file_->page.is_made = made_word(made.target);
    settle();
}

void TreeNotes::made() {
    settle();
    file_->page.is_made = 0;
}

void TreeNotes::note(const TreeChange& change) {
    file_->page.changes.at(file_->page.changed) = change;
    settle();
    ++file_->page.changed;
    settle();
}

void TreeNotes::take_back() { --file_->page.changed; }

bool TreeNotes::is_full() const { return file_->page.changed == tree_changes; }

std::span<const TreeChange> TreeNotes::changes() const {
    return std::span{file_->page.changes}.first(file_->page.changed);
}

void TreeNotes::clear() { file_->page.changed = 0; }

} // namespace sshpermd
