#include <utility> // Asio of Boost 1.74 forgot it

#include "socket/snapshots.hpp"

#include <boost/asio/post.hpp>

namespace sshpermd {
namespace {

constexpr std::chrono::milliseconds between_two{100};
/// What other threads count (lost events) changes without the loop.
constexpr std::chrono::seconds longest_lived{1};

} // namespace

Snapshots::Snapshots(boost::asio::io_context& io, const Ask& ask, News news)
    : io_(io), ask_(ask), news_(std::move(news)), pause_(io) {}

void Snapshots::want(Take take) {
    if (last_ && !news_->load() && Clock::now() - arrived_ < longest_lived)
        return take(*last_);
    waiting_.push_back(std::move(take));
    if (!std::exchange(is_ordered_, true))
        order_in_time();
}

void Snapshots::order_in_time() {
    const auto allowed = arrived_ + between_two;
    if (!last_ || allowed <= Clock::now())
        return order();
    pause_.expires_at(allowed);
    pause_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            order();
    });
}

void Snapshots::order() {
    ordered_ = std::exchange(waiting_, {});
    // The loop calls this, and it is the loop that ends the server: one that has gone is not told.
    ask_(SnapshotRequest{}, [this, here = std::weak_ptr{here_}](Answer answer) {
        if (here.expired())
            return;
        boost::asio::post(io_, [this, answer = std::move(answer)]() mutable {
            arrived(std::get<std::shared_ptr<const Snapshot>>(std::move(answer)));
        });
    });
}

void Snapshots::arrived(std::shared_ptr<const Snapshot> snapshot) {
    last_ = std::move(snapshot);
    arrived_ = Clock::now();
    for (const auto& take : std::exchange(ordered_, {}))
        take(*last_);
    is_ordered_ = !waiting_.empty();
    if (is_ordered_)
        order_in_time();
}

} // namespace sshpermd
