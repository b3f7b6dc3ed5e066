// One question to the status socket, as any client asks it.
#pragma once

#include <string>

namespace bench {

/// Connects without waiting longer than the system does. Throws std::system_error.
int connected_to(const std::string& socket);

/// Sends a GET of the path. False when the daemon has hung up.
bool send_question(int connection, const std::string& path);

/// Asks, reads the whole answer and returns the microseconds from before the connection to its end.
/// Throws when the answer is not 200.
double time_of_answer(const std::string& socket, const std::string& path);

/// How many accounts the daemon looks after, as /v1/status says.
unsigned accounts_known(const std::string& socket);

} // namespace bench
