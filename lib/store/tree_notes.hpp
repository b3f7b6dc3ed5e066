// Tree notes: the tree page in /run, where SIGKILL does not reach.
#pragma once

#include "io/unique_fd.hpp"
#include "record/tree_page.hpp"

#include <atomic>
#include <optional>
#include <span>
#include <string>

namespace sshpermd {

inline constexpr const char* tree_path = "/run/sshpermd/tree";

/// One page, mapped into memory: noting a change costs no system call. Its file is locked as long
/// as this lives, so there is one walk at a time on a machine, or one who
/// makes a home, daemon or not.
class TreeNotes {
  public:
    /// Throws std::system_error; with EWOULDBLOCK while another walk is under way.
    explicit TreeNotes(const std::string& path = tree_path);
    TreeNotes(const TreeNotes&) = delete;
    TreeNotes& operator=(const TreeNotes&) = delete;
    ~TreeNotes();

    /// What was left by one that was killed; kept until it is forgotten.
    std::optional<TreeLeftover> leftover() const;

    /// Nothing is noted any more.
    void forget();

    /// Before all else. Forgets what was noted.
    void begin(const TreeOwner& whose);

    /// Before a directory is held, and after it was given back.
    void hold(std::string_view path, const Observed& was);
    void give_back();

    /// Before a change; take_back() when it failed. Pre: not full.
    void note(const TreeChange& change);
    void take_back();
    bool is_full() const;

    /// Before a directory of the owner's is put in its place, and when that is on record, or
    /// failed.
    void make(const MadeDirectory& made);
    void made();

    /// What was noted, until it is recorded and cleared.
    std::span<const TreeChange> changes() const;
    void clear();

  private:
    struct File;

    UniqueFd fd_;
    File* file_ = nullptr;
};

} // namespace sshpermd
