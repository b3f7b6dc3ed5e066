#include "record/memory.hpp"

#include "record/memory_record.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace sshpermd {

using What = MemoryRecord::What;

static_assert(Memory::most_lines == MemoryRecord::most_lines);

void Memory::record_to(Append append) { append_ = std::move(append); }

// ---- what is known

const Memory::Known* Memory::find(const Account& account) const {
    const auto found = accounts_.find(account.name);
    return found != accounts_.end() && found->second.uid == account.uid ? &found->second : nullptr;
}

std::optional<Memory::Thing> Memory::find(const Account& account, std::string_view thing) const {
    const auto* const known = find(account);
    if (known == nullptr)
        return std::nullopt;
    const auto things = unpack(known->things);
    const auto found = std::find_if(things.begin(), things.end(),
                                    [thing](const Thing& other) { return other.name == thing; });
    return found != things.end() ? std::optional{*found} : std::nullopt;
}

/// Each text after its length in a byte: a record's limits are below that.
Memory::Things Memory::unpack(std::string_view packed) {
    const auto take = [&packed] {
        const auto length = static_cast<unsigned char>(packed.front());
        const auto text = packed.substr(1, length);
        packed.remove_prefix(1U + length);
        return text;
    };
    Things things;
    while (!packed.empty()) {
        const auto name = take();
        const auto known = take();
        things.push_back({name, known, take()});
    }
    return things;
}

std::string Memory::pack(const Things& things) {
    static_assert(MemoryRecord::longest_name < 256 && MemoryRecord::longest_identity < 256);
    std::string packed;
    for (const auto& thing : things)
        for (const auto text : {thing.name, thing.known, thing.withheld}) {
            packed += static_cast<char>(text.size());
            packed += text;
        }
    packed.shrink_to_fit();
    return packed;
}

bool Memory::has_seen(const Account& account) const { return find(account) != nullptr; }

bool Memory::has_read_keys(const Account& account) const {
    const auto* const known = find(account);
    return known != nullptr && known->has_read_keys;
}

bool Memory::knows(const Account& account, std::string_view thing,
                   const FileIdentity& identity) const {
    const auto found = find(account, thing);
    return found && !identity.empty() && found->known == identity;
}

bool Memory::knows_line(const Account& account, const LineHash& line) const {
    const auto* const known = find(account);
    return known != nullptr &&
           std::find(known->lines.begin(), known->lines.end(), line) != known->lines.end();
}

bool Memory::is_withheld(const Account& account, std::string_view thing,
                         const FileIdentity& identity) const {
    const auto found = find(account, thing);
    return found && !identity.empty() && found->withheld == identity;
}

// ---- what changes it

void Memory::see(const Account& account) {
    if (!has_seen(account))
        change({What::saw, account.name, account.uid, {}, {}, {}});
}

void Memory::read_keys(const Account& account) {
    if (!has_read_keys(account))
        change({What::read_keys, account.name, account.uid, {}, {}, {}});
}

void Memory::learn(const Account& account, std::string_view thing, const FileIdentity& identity) {
    if (!knows(account, thing, identity))
        change({What::learned, account.name, account.uid, std::string{thing}, identity, {}});
}

void Memory::withhold(const Account& account, std::string_view thing,
                      const FileIdentity& identity) {
    if (!is_withheld(account, thing, identity))
        change({What::withheld, account.name, account.uid, std::string{thing}, identity, {}});
}

void Memory::release(const Account& account, std::string_view thing) {
    const auto found = find(account, thing);
    if (found && !found->withheld.empty())
        change({What::released, account.name, account.uid, std::string{thing}, {}, {}});
}

void Memory::learn_lines(const Account& account, std::span<const LineHash> lines) {
    const auto* const found = find(account);
    const auto known = found == nullptr ? std::set<LineHash>{}
                                        : std::set(found->lines.begin(), found->lines.end());
    std::set<LineHash> met;
    MemoryRecord all{What::lines, account.name, account.uid, {}, {}, {}};
    auto fresh = all;
    for (const auto& line : lines) {
        if (met.size() == most_lines)
            break;
        if (!met.insert(line).second)
            continue;
        all.lines.push_back(line);
        if (!known.contains(line))
            fresh.lines.push_back(line);
    }
    if (!fresh.lines.empty())
        change(known.size() + fresh.lines.size() <= most_lines ? fresh : all);
}

