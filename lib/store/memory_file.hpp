// The memory's file: /var/lib/sshpermd/memory, appended to, cut where it is torn, rewritten when it
// has grown.
#pragma once

#include "io/unique_fd.hpp"
#include "record/memory.hpp"
#include "store/machine_id.hpp"
#include "store/state_dir.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// The memory of this machine, read when it is constructed. The head has a version and the
/// machine-id: the memory of another machine, or of an image before it was sealed, is none. Every
/// record carries a checksum; from the first that is torn or wrong the rest is cut.
///
/// One writer at a time: whoever holds the repair lock. What cannot be written stays in RAM, and
/// sync() goes on trying to write all of it into a new file; take_trouble() says so.
class MemoryFile {
  public:
    /// With StateUse::look nothing is ever written, and a file that cannot be read is an empty
    /// memory. Throws std::system_error. Another `dir` or `machine` is for tests and images.
    explicit MemoryFile(StateUse use, const std::string& dir = state_path,
                        std::string machine = machine_id());
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() = default;

    StateUse use() const { return use_; }

    /// For one thread. Changing it never waits for the disk and never throws what the disk denies.
    Memory& memory() { return memory_; }

    /// Makes what was recorded outlast a power cut; does nothing when there is nothing new. For any
    /// thread; the only call that waits for the disk.
    void sync();

    /// What was lost, for one event at start: a torn tail, another machine's memory. Empty:
    /// nothing.
    const std::string& trouble() const { return trouble_; }

    /// What could not be written since the last call; once, however long it lasts. Empty: nothing.
    /// For any thread.
    std::string take_trouble();

    /// Does the disk still not take what could not be written? For any thread.
    bool is_failing();

    /// Is there something for sync() to do? For any thread.
    bool has_news() const { return dirty_; }

  private:
    void load(const std::string& dir);
    void start_anew();
    void append(std::string_view record);
    bool write_frame(std::string_view frame);
    void take_whole();
    std::optional<std::string> written_anew(std::size_t size) const;
    void rewrite();
    void make_durable();
    void fail(int error, const std::string& doing);

    Memory memory_;
    StateUse use_;
    std::string machine_;
    std::string trouble_;

    std::mutex disk_mutex_;  ///< held while waiting for the disk; locked before mutex_
    UniqueFd dir_;           ///< never changes
    bool is_renamed_ = true; ///< a name in it is not yet durable; guarded by disk_mutex_
    std::mutex mutex_;       ///< guards what follows; never held while waiting for the disk
    UniqueFd file_;          ///< changed with both mutexes held
    std::size_t size_ = 0;   ///< of the file
    std::size_t live_ = 0;   ///< of what the last rewrite left
    bool may_append_ =
        true; ///< does the file end with a whole record, so that one may be appended?
    /// sync() is to make a new file of what the old one says: of a hundred thousand accounts
    /// memory() must not be asked for all at once by whoever repairs.
    bool is_rewrite_due_ = false;
    bool is_whole_due_ = false;        ///< the old one does not say it
    std::optional<std::string> whole_; ///< then: bytes of a new file, to be written by sync()
    bool is_rewriting_ = false;
    std::string since_; ///< frames recorded since a rewrite was begun, or `whole_` taken
    std::string new_trouble_;
    bool has_failed_ = false; ///< and said so
    std::atomic<bool> dirty_{false};
};

} // namespace sshpermd
