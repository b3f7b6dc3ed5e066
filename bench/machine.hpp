// The machine that measurements were taken on, as far as a reader needs it to judge them.
#pragma once

#include <string>

namespace bench {

struct Machine {
    std::string processor;
    long cores;
    bool cores_share_a_unit; ///< CPU 0 and CPU 1 are two threads of one core
    std::string kernel;
    std::string file_system; ///< type of the one that holds the homes
    double load;             ///< one-minute load average when asked
};

Machine describe_machine(const std::string& homes);

std::string to_text(const Machine& machine);

} // namespace bench
