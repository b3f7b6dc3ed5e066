// What an intruder does with another's login while its files are open: plants a key, or a way to
// plant one later.
#pragma once

#include "accounts.hpp"
#include "adversary/attacker.hpp"
#include "ssh_server.hpp"

#include <string>
#include <vector>

namespace system_tests::adversary {

/// Who is robbed, and of what the intruder's process needs to know.
struct Scene {
    std::string home; ///< alice's
    std::string key;  ///< her key file
    std::string line; ///< the intruder's
};

/// How alice's files become everybody's.
enum class Opening {
    by_root,
    by_herself, ///< chmod -R 777 ~
    with_home_root,
    ssh_dir_later, ///< the home alone, and when it is closed again .ssh and the key
};

/// What the intruder, waiting as fast as he can, does in the moment when he may. Counts when he
/// has done it.
struct Intrusion {
    std::string name;
    Opening opening;
    /// A link to a file that nobody can write is accepted at once, whatever the modes beside it:
    /// only what lasts counts.
    bool counts_at_once;
    void (*act)(const Scene& scene, Shared& shared);
};

const std::vector<Intrusion>& intrusions();

/// Where the intruder's key lies in a file of root's that everybody may read.
inline constexpr const char* planted_by_root = "/srv/keys/mallory.pub";

/// The honest account as it was before: its home and key, other files of its own that the intruder
/// would like to see in their place, and an older home beside it. And what he has himself.
void furnish(const Account& alice, const Account& mallory, const std::string& intruders_line);

/// Alice's files become everybody's.
void open_up(const Account& alice, Opening opening);

/// Alice herself, who counts each moment in which sshd would let the intruder in: what auth.c and
/// misc.c of OpenSSH ask of the key file and the directories above it, done in the same order.
Busy::Act would_accept(const Scene& scene);

} // namespace system_tests::adversary
