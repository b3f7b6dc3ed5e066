#include "record/memory.hpp"

#include "record/memory_record.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace sshpermd {

using What = MemoryRecord::What;

static_assert(Memory::most_lines == MemoryRecord::most_lines);

namespace {

std::vector<LineHash> lines_of(std::string_view packed) {
    std::vector<LineHash> lines(packed.size() / sizeof(LineHash));
    if (!lines.empty())
        std::memcpy(lines.data(), packed.data(), packed.size());
    return lines;
}

} // namespace

void Memory::record_to(Append append) { append_ = std::move(append); }

// ---- what is known

std::optional<std::uint32_t> Memory::id_of(std::string_view user) const {
    return by_name_.find(user, [&](std::uint32_t id) { return user_of(accounts_[id]) == user; });
}

std::optional<Memory::Known> Memory::find(const Account& account) const {
    const auto id = id_of(account.name);
    auto known = id ? std::optional{unpack(accounts_[*id])} : std::nullopt;
    return known && known->uid == account.uid ? std::move(known) : std::nullopt;
}

std::optional<Memory::Thing> Memory::find(const Account& account, std::string_view thing) const {
    const auto known = find(account);
    if (!known)
        return std::nullopt;
    const auto found = std::find_if(known->things.begin(), known->things.end(),
                                    [thing](const Thing& other) { return other.name == thing; });
    return found != known->things.end() ? std::optional{*found} : std::nullopt;
}

bool Memory::has_seen(const Account& account) const { return find(account).has_value(); }

bool Memory::has_read_keys(const Account& account) const {
    const auto known = find(account);
    return known && known->has_read_keys;
}

bool Memory::knows(const Account& account, std::string_view thing,
                   const FileIdentity& identity) const {
    const auto found = find(account, thing);
    return found && !identity.empty() && found->known == identity;
}

bool Memory::knows_line(const Account& account, const LineHash& line) const {
    const auto known = find(account);
    const auto lines = known ? lines_of(known->lines) : std::vector<LineHash>{};
    return std::find(lines.begin(), lines.end(), line) != lines.end();
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
        change({What::learned, account.name, account.uid, thing, identity, {}});
}

void Memory::withhold(const Account& account, std::string_view thing,
                      const FileIdentity& identity) {
    if (!is_withheld(account, thing, identity))
        change({What::withheld, account.name, account.uid, thing, identity, {}});
}

void Memory::release(const Account& account, std::string_view thing) {
    const auto found = find(account, thing);
    if (found && !found->withheld.empty())
        change({What::released, account.name, account.uid, thing, {}, {}});
}

void Memory::learn_lines(const Account& account, std::span<const LineHash> lines) {
    const auto found = find(account);
    const auto before = found ? lines_of(found->lines) : std::vector<LineHash>{};
    const std::set<LineHash> known(before.begin(), before.end());
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
    if (id_of(user))
        change({What::forgot, user, 0, {}, {}, {}});
}

void Memory::forget_departed(std::size_t most,
                             const std::function<bool(std::string_view)>& is_known) {
    std::vector<std::string> departed;
    for (const auto& packed : accounts_) {
        const auto known = unpack(packed);
        const auto is_withheld = [](const Thing& thing) { return !thing.withheld.empty(); };
        if (!is_known(known.user) &&
            std::none_of(known.things.begin(), known.things.end(), is_withheld))
            departed.emplace_back(known.user);
    }
    for (std::size_t i = 0; i + most < departed.size(); ++i)
        forget(departed[i]);
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
    case What::saw:
    case What::read_keys:
    case What::learned:
    case What::withheld:
    case What::released:
    case What::lines: update(record); break;
    case What::forgot: forget_now(record.user); break;
    case What::forgot_all:
        accounts_.clear();
        by_name_ = {};
        break;
    }
}

void Memory::update(const MemoryRecord& record) {
    const auto id = id_of(record.user);
    auto known = id ? unpack(accounts_[*id]) : Known{};
    if (record.what == What::released && (!id || known.uid != record.uid))
        return;
    if (!id || known.uid != record.uid)
        known = {record.user, record.uid, false, {}, {}};
    std::string lines;
    switch (record.what) {
    case What::read_keys: known.has_read_keys = true; break;
    case What::learned: make(known.things, record.thing).known = record.identity; break;
    case What::withheld: make(known.things, record.thing).withheld = record.identity; break;
    case What::released: release(known, record.thing); break;
    case What::lines: add(known, record.lines, lines); break;
    default: break; // it was seen
    }
    if (id) {
        accounts_[*id] = pack(known);
        return;
    }
    by_name_.add(record.user, static_cast<std::uint32_t>(accounts_.size()));
    accounts_.push_back(pack(known));
}

/// The last takes the place.
void Memory::forget_now(std::string_view user) {
    const auto id = id_of(user);
    if (!id)
        return;
    const auto last = static_cast<std::uint32_t>(accounts_.size() - 1);
    by_name_.remove(user, *id);
    if (*id != last) {
        by_name_.remove(user_of(accounts_[last]), last);
        by_name_.add(user_of(accounts_[last]), *id);
        accounts_[*id] = std::move(accounts_[last]);
    }
    accounts_.pop_back();
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

/// `all` is what the lines refer to afterwards.
void Memory::add(Known& known, const std::vector<LineHash>& lines, std::string& all) {
    std::set<LineHash> met;
    const std::set<LineHash> moved(lines.begin(), lines.end());
    auto kept = lines_of(known.lines);
    std::erase_if(kept, [&moved](const LineHash& line) { return moved.contains(line); });
    for (const auto& line : lines)
        if (met.insert(line).second)
            kept.push_back(line);
    if (kept.size() > most_lines)
        kept.erase(kept.begin(), kept.end() - std::ptrdiff_t{most_lines});
    all.assign(reinterpret_cast<const char*>(kept.data()), kept.size() * sizeof(LineHash));
    known.lines = all;
}

void Memory::release(Known& known, std::string_view thing) {
    std::erase_if(known.things, [thing](Thing& one) {
        if (one.name == thing)
            one.withheld = {};
        return one.known.empty() && one.withheld.empty();
    });
}

bool operator==(const Memory& a, const Memory& b) {
    const auto has_the_same = [&b](const PackedBytes& packed) {
        const auto id = b.id_of(Memory::user_of(packed));
        return id && b.accounts_[*id].view() == packed.view();
    };
    return a.accounts_.size() == b.accounts_.size() &&
           std::all_of(a.accounts_.begin(), a.accounts_.end(), has_the_same);
}

void Memory::visit_records(const std::function<void(const MemoryRecord&)>& visit) const {
    for (const auto& packed : accounts_) {
        const auto known = unpack(packed);
        const auto visit_one = [&](What what, std::string_view thing, std::string_view identity) {
            if (what == What::saw || what == What::read_keys || !identity.empty())
                visit({what, known.user, known.uid, thing, identity, {}});
        };
        if (known.has_read_keys)
            visit_one(What::read_keys, {}, {});
        else if (known.things.empty() && known.lines.empty())
            visit_one(What::saw, {}, {});
        for (const auto& thing : known.things) {
            visit_one(What::learned, thing.name, thing.known);
            visit_one(What::withheld, thing.name, thing.withheld);
        }
        if (!known.lines.empty())
            visit({What::lines, known.user, known.uid, {}, {}, lines_of(known.lines)});
    }
}

} // namespace sshpermd
