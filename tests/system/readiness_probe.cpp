// Readiness probe: says what a machine lacks, without a sanitizer, which itself cannot do without
// /proc.
#include "readiness.hpp"

#include <iostream>

int main() {
    const auto missing = sshpermd::what_is_missing(sshpermd::Need::writable);
    std::cout << missing.value_or("nothing") << '\n';
    return missing ? 1 : 0;
}
