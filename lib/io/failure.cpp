#include "io/failure.hpp"

#include <system_error>

namespace sshpermd {

void fail(int error, const std::string& doing) {
    throw std::system_error(error, std::generic_category(), doing);
}

} // namespace sshpermd
