#include "store/journal.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

namespace sshpermd {
namespace {

/// Fields in the form that sd_journal_sendv(3) wants: "NAME=value".
class Fields {
  public:
    void add(std::string_view name, std::string_view value) {
        std::string field{name};
        fields_.push_back(field.append("=").append(value));
    }

    bool send() const {
        std::vector<iovec> vectors;
        vectors.reserve(fields_.size());
        for (const auto& field : fields_)
            vectors.push_back({const_cast<char*>(field.data()), field.size()}); // read only
        return sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size())) == 0;
    }

  private:
    std::vector<std::string> fields_;
};

void add_attributes(Fields& fields, std::string_view when, const Attributes& attributes) {
    const std::string suffix{when};
    fields.add("SSHPERMD_MODE_" + suffix, to_string(attributes.mode));
    fields.add("SSHPERMD_OWNER_" + suffix, std::to_string(attributes.owner.id));
    fields.add("SSHPERMD_GROUP_" + suffix, std::to_string(attributes.group.id));
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string text;
    for (const auto word : words)
        text.append(text.empty() ? "" : ",").append(word);
    return text;
}

} // namespace

bool journal_is_running() { return access("/run/systemd/journal/socket", W_OK) == 0; }

bool stderr_is_journal() {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat about {};
    if (stream == nullptr || fstat(STDERR_FILENO, &about) != 0)
        return false;
    return stream == std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
}

bool send_to_journal(const Event& event, const std::string& line) {
    Fields fields;
    fields.add("MESSAGE", line);
    fields.add("MESSAGE_ID", message_id(event.type));
    fields.add("PRIORITY", std::to_string(priority(event.severity)));
    fields.add("SYSLOG_IDENTIFIER", "sshpermd");
    fields.add("SSHPERMD_EVENT", word(event.type));
    fields.add("SSHPERMD_OUTCOME", word(event.outcome));
    if (event.user)
        fields.add("SSHPERMD_USER", event.user->name);
    if (event.target)
        fields.add("SSHPERMD_TARGET", word(*event.target));
    if (event.file)
        fields.add("SSHPERMD_PATH", event.file->path);
    if (event.before)
        add_attributes(fields, "BEFORE", *event.before);
    if (event.after)
        add_attributes(fields, "AFTER", *event.after);
    if (!event.reasons.empty())
        fields.add("SSHPERMD_REASONS", joined(event.reasons));
    if (event.trigger)
        fields.add("SSHPERMD_TRIGGER", word(*event.trigger));
    if (event.trouble)
        fields.add("SSHPERMD_TROUBLE", word(*event.trouble));
    if (event.error)
        fields.add("SSHPERMD_ERROR", event.error->code);
    if (event.blocks_login)
        fields.add("SSHPERMD_BLOCKS_LOGIN", *event.blocks_login ? "1" : "0");
    if (event.exposed)
        fields.add("SSHPERMD_EXPOSED", *event.exposed ? "1" : "0");
    return fields.send();
}

} // namespace sshpermd
