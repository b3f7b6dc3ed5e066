// A main for the fuzzers without libFuzzer: runs every file of the corpora it is given, and
// variations of each, the same in every run.
#include "fuzz.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
    fuzz::check(stream.good() || stream.eof(), "a file of the corpus can be read");
    return bytes;
}

/// All files named, and those in directories named, in the order of their paths.
std::vector<std::string> inputs(const std::vector<fs::path>& given) {
    std::vector<fs::path> files;
    for (const auto& path : given) {
        if (!fs::is_directory(path))
            files.push_back(path);
        else
            for (const auto& entry : fs::directory_iterator{path})
                files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> all;
    std::transform(files.begin(), files.end(), std::back_inserter(all), contents);
    return all;
}

/// `kept` has the last input afterwards, whatever becomes of the process.
void run(const std::string& bytes, const std::string& kept) {
    if (!kept.empty())
        std::ofstream{kept, std::ios::binary} << bytes;
    const auto alone = std::make_unique<std::uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), alone.get());
    LLVMFuzzerTestOneInput(alone.get(), bytes.size());
}

class Variations {
  public:
    explicit Variations(const std::vector<std::string>& all) : all_(all) {}

    /// Up to four small changes.
    std::string of(std::string bytes) {
        for (auto changes = 1 + below(4); changes != 0; --changes)
            change(bytes);
        return bytes;
    }

  private:
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

    void change(std::string& bytes) {
        const auto at = below(bytes.size() + 1);
        const auto length = below(std::min<std::size_t>(bytes.size() - at, 16) + 1);
        switch (below(6)) {
        case 0: bytes.erase(at, length); break;
        case 1: bytes.insert(at, bytes.substr(at, length)); break;
        case 2: bytes.insert(at, 1, static_cast<char>(below(256))); break;
        case 3:
            if (at < bytes.size())
                bytes[at] = static_cast<char>(below(256));
            break;
        case 4:
            if (at < bytes.size())
                bytes[at] =
                    static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ 1U << below(8));
            break;
        default: { // the end of another
            const auto& other = all_[below(all_.size())];
            bytes = bytes.substr(0, at) + other.substr(below(other.size() + 1));
        }
        }
    }

    const std::vector<std::string>& all_;
    std::minstd_rand random_{1}; // not seeded by time: what is found is found again
};

} // namespace

int main(int argc, char** argv) {
    const std::string variations_option = "-variations=";
    const std::string artifacts_option = "-artifact_prefix=";
    std::string kept;
    std::vector<fs::path> given;
    unsigned long variations = 0;
    for (int i = 1; i < argc; ++i) {
        const std::string argument{argv[i]};
        if (argument.starts_with(variations_option))
            variations = std::stoul(argument.substr(variations_option.size()));
        else if (argument.starts_with(artifacts_option))
            kept = argument.substr(artifacts_option.size()) + "last";
        else if (!argument.starts_with("-")) // else an option of libFuzzer
            given.emplace_back(argument);
    }
    const auto all = inputs(given);
    unsigned long runs = 0;
    Variations vary{all};
    for (const auto& bytes : all) {
        run(bytes, kept);
        ++runs;
        for (unsigned long i = 0; i < variations; ++i, ++runs)
            run(vary.of(bytes), kept);
    }
    if (!kept.empty())
        fs::remove(kept);
    std::cerr << "stat::number_of_executed_units: " << runs << "\n";
    return runs == 0 ? 1 : 0;
}
