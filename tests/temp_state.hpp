// A state directory in a throw-away place, and the memory in it. Needs root.
#pragma once

#include "catch.hpp"
#include "store/memory_file.hpp"
#include "temp_home.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

namespace sshpermd {

/// A state directory that goes away in the end.
class TempState {
  public:
    static constexpr const char* this_machine = "machine:0123456789abcdef0123456789abcdef";

    std::string dir() const { return root_.path() + "/state"; }
    std::string file() const { return dir() + "/memory"; }

    MemoryFile open(StateUse use = StateUse::change, const char* machine = this_machine) const {
        return MemoryFile{use, dir(), machine};
    }
    std::string bytes() const {
        std::ifstream in{file(), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    void add(const std::string& bytes) const {
        std::ofstream{file(), std::ios::binary | std::ios::app} << bytes;
    }

  private:
    TempRoot root_;
};

inline unsigned mode_of(const std::string& path) {
    struct stat about {};
    REQUIRE(lstat(path.c_str(), &about) == 0);
    return about.st_mode & 07777U;
}

} // namespace sshpermd
