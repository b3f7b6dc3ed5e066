// The event writer's three threads at once, and a reader of standard error who is slow or gone.
// Compiled with SSHPERMD_PLANTED_RACE it is the control of threads_test.sh.
#include "catch.hpp"

#include "../temp_home.hpp"
#include "events/daemon_event.hpp"
#include "events/event_writer.hpp"
#include "store/memory_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

using namespace sshpermd;

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

#ifdef SSHPERMD_PLANTED_RACE
using Count = unsigned;
#else
using Count = std::atomic<unsigned>;
#endif

/// Standard error as a pipe. Whoever writes to it is gone before this is.
class StandardError {
  public:
    StandardError() : before_{fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)} {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        reading_ = UniqueFd{ends[0]};
        const UniqueFd writing{ends[1]};
        REQUIRE(dup2(writing.get(), STDERR_FILENO) == STDERR_FILENO);
    }
    StandardError(const StandardError&) = delete;
    StandardError& operator=(const StandardError&) = delete;
    ~StandardError() { dup2(before_.get(), STDERR_FILENO); }

    /// Waits for so many lines, with a pause after every pipeful.
    void read_lines(std::size_t count, milliseconds pause) const {
        std::array<char, 65536> buffer{};
        for (std::size_t seen = 0; seen < count;) {
            const auto got = read(reading_.get(), buffer.data(), buffer.size());
            if (got <= 0)
                return;
            seen +=
                static_cast<std::size_t>(std::count(buffer.begin(), buffer.begin() + got, '\n'));
            std::this_thread::sleep_for(pause);
        }
    }

  private:
    UniqueFd before_;
    UniqueFd reading_;
};

/// A state directory with all that the daemon's writer has to do with.
class State {
  public:
    State() : dir_{open_state_dir(StateUse::change, path())} {
        REQUIRE(mkdirat(dir_.get(), "record", 0700) == 0);
    }

    std::string path() const { return root_.path() + "/state"; }
    UniqueFd open_record() const {
        return UniqueFd{openat(dir_.get(), "record", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }
    RecordFile record() const {
        return RecordFile{[again = path() + "/record"] {
            return UniqueFd{open(again.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        }};
    }
    std::size_t lines() const {
        std::size_t count = 0;
        read_record(open_record().get(), [&](std::string_view) { ++count; });
        return count;
    }

  private:
    TempRoot root_;
    UniqueFd dir_;
};

Report a_report() {
    Report report;
    report.target = sshpermd::Target::home;
    report.path = "/home/alice";
    report.expected = {Mode{0700}, 1001, 1001};
    report.observed = Observed{};
    report.after = report.observed;
    return report;
}

Event an_event() {
    return make_event(EventType::daemon_started, Severity::info, std::string(200, 'x'));
}

} // namespace

TEST_CASE("events are written, recorded, sent and their slots freed all at once", "[writer]") {
    constexpr std::size_t count = 4000;
    const State state;
    const auto memory = std::make_shared<MemoryFile>(StateUse::change, state.path(), "machine:x");
    const auto slots = state.path() + "/changes";
    const auto in_flight = std::make_shared<InFlight>(slots);
    const auto syncs = std::make_shared<Count>(0);
    const StandardError standard_error;
    std::thread reader{[&] { standard_error.read_lines(count, milliseconds{20}); }};

    unsigned seen = 0;
    {
        EventWriter writer{{false, true}, "1", state.record(), [memory, syncs] {
                               ++*syncs;
                               memory->sync();
                           }};
        for (std::size_t i = 0; i < count; ++i) {
            if (i % 10 == 0)
                writer.free_slots_of(in_flight); // as it is when the configuration is read again
            auto event = an_event();
            event.slot = in_flight->begin(a_report());
            if (event.slot)
                in_flight->done(*event.slot, a_report());
            writer.write(std::move(event));
            memory->memory().see({"user" + std::to_string(i), 1001, 1001, {}});
            if (memory->has_news())
                writer.sync_soon();
            seen = *syncs;
            if (i % 500 == 499) {
                CHECK(writer.wait_until_recorded(seconds{10}));
                std::this_thread::sleep_for(milliseconds{200});
            }
        }
    }
    reader.join();

    CHECK(seen > 0);
    CHECK(state.lines() == count);
    CHECK(InFlight{slots}.take_leftovers().empty());
    CHECK_FALSE(memory->has_news());
    CHECK(MemoryFile{StateUse::look, state.path(), "machine:x"}.memory() == memory->memory());
}

TEST_CASE("whoever does not read is left behind with his thread, which harms nobody", "[writer]") {
    constexpr std::size_t count = 1000;
    const State state;
    const StandardError standard_error;
    auto writer = std::make_unique<EventWriter>(LogTarget{false, true}, "1", state.record());
    for (std::size_t i = 0; i < count; ++i)
        writer->write(an_event());

    const auto begin = Clock::now();
    writer.reset();
    const auto took = Clock::now() - begin;

    CHECK(took > seconds{1}); // the reader was waited for
    CHECK(took < minutes{1}); // and not for ever
    CHECK(state.lines() == count);
    standard_error.read_lines(count, milliseconds{0}); // the thread that was left comes to its end
}
