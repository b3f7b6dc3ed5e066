// Reply to: what the loop answers comes to a connection in the connection's own thread.
#pragma once

#include "exchange.hpp"

#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace sshpermd {

/// Calls hear() of whoever waits, in its executor(); nothing happens when it has gone meanwhile.
template <typename Waiting>
Reply reply_to(std::weak_ptr<Waiting> waiting) {
    return [waiting = std::move(waiting)](Answer answer) {
        auto self = waiting.lock();
        if (!self)
            return;
        const auto executor = self->executor();
        boost::asio::post(executor, [self = std::move(self), answer = std::move(answer)]() mutable {
            self->hear(answer);
        });
    };
}

} // namespace sshpermd
