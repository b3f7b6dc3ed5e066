#include "store/in_flight.hpp"

#include "io/failure.hpp"
#include "io/unique_fd.hpp"
#include "record/change_slot.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace sshpermd {

struct FlightHead {
    std::uint64_t magic = 0;
    std::uint32_t version = 0;
    std::uint32_t slots = 0;
    std::uint32_t slot_bytes = 0;
    std::uint32_t reserved = 0;

    friend bool operator==(const FlightHead&, const FlightHead&) = default;
};

struct FlightCell {
    std::atomic<std::uint32_t> state;
    std::uint32_t reserved;
    ChangeSlot change;
};

namespace {

constexpr std::uint32_t slot_count = 1024;
constexpr std::uint64_t flight_magic = 0x31746c6670687373; // "sshpflt1"
constexpr std::uint32_t version = 1;

constexpr FlightHead our_head{flight_magic, version, slot_count, sizeof(FlightCell), 0};

// Another program maps the same bytes: a lock would lie in this one.
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

bool is_ours(int fd, std::size_t size) {
    struct stat about {};
    FlightHead head;
    return fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == 0 &&
           about.st_nlink == 1 && about.st_size == static_cast<off_t>(size) &&
           pread(fd, &head, sizeof head, 0) == static_cast<ssize_t>(sizeof head) &&
           head == our_head && fchmod(fd, 0600) == 0;
}

/// The head comes last: a file that is not finished makes no sense. All of it is allocated now,
/// because a full /run would be noticed by a signal later.
UniqueFd make(const std::string& path, std::size_t size) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT)
        fail(errno, "remove " + path);
    UniqueFd fd{open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!fd)
        fail(errno, "make " + path);
    if (const int error = posix_fallocate(fd.get(), 0, static_cast<off_t>(size)); error != 0)
        fail(error, "make room for " + path);
    if (pwrite(fd.get(), &our_head, sizeof our_head, 0) != static_cast<ssize_t>(sizeof our_head))
        fail(errno, "write " + path);
    return fd;
}

std::uint32_t number(SlotState state) { return static_cast<std::uint32_t>(state); }

} // namespace

struct InFlight::Page {
    FlightHead head;
    std::array<FlightCell, slot_count> cells;
};

InFlight::InFlight(const std::string& path) {
    UniqueFd fd{open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!fd || !is_ours(fd.get(), sizeof(Page)))
        fd = make(path, sizeof(Page));
    auto* const bytes =
        mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
    if (bytes == MAP_FAILED)
        fail(errno, "map " + path);
    page_ = static_cast<Page*>(bytes);
}

InFlight::~InFlight() { munmap(page_, sizeof(Page)); }

std::vector<InFlight::Leftover> InFlight::take_leftovers() {
    std::vector<Leftover> leftovers;
    for (Slot slot = 0; slot < slot_count; ++slot) {
        auto& cell = page_->cells[slot];
        const auto state = cell.state.load(std::memory_order_acquire);
        if (auto change = read_slot(state, cell.change)) {
            change->slot = slot;
            leftovers.push_back(std::move(*change));
        } else if (state != number(SlotState::free)) {
            free(slot);
        }
    }
    return leftovers;
}

std::optional<InFlight::Slot> InFlight::begin(const Report& report) {
    for (Slot tried = 0; tried < slot_count; ++tried) {
        const auto slot = next_;
        next_ = (next_ + 1) % slot_count;
        auto& cell = page_->cells[slot];
        if (cell.state.load(std::memory_order_acquire) != number(SlotState::free))
            continue;
        cell.state.store(number(SlotState::taken), std::memory_order_release);
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        note_begin(cell.change, report,
                   std::chrono::duration_cast<std::chrono::microseconds>(now).count());
        cell.state.store(number(SlotState::begun), std::memory_order_release);
        return slot;
    }
    ++without_slot_;
    return std::nullopt;
}

void InFlight::done(Slot slot, const Report& report) {
    if (!report.after)
        return;
    auto& cell = page_->cells.at(slot);
    note_done(cell.change, *report.after);
    cell.state.store(number(SlotState::done), std::memory_order_release);
}

void InFlight::free(Slot slot) {
    page_->cells.at(slot).state.store(number(SlotState::free), std::memory_order_release);
}

} // namespace sshpermd
