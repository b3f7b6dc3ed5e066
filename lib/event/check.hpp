// Check: what check and repair found and did, one finding a target, as values that are printed,
// counted and sent over the socket.
#pragma once

#include "event/event.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// A Report without its pointers, in the words of the document (schema sshpermd.check/1).
struct CheckFinding {
    std::optional<std::string> user; ///< nothing for a home root
    std::string target;
    std::string path;
    std::string result; ///< compliant, drift, refused, missing; error: could not be looked at
    std::vector<std::string> reasons;
    std::string
        why; ///< of a refusal, half a sentence for a person; of what is withheld, what to do
    std::optional<bool> blocks_login;
    bool exposed = false;
    std::optional<Attributes> observed;
    std::string type; ///< of what was observed
    Attributes expected;
    std::optional<Attributes> after; ///< looked at again after a repair
    std::string action;
    std::optional<EventError> error;
    std::optional<ContentFacts> content;   ///< of an exposed chain
    bool managed = false;                  ///< root's, and it lets its account log in
    std::vector<std::string> loses_access; ///< who, if it were repaired: half a sentence each
    std::string kept_by;                   ///< the override that would keep it as it is, JSON
};

CheckFinding check_finding(const Report& report, const Accounts& accounts);

/// As is_settled() of the report.
bool is_settled(const CheckFinding& finding);

/// How many targets came out how.
struct CheckSummary {
    std::size_t users = 0;
    std::size_t compliant = 0;
    std::size_t drift = 0; ///< found, whether or not it was repaired
    std::size_t refused = 0;
    std::size_t missing = 0;
    std::size_t errors = 0;
    std::size_t repaired = 0;
    std::size_t withheld = 0;

    void count(const CheckFinding& finding);
    CheckSummary& operator+=(const CheckSummary& other);
};

struct Check {
    std::vector<CheckFinding> findings;
    CheckSummary summary; ///< also of findings that were left out
    std::string relabel;  ///< of an image: a relabelling was, or would be, requested; else empty

    /// Counts it, too.
    void add(CheckFinding finding);

    /// What another part of the same survey found.
    void add_all(Check part);
};

} // namespace sshpermd
