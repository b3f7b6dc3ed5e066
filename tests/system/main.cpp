// Starts the system tests, and only where they can do no harm: they empty /home.
#include "run_tests.hpp"

#include "deny.hpp"
#include "files.hpp"

#include <iostream>
#include <string_view>
#include <sys/stat.h>

int main(int argc, char** argv) {
    if (argc > 4 && std::string_view{argv[1]} == system_tests::deny_word)
        system_tests::deny_and_become(argv + 2);
    if (argc > 3 && std::string_view{argv[1]} == system_tests::die_word)
        system_tests::become_one_that_dies(argv + 2);
    if (!system_tests::is_there("/run/throw-away-machine")) {
        std::cerr << "system_tests: empties /home; run it through tests/system/namespace.sh\n";
        return 1;
    }
    ::umask(022);
    return run_tests(argc, argv);
}
