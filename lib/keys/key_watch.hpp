// Key watch: which keys came into key files and went since they were last read, and which lines of
// them sshd ignores.
#pragma once

#include "keys/key_list.hpp"
#include "policy/packed.hpp"
#include "policy/rare.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// What is new about one key file.
struct KeyNews {
    struct Line {
        std::size_t number = 0; ///< from 1
        Ignored why = Ignored::not_a_key;
        friend bool operator==(const Line&, const Line&) = default;
    };

    std::string file;                  ///< its name in `.ssh`
    std::vector<std::string> appeared; ///< fingerprints of keys that sshd takes
    std::vector<std::string> gone;
    std::vector<Line> ignored; ///< all that sshd ignores now, if that is new
    std::size_t accepted = 0;  ///< keys that sshd takes now

    bool is_change() const { return !appeared.empty() || !gone.empty(); }
    bool is_unusable() const { return !ignored.empty(); }
};

/// Remembers what was last read of one account's key files. The first reading of a file has no
/// keys that appeared. Of a file with more than most_keys keys none are remembered or told.
class KeyWatch {
  public:
    static constexpr std::size_t most_keys = 256;

    void read(const std::string& file, std::string_view text, const KeyRules& rules);

    /// It was added by an operator, and that was told.
    void expect(const std::string& file, const std::string& fingerprint);

    /// Since this was called last.
    std::vector<KeyNews> take_news();

  private:
    struct State {
        std::string file;
        std::vector<std::string> fingerprints; ///< sorted, each once; none unless is_whole
        std::vector<Ignored> ignored;          ///< in the order of the file, wherever the lines are
        bool is_whole = true;                  ///< not more than most_keys
    };
    using States = std::vector<State>;

    static States unpack(std::string_view packed);
    static std::string pack(const States& files);
    static State* find(States& files, const std::string& file);

    PackedBytes files_; ///< of a hundred thousand accounts nearly all have one, with a key or two
    Rare<std::vector<KeyNews>> news_; ///< since they were taken
};

} // namespace sshpermd
