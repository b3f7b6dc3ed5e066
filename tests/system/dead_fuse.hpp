// A FUSE file system whose server has stopped answering: whoever asks it anything waits in the
// kernel, where not even SIGKILL reaches.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

namespace system_tests {

/// Whom it answers: fuse.conf says who may mount one for everybody. Else root is told EACCES.
enum class FuseFor { everybody, its_user };

/// Speaks the protocol on /dev/fuse itself: answers the first message of the kernel, then nothing.
class DeadFuse {
  public:
    /// Throws std::system_error. A file is mounted over by a file.
    explicit DeadFuse(const std::filesystem::path& at, FuseFor whom = FuseFor::everybody);
    ~DeadFuse();
    DeadFuse(const DeadFuse&) = delete;
    DeadFuse& operator=(const DeadFuse&) = delete;

    /// Why there is none on this machine; empty when there is.
    static std::string why_not();

    /// How many requests wait for an answer that never comes.
    unsigned asked() const { return asked_; }

    /// Takes the mount away; who waits is told that the server is gone.
    void end();

  private:
    void serve();

    std::filesystem::path at_;
    int device_;
    std::atomic<bool> ending_ = false;
    std::atomic<bool> ready_ = false;
    std::atomic<unsigned> asked_ = 0;
    std::thread server_;
};

} // namespace system_tests
