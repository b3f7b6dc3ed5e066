// Step of `repair --sshd`: a configuration that sshd does not take.
#include "event/text.hpp"
#include "explain/config_lines.hpp"
#include "sshd/bench.hpp"
#include "system/clock_digits.hpp"
#include "system/content.hpp"
#include "system/replacement.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <stdexcept>
#include <system_error>

namespace sshpermd {
namespace {

constexpr std::size_t most_lines = 20;
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest = std::size_t{1} << 20U;

/// What is to be in a file instead of what is.
struct Edit {
    std::string before;
    std::string after;
};

bool is_about_config(const SshdComplaint& complaint) {
    return complaint.fault == SshdFault::unknown_keyword || complaint.fault == SshdFault::config;
}

/// Why a file cannot be edited; empty when it can, and then `text` has what is in it.
std::string obstacle(const SshdBench& bench, const std::string& path, std::string& text) {
    const auto held = hold_root_file(bench.kernel(), path);
    const auto* const file = held ? std::get_if<Handle>(&held->found) : nullptr;
    if (file == nullptr)
        return "the file is missing or a link";
    const auto was = file->observe();
    if (was.type != FileType::file || was.links > 1 || was.immutable)
        return "the file is not an ordinary one";
    if (!bench.only_reports() && (!held->only_roots || was.owner != 0 || was.mode.has(0022)))
        return "others than root can write the file";
    text = read_beginning(*file, longest + 1);
    return text.size() > longest || text.find('\0') != std::string::npos ? "it is no text" : "";
}

class ConfigRepair {
  public:
    explicit ConfigRepair(SshdBench& bench) : bench_(bench), paths_(sshd_config_paths(bench)) {}

    /// Nothing is changed before sshd takes all of it.
    void run() {
        auto complaint = bench_.complaint(bench_.sshd().config);
        while (complaint && is_about_config(*complaint)) {
            const auto why = why_left(*complaint);
            if (!why.empty())
                return leave(*complaint, why);
            auto& edit = edits_[complaint->file];
            edit.after = without_line(edit.after, complaint->line);
            causes_[complaint->file] +=
                (causes_[complaint->file].empty() ? "" : "; ") + complaint->words;
            ++lines_;
            complaint = bench_.complaint_in_trial(bench_.sshd().config, contents());
        }
        for (const auto& [path, edit] : edits_)
            replace(path, edit);
        if (complaint && complaint->fault == SshdFault::other)
            bench_.add(step_of("config", SshdResult::left, bench_.sshd().config,
                               "sshd does not start, for a reason that is not known here",
                               bench_.sshd().program + " -t", complaint->words));
        else if (edits_.empty())
            bench_.add(step_of("config", SshdResult::ok, bench_.sshd().config,
                               "sshd takes every line of it"));
    }

  private:
    /// Reads the file when it is the first of its lines.
    std::string why_left(const SshdComplaint& complaint) {
        if (complaint.fault == SshdFault::config)
            return "the keyword is good, and what follows it is not: without the line the default "
                   "would be in force";
        if (lines_ == most_lines)
            return "there are more than " + std::to_string(most_lines) + " such lines";
        if (std::find(paths_.begin(), paths_.end(), complaint.file) == paths_.end())
            return "the file is not one of /etc/ssh/sshd_config.d";
        auto& edit = edits_[complaint.file];
        if (edit.before.empty()) {
            if (auto why = obstacle(bench_, complaint.file, edit.before); !why.empty())
                return why;
            edit.after = edit.before;
        }
        std::string main;
        if (complaint.file != paths_.front()) {
            if (auto why = obstacle(bench_, paths_.front(), main); !why.empty())
                return why;
            if (includes_behind_match(main))
                return "the file may be part of a Match block of " + paths_.front();
        }
        return why_line_stays(edit.after, complaint.line, complaint.subject);
    }

    void leave(const SshdComplaint& complaint, const std::string& why) {
        bench_.add(step_of("config", SshdResult::left, complaint.file,
                           "line " + std::to_string(complaint.line) + ": " + why,
                           "sudoedit +" + std::to_string(complaint.line) + " " +
                               shell_word(complaint.file),
                           complaint.words));
    }

    std::vector<OtherContent> contents() const {
        std::vector<OtherContent> all;
        for (const auto& [path, edit] : edits_)
            all.push_back({path, edit.after});
        return all;
    }

    void replace(const std::string& path, const Edit& edit) {
        auto step =
            step_of("config", SshdResult::would_repair, path,
                    "sshd does not know every keyword: the lines are left out", {}, causes_[path]);
        step.diff = unified_diff(path, edit.before, edit.after);
        if (!bench_.only_reports())
            put_in_place(path, edit, step);
        bench_.add(std::move(step));
    }

    void put_in_place(const std::string& path, const Edit& edit, SshdStep& step) {
        step.result = SshdResult::failed;
        std::string text;
        if (const auto why = obstacle(bench_, path, text); !why.empty() || text != edit.before) {
            step.summary = "was changed meanwhile, and is left as it is";
            return;
        }
        const auto held = hold_root_file(bench_.kernel(), path);
        const auto& file = std::get<Handle>(held->found);
        const auto was = file.observe();
        auto backup = held->name + ".sshpermd-" + clock_digits().utc;
        const auto keep = [&] {
            return make_file(held->dir, backup, edit.before, {Mode{0600}, 0, 0}, label_of(file));
        };
        auto failure = keep();
        while (failure && failure->number == EEXIST && backup.size() < longest_name) {
            backup += '+'; // another one in the same second
            failure = keep();
        }
        if (!failure)
            failure = replace_file(held->dir, held->name, file, edit.after,
                                   {was.mode, was.owner, was.group});
        if (failure) {
            step.summary += "; cannot " + failure->doing + ": " + error_text(failure->number);
            return;
        }
        step.result = SshdResult::repaired;
        step.summary += "; as it was: " + backup;
        step.before = step.after = attributes_of(was);
        step.backup = path.substr(0, path.rfind('/') + 1) + backup;
    }

    SshdBench& bench_;
    std::vector<std::string> paths_;
    std::map<std::string, Edit> edits_;
    std::map<std::string, std::string> causes_;
    std::size_t lines_ = 0;
};

} // namespace

void check_config(SshdBench& bench) {
    if (bench.sshd().config.empty())
        return; // check_files() has said so
    try {
        ConfigRepair{bench}.run();
    } catch (const std::runtime_error& error) {
        bench.add(step_of("config", SshdResult::failed, bench.sshd().config, error.what()));
    }
}

void check_accepted(SshdBench& bench) {
    if (bench.only_reports() || bench.sshd().config.empty())
        return;
    const auto& config = bench.sshd().config;
    const auto complaint = bench.complaint(config);
    if (!complaint)
        return bench.add(step_of("accepted", SshdResult::ok, config,
                                 "sshd would start with all this (sshd -t)"));
    bench.add(step_of("accepted", SshdResult::left, config, "sshd would not start (sshd -t)",
                      bench.sshd().program + " -t -f " + shell_word(config), complaint->words));
}

} // namespace sshpermd
