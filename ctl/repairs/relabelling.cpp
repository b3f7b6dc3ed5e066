#include "repairs/relabelling.hpp"

#include "complain.hpp"

#include <iostream>
#include <system_error>

namespace sshpermd {

RelabellingResult see_to_labels(const Image& image, const std::vector<std::string>& paths,
                                RelabelHand hand) {
    try {
        if (const auto done = relabel_after(image, paths, hand))
            return {std::string{word(*done)}, std::string{why(*done)}, {}};
        return {};
    } catch (const std::system_error& error) {
        return {"failed", {}, error.what()};
    }
}

ExitCode tell(const RelabellingResult& result, const Options& options) {
    if (!result.problem.empty())
        return complain(result.problem, ExitCode::failed);
    if (!result.what.empty() && options.output != Output::json &&
        options.verbosity != Verbosity::quiet)
        std::cout << "SELinux: a file has no label; " << result.what << '\n';
    return ExitCode::ok;
}

} // namespace sshpermd
