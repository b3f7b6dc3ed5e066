#include "repairs/repair.hpp"

#include "complain.hpp"
#include "event/check_json.hpp"
#include "homes/survey.hpp"
#include "homes/verdict.hpp"
#include "reconcile/request.hpp"
#include "repairs/lock_holder.hpp"
#include "repairs/progress.hpp"
#include "repairs/recorder.hpp"
#include "socket/client.hpp"
#include "store/memory_file.hpp"
#include "store/repair_lock.hpp"
#include "system/config_file.hpp"

#include <unistd.h>

#include <iostream>
#include <variant>

namespace sshpermd {
namespace {

ExitCode verdict_on_repair(const Check& result, const Options& options) {
    print(result, options);
    return exit_code(result, options.users.empty() ? harms : is_unsettled);
}

} // namespace

Repaired repair_by_daemon(const LockHolder& holder, const Options& options,
                          const RepairRequest& request) {
    if (options.config_file)
        print_complaint(
            "the running daemon repairs by its own configuration; --config is not used");
    Progress progress{options};
    std::string last;
    auto answer = ask_holder(holder, socket_of(options), "/v1/repair?follow=1", to_json(request),
                             [&](std::string_view line) {
                                 if (!progress.show(line))
                                     last = line;
                             });
    progress.clear();
    if (!answer)
        return ExitCode::failed;
    if (answer->status != 200)
        return complain_of_answer(*answer);
    if (auto result = parse_check(last))
        return *std::move(result);
    if (last.empty())
        return complain("the daemon ended in the middle of it; what was done is on record "
                        "(sshpermctl events), ask again for the rest",
                        ExitCode::failed);
    answer->body = last; // why it could not go on
    return complain_of_answer(*answer);
}

Check repair_here(const Config& config, const Options& options, const RepairRequest& request,
                  Recorder& recorder) {
    recorder.tell_of_leftovers(config);
    MemoryFile memory{StateUse::change};
    const auto record = [&](const Report& report, const Accounts& accounts) {
        recorder.record(report, accounts);
    };
    auto result = survey(config, request.users, Hand::repair, kept_for(options),
                         {record, recorder.in_flight(), &memory.memory(), word_of(request)});
    memory.sync();
    return result;
}

namespace {

ExitCode forget_here(const ForgetRequest& request) {
    MemoryFile file{StateUse::change};
    forget_in(file.memory(), request);
    file.sync();
    return ExitCode::ok;
}

} // namespace

ExitCode repair(const Options& options) {
    const auto config = load_config(options.config_file).config;
    if (geteuid() != 0)
        return complain("repair needs root (check does not): sudo sshpermctl repair",
                        ExitCode::permission_denied);
    const RepairRequest request{options.users, options.take_ownership, options.trust_content};
    const auto lock = take_repair_lock();
    if (const auto* const holder = std::get_if<LockHolder>(&lock)) {
        const auto result = repair_by_daemon(*holder, options, request);
        const auto* const check = std::get_if<Check>(&result);
        return check != nullptr ? verdict_on_repair(*check, options) : std::get<ExitCode>(result);
    }
    Recorder recorder{SSHPERMD_VERSION};
    return verdict_on_repair(repair_here(config, options, request, recorder), options);
}

ExitCode forget(const Options& options) {
    if (geteuid() != 0)
        return complain("forget needs root: sudo sshpermctl forget", ExitCode::permission_denied);
    const ForgetRequest request{options.users};
    const auto lock = take_repair_lock();
    const auto* const holder = std::get_if<LockHolder>(&lock);
    if (holder == nullptr)
        return forget_here(request);
    const auto answer = ask_holder(*holder, socket_of(options), "/v1/forget", to_json(request));
    if (!answer)
        return ExitCode::failed;
    return answer->status == 200 ? ExitCode::ok : complain_of_answer(*answer);
}

} // namespace sshpermd
