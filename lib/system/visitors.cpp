#include "system/visitors.hpp"

#include "event/text.hpp"
#include "system/home_root.hpp"
#include "system/processes.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace sshpermd {
namespace {

constexpr unsigned search = 01;
constexpr unsigned read_and_search = 05;

/// A home as it is today.
struct Today {
    const Narrowing* home;
    Observed observed;
    std::string name;                   ///< the kernel's, every link on the way resolved
    std::vector<std::string> published; ///< directories in it that others can use

    /// Will somebody be able to do less with it, of whom `is_in` says which groups he is in?
    template <typename IsIn>
    bool shuts_out(IsIn is_in) const {
        const auto bits = [&](Mode mode, gid_t group) {
            return mode.bits() >> (is_in(group) ? 3U : 0U);
        };
        const auto now = bits(observed.mode, observed.group);
        const auto after = bits(home->then, home->account.gid);
        if ((now & search) != 0)
            return (now & ~after & read_and_search) != 0;
        return observed.has_acl && (observed.mode & ~home->then).has(0070);
    }
};

/// Of what uses a home, processes that differ in their number only.
struct Users {
    pid_t first = 0;
    std::size_t more = 0;
    std::string place;
};
using UsersByWho = std::map<std::string, Users>;

std::string name_of(const Handle& handle) {
    std::array<char, PATH_MAX> name{};
    const auto length = readlink(proc_path(handle.fd()).c_str(), name.data(), name.size());
    return length <= 0 ? "" : std::string{name.data(), static_cast<std::size_t>(length)};
}

std::vector<std::string> published_in(const Kernel& kernel, const Handle& home,
                                      const std::string& path) {
    std::vector<std::string> found;
    for (const std::string name : {"public_html", "www", "public"}) {
        const auto opened = open_child(kernel, home, name);
        const auto* const dir = std::get_if<Handle>(&opened);
        if (dir == nullptr)
            continue;
        const auto observed = dir->observe();
        if (observed.type == FileType::dir && observed.mode.has(search))
            found.push_back(path + "/" + name + ", open to others (" + to_string(observed.mode) +
                            ")");
    }
    return found;
}

std::optional<Today> look_at(Machine& machine, const Narrowing& home) {
    try {
        const auto root = open_home_root(machine, home.root);
        const auto* const parent = std::get_if<Handle>(&root);
        if (parent == nullptr)
            return std::nullopt;
        const auto opened = open_home(machine, *parent, home.name);
        const auto* const handle = std::get_if<Handle>(&opened);
        if (handle == nullptr)
            return std::nullopt;
        Today today{&home, handle->observe(), name_of(*handle), {}};
        handle->observe_acl(today.observed);
        if (today.observed.mode.has(search) && !home.then.has(search))
            today.published = published_in(machine.kernel, *handle, home.path());
        return today;
    } catch (const std::system_error&) { // the check says what is wrong with it
        return std::nullopt;
    }
}

std::string user_of(uid_t uid, const Accounts& accounts) {
    const auto name = accounts.user_name(uid);
    return name ? "user " + printable(*name) : "uid " + std::to_string(uid);
}

class Search {
  public:
    Search(const std::vector<Narrowing>& homes, const Accounts& accounts) : accounts_(accounts) {
        Machine machine;
        for (const auto& home : homes) {
            today_.push_back(look_at(machine, home));
            if (today_.back())
                by_name_[today_.back()->name] = today_.size() - 1;
        }
        users_.resize(homes.size());
    }

    void note(const Process& process) {
        if (process.uid == 0)
            return;
        const auto is_in = [&](gid_t group) {
            return std::find(process.groups.begin(), process.groups.end(), group) !=
                   process.groups.end();
        };
        std::vector<std::size_t> noted;
        for (const auto& place : process.places)
            for (const auto index : homes_above(place)) {
                const auto& today = *today_[index];
                if (process.uid == today.home->account.uid || !today.shuts_out(is_in) ||
                    std::find(noted.begin(), noted.end(), index) != noted.end())
                    continue;
                noted.push_back(index);
                add(users_[index], process, place);
            }
    }

    std::vector<std::vector<std::string>> finish() const {
        std::vector<std::vector<std::string>> all;
        for (std::size_t i = 0; i < today_.size(); ++i)
            all.push_back(today_[i] ? sentences(*today_[i], users_[i])
                                    : std::vector<std::string>{});
        return all;
    }

  private:
    std::vector<std::size_t> homes_above(std::string_view place) const {
        std::vector<std::size_t> found;
        while (!place.empty()) {
            if (const auto home = by_name_.find(std::string{place}); home != by_name_.end())
                found.push_back(home->second);
            place = place.substr(0, std::min(place.rfind('/'), place.size()));
        }
        return found;
    }

    void add(UsersByWho& users, const Process& process, const std::string& place) const {
        const auto who = printable(process.name) + " (" + user_of(process.uid, accounts_);
        const auto [known, is_new] = users.try_emplace(who, Users{process.pid, 0, place});
        known->second.more += is_new ? 0U : 1U;
    }

    std::vector<std::string> sentences(const Today& today, const UsersByWho& users) const {
        std::vector<std::string> all;
        for (const auto& [who, use] : users) {
            const auto others =
                use.more == 0 ? "" : " and " + std::to_string(use.more) + " more of them";
            all.push_back(who + ", process " + std::to_string(use.first) + others + ") uses " +
                          printable(use.place));
        }
        for (const auto& place : today.published)
            all.push_back("whoever serves or reads " + printable(place));
        const auto below = today.home->path() + "/";
        for (const auto& account : accounts_.all()) {
            const auto is_in = [&](gid_t group) { return accounts_.in_group(account, group); };
            if (account.home.starts_with(below) && account.uid != today.home->account.uid &&
                today.shuts_out(is_in))
                all.push_back(user_of(account.uid, accounts_) + ", whose home " +
                              printable(account.home) + " is below it");
        }
        return all;
    }

    const Accounts& accounts_;
    std::vector<std::optional<Today>> today_;
    std::unordered_map<std::string, std::size_t> by_name_;
    std::vector<UsersByWho> users_;
};

} // namespace

std::vector<std::vector<std::string>> visitors_of(const std::vector<Narrowing>& homes,
                                                  const Accounts& accounts,
                                                  const std::string& proc) {
    Search search_all{homes, accounts};
    if (!homes.empty())
        for_each_process(proc, [&](const Process& process) { search_all.note(process); });
    return search_all.finish();
}

} // namespace sshpermd
