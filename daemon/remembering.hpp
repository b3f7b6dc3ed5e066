// Remembering: what the writing thread brings to the disk, the memory and the configuration in
// force.
#pragma once

#include "policy/config.hpp"
#include "store/accepted_config.hpp"
#include "store/memory_file.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace sshpermd {

/// For any thread. A thread that hangs in a disk keeps the file it hangs in, and nothing else.
class Remembering {
  public:
    void use(std::shared_ptr<MemoryFile> file) {
        const std::lock_guard guard{mutex_};
        file_ = std::move(file);
    }

    /// A configuration has been taken into force: it is kept for a start at which another cannot.
    void accept(const Config& config, const std::optional<std::string>& named) {
        const std::lock_guard guard{mutex_};
        accepted_ = Accepted{config, named};
    }

    void sync() {
        std::unique_lock guard{mutex_};
        const auto file = file_;
        const auto accepted = std::exchange(accepted_, {});
        guard.unlock();
        if (accepted)
            keep(*accepted);
        if (file)
            file->sync();
    }

    /// Why a configuration could not be kept, once; empty when it could.
    std::string take_trouble() {
        const std::lock_guard guard{mutex_};
        return std::exchange(trouble_, {});
    }

  private:
    struct Accepted {
        Config config;
        std::optional<std::string> named;
    };

    void keep(const Accepted& accepted) {
        try {
            keep_accepted(accepted.config, accepted.named);
        } catch (const std::system_error& error) {
            const std::lock_guard guard{mutex_};
            trouble_ = error.what();
        }
    }

    std::mutex mutex_;
    std::shared_ptr<MemoryFile> file_; ///< guarded by mutex_, as the others
    std::optional<Accepted> accepted_;
    std::string trouble_;
};

} // namespace sshpermd
