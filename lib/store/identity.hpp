// Identity: what stamps an event — this boot, this host, this process, this moment.
#pragma once

#include "event/event_json.hpp"

#include <cstdint>
#include <string>

namespace sshpermd {

/// What `host.id` of an event says on this machine: machine_id(), a machine's without its prefix.
std::string this_machine();

/// Stamps the events of one process, numbering them from 1.
class Stamper {
  public:
    Stamper(Source source, std::string version);

    Stamp next();

  private:
    Stamp template_;
    std::uint64_t seq_ = 0;
};

} // namespace sshpermd
