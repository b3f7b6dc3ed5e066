// Rare: what only few of a hundred thousand have.
#pragma once

#include <memory>
#include <utility>

namespace sshpermd {

/// An optional that takes the room of a pointer while there is nothing.
template <typename T>
class Rare {
  public:
    Rare() = default;
    Rare(const Rare& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
    Rare(Rare&&) noexcept = default;
    Rare& operator=(const Rare& other) { return *this = Rare{other}; }
    Rare& operator=(Rare&&) noexcept = default;
    ~Rare() = default;

    Rare& operator=(T value) {
        value_ = std::make_unique<T>(std::move(value));
        return *this;
    }
    void reset() { value_.reset(); }

    /// What is there; made where there was nothing.
    T& make() {
        if (!value_)
            value_ = std::make_unique<T>();
        return *value_;
    }

    explicit operator bool() const { return static_cast<bool>(value_); }
    T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

  private:
    std::unique_ptr<T> value_;
};

} // namespace sshpermd
