#include "complain.hpp"

#include "event/text.hpp"
#include "wrap.hpp"

#include <unistd.h>

#include <iostream>

namespace sshpermd {

void print_complaint(const std::string& text) {
    const std::string who = "sshpermctl: ";
    const bool is_one_line = text.find('\n') == std::string::npos;
    if (is_one_line && isatty(STDERR_FILENO) == 1)
        std::cerr << wrapped(text, who.size(), who);
    else
        std::cerr << who << text << '\n';
}

ExitCode complain(const std::string& problem, ExitCode code) {
    print_complaint(printable(problem));
    return code;
}

} // namespace sshpermd
