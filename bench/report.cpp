// Reads, extends and writes the JSON document of a run.
#include "report.hpp"

#include <cerrno>
#include <cmath>
#include <fstream>
#include <system_error>
#include <utility>

namespace bench {

void add_to_report(const std::string& path, const std::string& name, const Machine& machine,
                   nlohmann::json measurement) {
    if (path.empty())
        return;
    nlohmann::json document = nlohmann::json::object();
    if (std::ifstream file(path); file && file.peek() != std::ifstream::traits_type::eof())
        document = nlohmann::json::parse(file);
    document["machine"] = {{"processor", machine.processor},
                           {"cores", machine.cores},
                           {"cores_share_a_unit", machine.cores_share_a_unit},
                           {"kernel", machine.kernel},
                           {"file_system", machine.file_system}};
    measurement["load_before"] = rounded(machine.load);
    document[name] = std::move(measurement);
    std::ofstream file(path);
    file << document.dump(2) << '\n';
    file.close();
    if (!file)
        throw std::system_error(EIO, std::generic_category(), path);
}

double rounded(double value) { return std::round(value * 100) / 100; }

} // namespace bench
