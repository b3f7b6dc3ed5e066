// Requests: what an operator can ask of the daemon, and the sentences for what cannot be done.
#pragma once

#include "finding/finding.hpp"
#include "policy/account.hpp"
#include "policy/config.hpp"
#include "policy/target.hpp"
#include "record/memory.hpp"
#include "record/trust.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// Look at these accounts and their home roots now, and repair what may be repaired.
struct RepairRequest {
    std::vector<std::string> users;           ///< empty: everybody
    bool take_ownership = false;              ///< the operator's word for the owner rule
    std::optional<std::string> trust_content; ///< and for what is in a key file, by its hash

    friend bool operator==(const RepairRequest&, const RepairRequest&) = default;
};

/// Remember nothing of these accounts.
struct ForgetRequest {
    std::vector<std::string> users; ///< empty: everybody

    friend bool operator==(const ForgetRequest&, const ForgetRequest&) = default;
};

/// Look at these accounts and their home roots now, and change nothing.
struct CheckRequest {
    std::vector<std::string> users; ///< empty: everybody

    friend bool operator==(const CheckRequest&, const CheckRequest&) = default;
};

/// Repair nothing for a while.
struct PauseRequest {
    static constexpr std::chrono::milliseconds shortest{1'000};
    static constexpr std::chrono::milliseconds longest{24 * 3'600'000};
    static constexpr std::size_t longest_reason = 200; ///< bytes

    std::chrono::milliseconds length{0};
    std::string reason;

    friend bool operator==(const PauseRequest&, const PauseRequest&) = default;
};

/// Let a key in.
struct AddKeyRequest {
    std::string user;
    std::string file; ///< the key file's name in `.ssh`
    std::string key;  ///< one line

    friend bool operator==(const AddKeyRequest&, const AddKeyRequest&) = default;
};

/// Take one repair back. Whoever sends it has it from the record; what it asks for is judged again.
struct UndoRequest {
    std::string event; ///< the id of the repair's
    std::string user;  ///< empty: of a home root
    Target target = Target::home;
    std::string path;   ///< of a home root; of all else for people
    std::string handle; ///< which object, as hexadecimal digits
    Expected before;    ///< as the repair found it, and as it is to be again
    Expected after;     ///< as the repair left it

    friend bool operator==(const UndoRequest&, const UndoRequest&) = default;
};

/// A request that is not one; what() says where it is wrong and what is allowed there.
class RequestError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The largest request in bytes.
inline constexpr std::size_t max_request = 8192;

/// Reads one JSON object; no text at all asks for everybody. What is unknown is refused: a
/// misspelt "users" must not mean everybody. Throws RequestError.
RepairRequest parse_repair_request(std::string_view text);
ForgetRequest parse_forget_request(std::string_view text);
CheckRequest parse_check_request(std::string_view text);

/// All members are needed.
AddKeyRequest parse_add_key_request(std::string_view text);

/// The same; `user` is null for a home root.
UndoRequest parse_undo_request(std::string_view text);

/// Both members are needed: who reads of a pause wants to know why.
PauseRequest parse_pause_request(std::string_view text);

/// For a request that says nothing: no text, or an empty object. Throws RequestError.
void require_empty(std::string_view text);

/// The operator's word as a round takes it; a hash in base 16 is turned into ssh-keygen's form.
Word word_of(const RepairRequest& request);

void forget_in(Memory& memory, const ForgetRequest& request);

/// The document that parses back to the request.
std::string to_json(const RepairRequest& request);
std::string to_json(const ForgetRequest& request);
std::string to_json(const CheckRequest& request);
std::string to_json(const PauseRequest& request);
std::string to_json(const AddKeyRequest& request);
std::string to_json(const UndoRequest& request);

/// "SHA256:" and 43 digits of base64 (as ssh-keygen prints it) or 64 of base 16.
bool is_content_hash(std::string_view text);

/// Why sshpermd does not look after a name that somebody gave: a sentence.
std::string why_unknown(const std::string& user, const Accounts& accounts, const Config& config,
                        uid_t uid_min);

} // namespace sshpermd
