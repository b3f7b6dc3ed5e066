#include "policy/config_json.hpp"

#include "policy/config.hpp"
#include "policy/json_mistake.hpp"
#include "policy/json_text.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace sshpermd {
namespace {

constexpr std::size_t max_depth = 16;

/// Where the parser is in the text.
struct Position {
    unsigned line = 1;
    unsigned line_before = 1; ///< of the last character read
};

/// Counts lines as the parser reads. nlohmann's parser gives no positions of its own.
class CountingIterator {
  public:
    using difference_type = std::ptrdiff_t;
    using value_type = char;
    using pointer = const char*;
    using reference = const char&;
    using iterator_category = std::input_iterator_tag;

    CountingIterator(const char* at, Position* position) : at_(at), position_(position) {}

    const char& operator*() const { return *at_; }
    CountingIterator& operator++() {
        position_->line_before = position_->line;
        position_->line += *at_ == '\n' ? 1U : 0U;
        ++at_;
        return *this;
    }
    CountingIterator operator++(int) {
        auto before = *this;
        ++*this;
        return before;
    }
    friend bool operator!=(const CountingIterator& a, const CountingIterator& b) {
        return a.at_ != b.at_;
    }

  private:
    const char* at_;
    Position* position_;
};

/// Builds the document from the parser's callbacks and remembers where each value began.
class Builder : public nlohmann::json_sax<Json> {
  public:
    Builder(std::string_view text, std::string_view file, const Position& position)
        : text_(text), file_(file), position_(position) {}

    JsonDocument take() { return std::move(document_); }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override {
        return put(value);
    }
    bool string(string_t& value) override { return put(value); }
    bool binary(binary_t& /*value*/) override { return false; }

    bool start_object(std::size_t /*elements*/) override { return open(Json::object()); }
    bool start_array(std::size_t /*elements*/) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        auto& top = stack_.back();
        top.key = name;
        const auto pointer = deeper(top.pointer, name);
        if (top.value->contains(name)) {
            const auto first = document_.lines.at(pointer);
            fail(pointer, "this key comes twice, first on line " + std::to_string(first) +
                              "; remove one of the two");
        }
        document_.lines[pointer] = position_.line;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& last_token,
                     const nlohmann::detail::exception& error) override {
        const std::string what = error.what();
        const auto detail = what.find("syntax error");
        const auto report = detail == std::string::npos ? what : what.substr(detail);
        const auto line = report.find("control character U+000A") == std::string::npos
                              ? position_.line
                              : position_.line_before;
        auto advice = advice_on(mistake_at(position, last_token, report));
        if (advice.empty())
            advice = ascii(report) +
                     (last_token.empty() ? std::string{} : " (near " + printable(last_token) + ")");
        throw ConfigError(std::string{file_} + ":" + std::to_string(line) +
                          ": not valid JSON: " + advice);
    }

  private:
    struct Level {
        Json* value;
        std::string pointer;
        std::string key; ///< of the object's member that comes next
    };

    /// `read` characters were read, the last of them in `last_token` if that is one.
    JsonMistake mistake_at(std::size_t read, const std::string& last_token,
                           std::string_view report) const {
        const bool is_token = report.find("unexpected string literal") != std::string_view::npos ||
                              report.find("unexpected number literal") != std::string_view::npos;
        const auto length = is_token ? last_token.size() : std::size_t{1};
        JsonMistake mistake{text_, read - std::min(read, length), report, 0, 0};
        if (!stack_.empty()) {
            const auto& top = stack_.back();
            mistake.open = top.value->is_array() ? '[' : '{';
            mistake.opened_on = document_.lines.at(top.pointer);
        }
        return mistake;
    }

    /// The parser quotes what it read last, whatever that is.
    static std::string ascii(std::string text) {
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
        return text;
    }

    static std::string printable(const std::string& token) {
        return one_line(Json(token.substr(0, 40)));
    }

    [[noreturn]] void fail(const std::string& pointer, std::string_view problem) {
        document_.lines[pointer] = position_.line;
        throw ConfigError(locate(file_, document_, pointer, problem));
    }

    std::string next_pointer() const {
        if (stack_.empty())
            return "";
        const auto& top = stack_.back();
        return deeper(top.pointer,
                      top.value->is_array() ? std::to_string(top.value->size()) : top.key);
    }

    Json* place(Json value) {
        // A number ends with the character after it, which may be a newline.
        const auto line = value.is_number() ? position_.line_before : position_.line;
        document_.lines.try_emplace(next_pointer(), line);
        if (stack_.empty()) {
            document_.root = std::move(value);
            return &document_.root;
        }
        auto& top = stack_.back();
        if (top.value->is_array()) {
            top.value->push_back(std::move(value));
            return &top.value->back();
        }
        auto& member = (*top.value)[top.key];
        member = std::move(value);
        return &member;
    }

    bool put(Json value) {
        place(std::move(value));
        return true;
    }
    bool open(Json container) {
        const auto pointer = next_pointer();
        if (stack_.size() == max_depth)
            fail(pointer, "nested deeper than any configuration is");
        stack_.push_back({place(std::move(container)), pointer, {}});
        return true;
    }
    bool close() {
        stack_.pop_back();
        return true;
    }

    std::string_view text_;
    std::string_view file_;
    const Position& position_;
    JsonDocument document_;
    std::vector<Level> stack_;
};

} // namespace

JsonDocument parse_json(std::string_view text, std::string_view file) {
    Position position;
    Builder builder{text, file, position};
    const CountingIterator begin{text.data(), &position};
    const CountingIterator end{text.data() + text.size(), &position};
    Json::sax_parse(begin, end, &builder, Json::input_format_t::json, true, true);
    return builder.take();
}

std::string locate(std::string_view file, const JsonDocument& document, const std::string& pointer,
                   std::string_view problem) {
    const auto line = document.lines.find(pointer);
    std::string text{file};
    if (line != document.lines.end())
        text += ":" + std::to_string(line->second);
    text += ": ";
    if (!pointer.empty())
        text += one_line(Json(pointer)) + ": ";
    return text.append(problem);
}

std::string deeper(const std::string& pointer, std::string_view key) {
    std::string text = pointer + "/";
    for (const char c : key) {
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

} // namespace sshpermd
