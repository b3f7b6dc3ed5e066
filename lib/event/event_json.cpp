#include "event/event_json.hpp"

#include "event/text.hpp"
#include "keys/base64.hpp"
#include "policy/json_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace sshpermd {
namespace {

constexpr std::size_t max_message = 256;
constexpr std::size_t max_path = 320;
constexpr std::size_t max_path_bytes = 810; ///< 1,080 digits of base64
constexpr std::size_t max_name = 64;

/// As events have it: what may be long is cut, and what is not known left out.
Json short_json(const Id& id) {
    Json json{{"id", id.id}};
    if (id.name)
        json["name"] = cut(*id.name, max_name);
    return json;
}

Json short_json(const Attributes& attributes) {
    return {{"mode", to_string(attributes.mode)},
            {"owner", short_json(attributes.owner)},
            {"group", short_json(attributes.group)}};
}

Json short_json(const UserRef& user) {
    Json json{{"name", cut(user.name, max_name)}};
    if (user.id)
        json["id"] = *user.id;
    return json;
}

/// JSON may write a byte as six ("\u00e9"), so what counts is the escaped length.
std::string fitting(std::string_view text, std::size_t max) {
    auto part = cut(text, max);
    constexpr std::size_t quotes = 2;
    constexpr std::size_t longest_escape = 6; // so many digits a byte can take, "\u001b"
    for (auto size = one_line(Json(part)).size(); size > max + quotes;
         size = one_line(Json(part)).size()) {
        const auto excess = (size - max - quotes + longest_escape - 1) / longest_escape;
        part = cut(part, part.size() - excess);
    }
    return std::string{part};
}

Json short_json(const FileRef& file) {
    const auto path = fitting(file.path, max_path);
    Json json{{"path", path}};
    if (path != file.path || !is_utf8(file.path))
        json["path_b64"] = encode_base64(std::string_view{file.path}.substr(0, max_path_bytes));
    if (file.type)
        json["type"] = word(*file.type);
    if (file.inode)
        json["inode"] = *file.inode;
    if (file.links)
        json["nlink"] = *file.links;
    if (!file.handle.empty())
        json["handle"] = hex_of(file.handle);
    return json;
}

Json short_json(const ContentFacts& content) {
    auto json = Json::object();
    if (!content.sha256.empty())
        json["sha256"] = content.sha256;
    json["fingerprints"] = content.fingerprints;
    if (content.more > 0)
        json["more"] = content.more;
    return json;
}

Json short_json(const KeyRef& key) {
    Json json{{"fingerprint", key.fingerprint}, {"type", key.type}, {"bits", key.bits}};
    if (!key.options.empty())
        json["options"] = fitting(key.options, max_message);
    if (!key.comment.empty())
        json["comment"] = fitting(key.comment, max_message);
    return json;
}

/// The first sixteen of a list that may be long.
template <typename List, typename Add>
void add_first(Json& json, const char* name, const List& list, std::size_t& more, Add add) {
    auto& array = json[name] = Json::array();
    const auto count = std::min(list.size(), ContentFacts::most);
    for (std::size_t i = 0; i < count; ++i)
        array.push_back(add(list[i]));
    more += list.size() - count;
}

Json short_json(const KeyNews& news, EventType type) {
    auto json = Json::object();
    std::size_t more = 0;
    const auto as_it_is = [](const std::string& fingerprint) { return Json(fingerprint); };
    if (type == EventType::keys_changed) {
        add_first(json, "appeared", news.appeared, more, as_it_is);
        add_first(json, "gone", news.gone, more, as_it_is);
    } else {
        json["accepted"] = news.accepted;
        add_first(json, "ignored", news.ignored, more, [](const KeyNews::Line& line) {
            return Json{{"line", line.number}, {"reason", word(line.why)}};
        });
    }
    if (more > 0)
        json["more"] = more;
    return json;
}

Json short_json(const TreeFacts& tree) {
    auto from = Json::array();
    for (const auto& [owner, group, inodes] : tree.from)
        from.push_back({{"owner", owner}, {"group", group}, {"inodes", inodes}});
    return {{"count", tree.count},
            {"owner", short_json(tree.owner)},
            {"group", short_json(tree.group)},
            {"from", std::move(from)}};
}

Json changes_between(const Attributes& before, const Attributes& after) {
    auto changes = Json::array();
    if (before.mode != after.mode)
        changes.push_back("mode");
    if (before.owner.id != after.owner.id)
        changes.push_back("owner");
    if (before.group.id != after.group.id)
        changes.push_back("group");
    return changes;
}

std::int64_t microseconds_of(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

Json short_json(const Event& event, const Stamp& stamp) {
    Json json{{"schema", "sshpermd.event/1"},
              {"id", stamp.id},
              {"seq", stamp.seq},
              {"time", to_rfc3339(stamp.time)},
              {"event", word(event.type)},
              {"severity", word(event.severity)},
              {"outcome", word(event.outcome)},
              {"message", fitting(event.message, max_message)}};
    constexpr std::size_t usual_members = 32;
    json.get_ref<Json::object_t&>().reserve(usual_members); // growing copies all names
    if (event.user)
        json["user"] = short_json(*event.user);
    if (event.target)
        json["target"] = word(*event.target);
    if (event.file)
        json["file"] = short_json(*event.file);
    if (!event.reasons.empty())
        json["reasons"] = event.reasons;
    if (event.before)
        json["before"] = short_json(*event.before);
    if (event.expected)
        json["expected"] = short_json(*event.expected);
    if (event.before && event.after) {
        json["after"] = short_json(*event.after);
        json["changes"] = changes_between(*event.before, *event.after);
    }
    if (event.blocks_login)
        json["blocks_login"] = *event.blocks_login;
    if (event.exposed)
        json["exposed"] = *event.exposed;
    if (event.content)
        json["content"] = short_json(*event.content);
    if (event.key)
        json["key"] = short_json(*event.key);
    if (event.keys)
        json["keys"] = short_json(*event.keys, event.type);
    if (event.tree)
        json["tree"] = short_json(*event.tree);
    if (event.replaced)
        json["replaced"] = true;
    if (event.error)
        json["error"] = {{"code", event.error->code}, {"message", cut(event.error->message, 400)}};
    if (event.trigger)
        json["trigger"] = word(*event.trigger);
    if (event.trouble)
        json["trouble"] = word(*event.trouble);
    if (event.request)
        json["request"] = {
            {"uid", event.request->uid}, {"gid", event.request->gid}, {"pid", event.request->pid}};
    if (event.duration)
        json["duration_us"] = event.duration->count();
    if (event.wrong_for)
        json["wrong_for_us"] = event.wrong_for->count();
    if (event.suppressed)
        json["suppressed"] = *event.suppressed;
    if (event.count)
        json["count"] = *event.count;
    if (!event.undone.empty())
        json["undone"] = event.undone;
    if (!event.kept_by.empty())
        json["kept_by"] = Json::parse(event.kept_by);
    if (event.missed_by_events)
        json["missed_by_events"] = *event.missed_by_events;
    if (event.lost_since)
        json["lost_since"] = to_rfc3339(*event.lost_since);
    if (!stamp.boot_id.empty())
        json["boot_id"] = stamp.boot_id;
    if (!stamp.host.empty())
        json["host"]["name"] = cut(stamp.host, max_name);
    if (!stamp.machine.empty())
        json["host"]["id"] = stamp.machine;
    json["daemon"] = {{"version", stamp.version}, {"pid", stamp.pid}};
    json["source"] = stamp.source == Source::daemon ? "daemon" : "sshpermctl";
    return json;
}

} // namespace

std::string to_line(const Event& event, const Stamp& stamp) {
    auto json = short_json(event, stamp);
    if ((event.file && event.file->path.size() > max_path_bytes) ||
        fitting(event.message, max_message) != event.message)
        json["truncated"] = true;
    auto line = one_line(json);
    // Longest first: what is left always fits.
    for (const auto* const part :
         {"/file/path_b64", "/error/message", "/host", "/expected", "/content/fingerprints",
          "/kept_by", "/key/options", "/key/comment"}) {
        if (line.size() <= max_line)
            break;
        const Json::json_pointer pointer{part};
        if (!json.contains(pointer))
            continue;
        json[pointer.parent_pointer()].erase(pointer.back());
        json["truncated"] = true;
        line = one_line(json);
    }
    return line;
}

std::string to_rfc3339(std::chrono::system_clock::time_point time) {
    constexpr std::int64_t million = 1'000'000;
    const auto us = microseconds_of(time);
    const auto part = (us % million + million) % million; // also before 1970
    const std::time_t seconds = (us - part) / million;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 40> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    auto fraction = std::to_string(million + part);
    fraction.front() = '.';
    return std::string{text.data(), length} + fraction + "Z";
}

} // namespace sshpermd