void Memory::forget(std::string_view user) {
    std::string name{user};
    if (accounts_.contains(name))
        change({What::forgot, std::move(name), 0, {}, {}, {}});
}

void Memory::forget_all() {
    if (!accounts_.empty())
        change({What::forgot_all, {}, 0, {}, {}, {}});
}

void Memory::change(const MemoryRecord& record) {
    if (!is_within_limits(record))
        return;
    apply(record);
    if (append_)
        append_(to_bytes(record));
}

// ---- records

bool Memory::replay(std::string_view record) {
    const auto read = memory_record(record);
    if (read)
        apply(*read);
    return read.has_value();
}

void Memory::apply(const MemoryRecord& record) {
    switch (record.what) {
    case What::saw: make(record.user, record.uid); break;
    case What::read_keys: make(record.user, record.uid).has_read_keys = true; break;
    case What::learned:
    case What::withheld: learn_or_withhold(record); break;
    case What::lines: add(make(record.user, record.uid), record.lines); break;
    case What::released: release(record); break;
    case What::forgot: accounts_.erase(record.user); break;
    case What::forgot_all: accounts_.clear(); break;
    }
}

Memory::Known& Memory::make(const std::string& user, uid_t uid) {
    auto& known = accounts_[user];
    if (known.uid != uid)
        known = Known{uid, false, {}, {}};
    return known;
}

void Memory::learn_or_withhold(const MemoryRecord& record) {
    auto& known = make(record.user, record.uid);
    auto things = unpack(known.things);
    auto& thing = make(things, record.thing);
    (record.what == What::learned ? thing.known : thing.withheld) = record.identity;
    known.things = pack(things);
}

Memory::Thing& Memory::make(Things& things, std::string_view thing) {
    const auto found = std::find_if(things.begin(), things.end(),
                                    [thing](const Thing& other) { return other.name == thing; });
    if (found != things.end())
        return *found;
    if (things.size() == most_things) {
        // What is withheld and forgotten would be opened again.
        const auto oldest = std::find_if(things.begin(), things.end(),
                                         [](const Thing& other) { return other.withheld.empty(); });
        things.erase(oldest != things.end() ? oldest : things.begin());
    }
    return things.emplace_back(Thing{thing, {}, {}});
}

void Memory::add(Known& known, const std::vector<LineHash>& lines) {
    std::set<LineHash> met;
    const std::set<LineHash> moved(lines.begin(), lines.end());
    std::erase_if(known.lines, [&moved](const LineHash& line) { return moved.contains(line); });
    for (const auto& line : lines)
        if (met.insert(line).second)
            known.lines.push_back(line);
    if (known.lines.size() > most_lines)
        known.lines.erase(known.lines.begin(), known.lines.end() - std::ptrdiff_t{most_lines});
}

void Memory::release(const MemoryRecord& record) {
    const auto found = accounts_.find(record.user);
    if (found == accounts_.end() || found->second.uid != record.uid)
        return;
    auto things = unpack(found->second.things);
    std::erase_if(things, [&record](Thing& thing) {
        if (thing.name == record.thing)
            thing.withheld = {};
        return thing.known.empty() && thing.withheld.empty();
    });
    found->second.things = pack(things);
}

std::vector<std::string> Memory::records() const {
    std::vector<std::string> records;
    for (const auto& [user, known] : accounts_) {
        const auto add_record = [&, &user = user, &known = known](What what, std::string_view thing,
                                                                  std::string_view identity) {
            if (what == What::saw || what == What::read_keys || !identity.empty())
                records.push_back(to_bytes(
                    {what, user, known.uid, std::string{thing}, std::string{identity}, {}}));
        };
        if (known.has_read_keys)
            add_record(What::read_keys, {}, {});
        else if (known.things.empty() && known.lines.empty())
            add_record(What::saw, {}, {});
        for (const auto& thing : unpack(known.things)) {
            add_record(What::learned, thing.name, thing.known);
            add_record(What::withheld, thing.name, thing.withheld);
        }
        if (!known.lines.empty())
            records.push_back(to_bytes({What::lines, user, known.uid, {}, {}, known.lines}));
    }
    return records;
}

} // namespace sshpermd
