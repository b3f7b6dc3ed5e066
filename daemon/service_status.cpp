#include "service_status.hpp"

#include <systemd/sd-daemon.h>

namespace sshpermd {

void notify_ready() { sd_notify(0, "READY=1"); }

void notify_stopping() { sd_notify(0, "STOPPING=1\nSTATUS=Stopping"); }

void notify_status(const std::string& line) { sd_notify(0, ("STATUS=" + line).c_str()); }

} // namespace sshpermd
