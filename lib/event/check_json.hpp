// The JSON document of check and repair (schema sshpermd.check/1), written and read.
#pragma once

#include "event/check.hpp"

#include <string>
#include <string_view>

namespace sshpermd {

/// The document as it grows: of 100,000 homes it has 120 MB, and a DOM would take ten times that.
class CheckText {
  public:
    void add(const CheckFinding& finding);

    /// Behind those added come this check's; its summary is of all. Nothing may be added
    /// afterwards.
    std::string end(const Check& check) &&;

  private:
    std::string text_ = R"({"schema":"sshpermd.check/1","findings":[)";
    const char* separator_ = "";
};

/// One document, ASCII, without a newline at its end. Bytes that are not UTF-8 are replaced.
std::string to_json(const Check& check);

/// The check that to_json() made the text of; nothing for any other text.
std::optional<Check> parse_check(std::string_view text);

} // namespace sshpermd
