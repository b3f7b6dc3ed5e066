// Makes a tree of compliant homes and prints nothing: the accounts go as lines into passwd and
// group files.
#include <cerrno>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace {

/// Of the home with this number; 65534 is nobody's, whose home nobody looks after.
unsigned id_of(unsigned number) {
    constexpr unsigned first = 20'000;
    constexpr unsigned nobody = 65'534;
    return first + number + (first + number >= nobody ? 1 : 0);
}
constexpr const char* key_line =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIPEHadBOgycrsw3jK520ymvpBll00prJGk4qjN/UyV/y bench\n";

void checked(int result, const std::string& path) {
    if (result != 0)
        throw std::system_error(errno, std::generic_category(), path);
}

void make_directory(const std::string& path, unsigned id, mode_t mode) {
    checked(::mkdir(path.c_str(), 0700), path);
    checked(::chown(path.c_str(), id, id), path);
    checked(::chmod(path.c_str(), mode), path);
}

void make_home(const std::string& home, unsigned id) {
    make_directory(home, id, 0700);
    make_directory(home + "/.ssh", id, 0700);
    const std::string keys = home + "/.ssh/authorized_keys";
    std::ofstream file(keys);
    file << key_line;
    file.close();
    if (!file)
        throw std::system_error(EIO, std::generic_category(), keys);
    checked(::chown(keys.c_str(), id, id), keys);
    checked(::chmod(keys.c_str(), 0600), keys);
}

std::string name_of(unsigned number) {
    const std::string digits = std::to_string(number);
    return "bench" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

/// Appends to `file`; a no-op without a name.
void append(const std::string& file, const std::string& lines) {
    if (file.empty())
        return;
    std::ofstream out(file, std::ios::app);
    out << lines;
    out.close();
    if (!out)
        throw std::system_error(EIO, std::generic_category(), file);
}

} // namespace

int main(int argc, char** argv) try {
    std::string root;
    std::string passwd;
    std::string group;
    unsigned count = 0;
    CLI::App app{"Makes COUNT compliant homes below ROOT."};
    app.add_option("ROOT", root, "an existing, empty directory")->required();
    app.add_option("COUNT", count, "how many homes")->required();
    app.add_option("--passwd", passwd, "append the accounts to this file, with /home as the root");
    app.add_option("--group", group, "append the groups to this file");
    CLI11_PARSE(app, argc, argv);

    checked(::chown(root.c_str(), 0, 0), root);
    checked(::chmod(root.c_str(), 0755), root);
    std::string accounts;
    std::string groups;
    for (unsigned i = 0; i < count; ++i) {
        const std::string name = name_of(i);
        const std::string id = std::to_string(id_of(i));
        make_home(std::string(root).append(1, '/').append(name), id_of(i));
        accounts.append(name).append(":x:").append(id).append(1, ':').append(id);
        accounts.append("::/home/").append(name).append(":/bin/sh\n");
        groups.append(name).append(":x:").append(id).append(":\n");
    }
    append(passwd, accounts);
    append(group, groups);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "make_homes: " << error.what() << '\n';
    return 1;
}
