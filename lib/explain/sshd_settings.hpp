// sshd settings: the effective configuration, as sshd itself says it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// The output of `sshd -T`. Keywords are in lower case, or, from OpenSSH 10.5 on, in both.
class SshdSettings {
  public:
    explicit SshdSettings(std::string_view effective);

    /// The first value of a keyword, given in lower case; empty without one.
    const std::string& value(const std::string& keyword) const;
    /// All of them: those that come in a line each, such as AllowUsers.
    const std::vector<std::string>& values(const std::string& keyword) const;
    /// Is it this word, in any case?
    bool is(const std::string& keyword, std::string_view word) const;
    /// Is it set to something but "none"?
    bool has(const std::string& keyword) const;

  private:
    std::map<std::string, std::vector<std::string>> values_;
};

} // namespace sshpermd
