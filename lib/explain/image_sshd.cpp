#include "explain/image_sshd.hpp"

#include "explain/sshd_words.hpp"
#include "policy/fields.hpp"
#include "policy/letters.hpp"
#include "system/file_trial.hpp"
#include "system/sshd_answer.hpp"
#include "system/sshd_in_force.hpp"

#include <unistd.h>

#include <algorithm>

namespace sshpermd {
namespace {

constexpr Inquirer::Limits limits{std::chrono::seconds{10}, std::size_t{256} << 10U};
using Errors = ChildProcess::Errors;

/// The usual ones where none is configured, as sshd has it; never the key of the trial.
std::string with_its_host_keys(std::string_view settings, const std::string& key_of_trial) {
    std::string text;
    bool has_any = false;
    while (!settings.empty()) {
        const auto line = take_field(settings, "\n");
        const auto words = fields_of(line, " ");
        const bool is_host_key = words.size() == 2 && lowered(words[0]) == "hostkey";
        if (is_host_key && words[1] == key_of_trial)
            continue;
        has_any = has_any || is_host_key;
        text.append(line).push_back('\n');
    }
    if (!has_any)
        for (const auto* const type : {"rsa", "ecdsa", "ed25519"})
            text += "hostkey /etc/ssh/ssh_host_" + std::string{type} + "_key\n";
    return text;
}

/// Where sshd found fault, and no word of its own: the file only if it is one that was given.
std::string fault_in(const std::optional<Inquirer::Said>& said,
                     const std::map<std::string, std::string>& files) {
    const auto complaint =
        said && said->status != 0 ? complaint_in(said->text) : std::optional<SshdComplaint>{};
    const auto about = complaint && files.contains(complaint->file)
                           ? "line " + std::to_string(complaint->line) + " of " + complaint->file
                           : std::string{"its configuration"};
    if (complaint && complaint->fault == SshdFault::unknown_keyword)
        return "this machine's sshd does not know the keyword in " + about +
               "; the image's own may, if it is of another version";
    return "this machine's sshd cannot use " + about +
           "; the image's own may, if it is of another version";
}

} // namespace

ImageSshd::ImageSshd(const Sysroot& root)
    : root_(root),
      files_(read_sshd_config_files(root, usual_sshd_configs(), {})),
      program_(installed_sshd()) {}

/// The image's accounts are for a Match of a group.
std::map<std::string, std::string> ImageSshd::laid_files() const {
    auto files = files_.texts;
    files["/etc/passwd"] = root_.read("/etc/passwd", Image::most_bytes).value_or("");
    files["/etc/group"] = root_.read("/etc/group", Image::most_bytes).value_or("");
    files["/etc/nsswitch.conf"] = "passwd: files\ngroup: files\nshadow: files\nhosts: files\n";
    return files;
}

ImageSshdAnswer ImageSshd::settings_for(const std::string& user, const std::string& address) const {
    if (files_.main.empty())
        return {{}, "the image has no configuration of sshd"};
    if (program_.empty())
        return {{},
                "this machine has no sshd, which could read the image's configuration; the "
                "image's own is never run (the package is openssh-server)"};
    if (geteuid() != 0)
        return {{}, "only root can have sshd read the image's configuration"};
    if (!files_.unclear.empty())
        return {{},
                "what the image's configuration includes cannot be read or followed (" +
                    files_.unclear + ")"};
    const auto out = std::find_if(files_.texts.begin(), files_.texts.end(),
                                  [](const auto& file) { return !may_be_given_apart(file.first); });
    if (out != files_.texts.end())
        return {{},
                "the image's configuration includes " + out->first +
                    ", which is not below /etc/ssh: that is not given to sshd"};
    const auto key = std::string{trial_dir} + "/host_key";
    SshdQuestion question;
    question.config = files_.main;
    question.user = user;
    question.host = question.address = address;
    question.arguments = {"-h", key};
    const auto files = laid_files();
    const std::vector<std::vector<std::string>> commands{
        {ssh_keygen_path, "-q", "-t", "ecdsa", "-N", "", "-f", key},
        dump_command(program_, "-T", question)};
    const auto said = hear_apart(files, commands, limits, Errors::dropped);
    if (said && said->status == 0)
        return {with_its_host_keys(said->text, key), {}};
    if (!said)
        return {{},
                "this machine's sshd could not be asked: it takes mount and network namespaces, "
                "and ssh-keygen"};
    return {{}, fault_in(hear_apart(files, commands, limits, Errors::with_output), files_.texts)};
}

} // namespace sshpermd
