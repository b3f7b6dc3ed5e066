// A main for compilers without libFuzzer: runs every file of the corpora it is given, once.
#include "fuzz.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
    fuzz::check(stream.good() || stream.eof(), "a file of the corpus can be read");
    const auto alone = std::make_unique<std::uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), alone.get());
    LLVMFuzzerTestOneInput(alone.get(), bytes.size());
}

} // namespace

int main(int argc, char** argv) {
    unsigned runs = 0;
    for (int i = 1; i < argc; ++i) {
        const std::string argument{argv[i]};
        if (argument.starts_with("-")) // an option of libFuzzer
            continue;
        if (!fs::is_directory(argument)) {
            replay(argument);
            ++runs;
            continue;
        }
        for (const auto& entry : fs::directory_iterator{argument}) {
            replay(entry.path());
            ++runs;
        }
    }
    std::cerr << "stat::number_of_executed_units: " << runs << "\n";
    return runs == 0 ? 1 : 0;
}
