#include "explain/advice.hpp"

#include "event/text.hpp"

#include <utility>

namespace sshpermd {

/// Does the image have this directory under its own name? A program of this machine's would follow
/// a link of the image's out of it.
bool Advice::is_plain(const std::string& dir) const { return root_.real_path(dir) == dir; }

std::string Advice::sshpermctl(const std::string& command, const std::string& rest) const {
    const auto* const image = root_.image();
    return "sshpermctl " + command +
           (image != nullptr ? " --root " + shell_word(image->path()) : "") + " " + rest;
}

std::string Advice::on(const std::string& command, const std::string& path) const {
    const auto here = root_.path_here(path);
    return here.empty() ? here : command + " " + shell_word(here);
}

std::string Advice::on_name(const std::string& command, const std::string& path) const {
    const auto slash = path.rfind('/');
    if (!root_.is_image() || slash == std::string::npos)
        return live(command + " " + shell_word(path));
    const auto dir = root_.path_here(slash == 0 ? "/" : path.substr(0, slash));
    return dir.empty() ? dir : command + " " + shell_word(dir + path.substr(slash));
}

std::string Advice::put_aside(const std::string& path) const {
    const auto command = on_name("mv", path);
    const auto away = on_name("", path + ".away");
    return command.empty() || away.empty() ? std::string{} : command + away;
}

std::string Advice::usermod(const std::string& options, const std::string& user) const {
    const auto* const image = root_.image();
    if (image == nullptr)
        return "usermod " + options + " " + shell_word(user);
    if (!is_plain("/etc"))
        return {};
    return "usermod --prefix " + shell_word(image->path()) + " " + options + " " + shell_word(user);
}

std::string Advice::live(std::string command, std::string of_image) const {
    return root_.is_image() ? std::move(of_image) : std::move(command);
}

std::string Advice::make_host_keys() const {
    const auto* const image = root_.image();
    if (image == nullptr)
        return "ssh-keygen -A";
    return is_plain("/etc/ssh") ? "ssh-keygen -A -f " + shell_word(image->path()) : std::string{};
}

std::string both(const std::string& first, const std::string& second) {
    return first.empty() || second.empty() ? std::string{} : first + " && " + second;
}

} // namespace sshpermd
