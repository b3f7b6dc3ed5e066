// Remembering: the memory that the writing thread brings to the disk; another one after a reload.
#pragma once

#include "system/memory_file.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace sshpermd {

/// For any thread. A thread that hangs in a disk keeps the file it hangs in, and nothing else.
class Remembering {
  public:
    void use(std::shared_ptr<MemoryFile> file) {
        const std::lock_guard guard{mutex_};
        file_ = std::move(file);
    }

    void sync() {
        std::unique_lock guard{mutex_};
        const auto file = file_;
        guard.unlock();
        if (file)
            file->sync();
    }

  private:
    std::mutex mutex_;
    std::shared_ptr<MemoryFile> file_; ///< guarded by mutex_
};

} // namespace sshpermd
