// The memory's file: /var/lib/sshpermd/memory, appended to, cut where it is torn, rewritten when it
// has grown.
#pragma once

#include "record/memory.hpp"
#include "system/state_dir.hpp"
#include "system/unique_fd.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace sshpermd {

/// The memory of this machine, read when it is constructed. The head has a version and the
/// machine-id: the memory of another machine, or of an image before it was sealed, is none. Every
/// record carries a checksum; from the first that is torn or wrong the rest is cut.
class MemoryFile {
  public:
    /// With StateUse::look nothing is ever written, and a file that cannot be read is an empty
    /// memory. Throws std::system_error.
    explicit MemoryFile(StateUse use);
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() = default;

    Memory& memory() { return memory_; }

    /// Makes what was recorded outlast a power cut; does nothing when there is nothing new. For any
    /// thread; the only call that waits for the disk.
    void sync();

    /// What was lost, for one event at start: a torn tail, another machine's memory. Empty: nothing.
    const std::string& trouble() const { return trouble_; }

  private:
    void load();
    void append(std::string_view record);
    void rewrite();

    Memory memory_;
    StateUse use_;
    std::string trouble_;
    std::mutex mutex_;
    UniqueFd dir_;         ///< guarded by mutex_
    UniqueFd file_;        ///< guarded by mutex_
    std::size_t size_ = 0; ///< of the file
    std::size_t live_ = 0; ///< of what a rewrite would leave
    std::atomic<bool> dirty_{false};
};

} // namespace sshpermd
