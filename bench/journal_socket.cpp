// Stands in for journald: takes datagrams at a path and reads them, or never does.
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char** argv) try {
    std::string path;
    bool is_stopped = false;
    CLI::App app{"Binds a datagram socket and reads what comes."};
    app.add_option("PATH", path, "the socket, which must not be there yet")->required();
    app.add_flag("--stopped", is_stopped, "read nothing");
    CLI11_PARSE(app, argc, argv);

    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0 ||
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), path);
    std::puts("ready");
    std::fflush(stdout);
    if (is_stopped)
        for (;;)
            ::pause();
    char datagram[65536];
    while (::recv(socket, datagram, sizeof datagram, 0) >= 0)
        ;
    throw std::system_error(errno, std::generic_category(), path);
} catch (const std::exception& error) {
    std::cerr << "journal_socket: " << error.what() << '\n';
    return 1;
}
