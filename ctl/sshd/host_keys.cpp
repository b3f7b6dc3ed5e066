// Step of `repair --sshd`: the host keys.
#include "event/text.hpp"
#include "explain/config_lines.hpp"
#include "io/small_file.hpp"
#include "keys/key_file.hpp"
#include "policy/fields.hpp"
#include "policy/sshd_config.hpp"
#include "sshd/bench.hpp"
#include "system/clock_digits.hpp"
#include "system/content.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

namespace sshpermd {
namespace {

constexpr Inquirer::Limits while_keys_are_made{std::chrono::seconds{120}, std::size_t{64} << 10U};
constexpr std::size_t longest_key = std::size_t{64} << 10U;
constexpr unsigned for_others = 0077;
constexpr unsigned others_but_group_reads = 0037;

/// Red Hat's, of ssh-keysign: its group may read host keys there.
std::optional<gid_t> key_group() {
    const auto groups = read_small_file("/etc/group").value_or("");
    for (const auto line : fields_of(groups, "\n")) {
        auto rest = line;
        if (take_field(rest, ":") != "ssh_keys")
            continue;
        take_field(rest, ":");
        if (const auto id = decimal(take_field(rest, ":")))
            return static_cast<gid_t>(*id);
    }
    return std::nullopt;
}

std::string to_renew(const std::string& path) {
    return "mv " + shell_word(path) + " " + shell_word(path + ".old") +
           " && sshpermctl repair --sshd";
}

/// Can sshd read a key in it?
bool holds_key(const Handle& file) {
    const auto text = read_beginning(file, longest_key);
    const auto reading = read_key(text, {KeyRules{}.required_rsa_bits, clock_digits()});
    const bool is_readable = reading.format == KeyFormat::openssh_private ||
                             reading.format == KeyFormat::pem_private ||
                             reading.format == KeyFormat::pkcs8_private;
    return is_readable && !reading.is_encrypted && reading.key && !reading.flaw;
}

class HostKeys {
  public:
    explicit HostKeys(SshdBench& bench) : bench_(bench) { find(); }

    void run() {
        const auto before = bench_.steps().size();
        for (const auto& path : paths_)
            look(path);
        // Of those that nobody has asked for, one is enough: sshd does without the others.
        if (are_asked_for_ || usable_ == 0)
            for (const auto& path : missing_)
                make(path);
        if (bench_.steps().size() == before)
            bench_.add(step_of("host_keys", SshdResult::ok, {},
                               std::to_string(usable_) + " can be used, by root alone"));
    }

  private:
    void find() {
        std::string texts;
        for (const auto& path : sshd_config_paths(bench_))
            texts += read_small_file(path).value_or("") + "\n";
        paths_ = host_keys_in(texts);
        are_asked_for_ = !paths_.empty();
        if (const auto settings = bench_.settings())
            paths_ = host_keys_in(*settings);
        if (paths_.empty())
            for (const auto* const type : {"rsa", "ecdsa", "ed25519"})
                paths_.push_back(std::string{"/etc/ssh/ssh_host_"} + type + "_key");
    }

    void look(const std::string& path) {
        try {
            const auto held = hold_root_file(bench_.kernel(), path);
            if (!held || std::holds_alternative<Refusal>(held->found))
                bench_.add(step_of("host_keys", SshdResult::left, path,
                                   "it, or a directory on the way to it, is a link or missing",
                                   "ls -l " + shell_word(path)));
            else if (const auto* const file = std::get_if<Handle>(&held->found))
                judge(path, *file);
            else
                missing_.push_back(path);
        } catch (const std::system_error& error) {
            bench_.add(step_of("host_keys", SshdResult::failed, path, error.what()));
        }
    }

    void judge(const std::string& path, const Handle& file) {
        const auto was = file.observe();
        if (was.type != FileType::file || was.links > 1)
            return bench_.add(step_of("host_keys", SshdResult::left, path,
                                      "it is no ordinary file, or has another name elsewhere",
                                      "ls -l " + shell_word(path)));
        const bool is_closed = !was.mode.has(for_others) ||
                               (was.group == key_group() && !was.mode.has(others_but_group_reads));
        const bool is_key = holds_key(file);
        if (was.owner != 0 || !is_closed)
            bench_.set(step_of("host_keys", SshdResult::repaired, path,
                               "others could read it (" + spell(attributes_of(was)) +
                                   "), and whoever did can pose as this machine: consider new ones",
                               to_renew(path)),
                       file, {Mode{0600}, 0, 0});
        if (is_key)
            ++usable_;
        else
            bench_.add(step_of("host_keys", SshdResult::left, path,
                               "there is no key in it that sshd can read", to_renew(path)));
    }

    void make(const std::string& path) {
        const auto type = key_type_for(path);
        auto step = step_of("host_keys", SshdResult::would_repair, path,
                            "is missing, and sshd uses it", {}, {});
        const auto held = hold_root_file(bench_.kernel(), path);
        if (!held || (!bench_.only_reports() && !held->only_roots)) {
            step.result = SshdResult::left;
            step.summary += "; others than root can write a directory on the way to it";
            return bench_.add(std::move(step));
        }
        if (bench_.only_reports())
            return bench_.add(std::move(step));
        const auto said =
            is_roots_program(ssh_keygen_path)
                ? Inquirer{}.hear({ssh_keygen_path, "-q", "-N", "", "-t", type, "-f", path},
                                  while_keys_are_made)
                : std::nullopt;
        const auto made = hold_root_file(bench_.kernel(), path);
        const auto* const file = made ? std::get_if<Handle>(&made->found) : nullptr;
        if (said && said->status == 0 && file != nullptr) {
            step.after = attributes_of(file->observe());
            step.result = SshdResult::repaired;
            step.summary += "; made a new one (" + type +
                            "), which clients that know this machine do not know yet";
            ++usable_;
        } else {
            // A machine may be told to do without one of the kinds.
            step.result = are_asked_for_ || usable_ == 0 ? SshdResult::failed : SshdResult::note;
            step.summary += "; ssh-keygen: " + (said ? said->text : "cannot be run");
        }
        bench_.add(std::move(step));
    }

    SshdBench& bench_;
    std::vector<std::string> paths_;
    bool are_asked_for_ = false; ///< by the configuration
    std::vector<std::string> missing_;
    std::size_t usable_ = 0;
};

} // namespace

void check_host_keys(SshdBench& bench) {
    const auto settings = bench.settings();
    const auto agent = settings ? setting_of(*settings, "hostkeyagent") : std::nullopt;
    if (agent && *agent != "none")
        return bench.add(step_of("host_keys", SshdResult::note, {},
                                 "an agent has them (HostKeyAgent " + *agent + ")"));
    HostKeys{bench}.run();
}

} // namespace sshpermd
