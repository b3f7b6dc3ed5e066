// Exposure: could somebody else have written what sshd would trust?
#include "catch.hpp"

#include "finding/exposure.hpp"
#include "finding/sshd_rule.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

using namespace sshpermd;

namespace {

/// What a login depends on.
constexpr std::array login_targets{Target::home_root, Target::home, Target::ssh_dir,
                                   Target::authorized_keys};

constexpr uid_t alice = 1001;
constexpr uid_t mallory = 1002;
constexpr gid_t alices = 1001;
constexpr gid_t shared = 100;
constexpr gid_t unknown = 4711;

const Accounts& machine() {
    static const Accounts accounts{{{"root", 0, 0, "/root"},
                                    {"alice", alice, alices, "/home/alice"},
                                    {"mallory", mallory, mallory, "/home/mallory"}},
                                   {{"root", 0, {}},
                                    {"alice", alices, {}},
                                    {"mallory", mallory, {}},
                                    {"users", shared, {"alice", "mallory"}}}};
    return accounts;
}

const Account& alices_account() { return *machine().by_name("alice"); }

Observed link(unsigned mode, uid_t owner = alice, gid_t group = alices) {
    Observed observed;
    observed.type = FileType::dir;
    observed.mode = Mode{mode};
    observed.owner = owner;
    observed.group = group;
    return observed;
}

Observed home_root(unsigned mode = 0755, uid_t owner = 0, gid_t group = 0) {
    return link(mode, owner, group);
}

/// The chain below an honest home root: what step() says of each link.
std::vector<bool> walk(const std::vector<Observed>& links, const Observed& root = home_root()) {
    Exposure above{nullptr, machine()};
    above.step(root);
    auto exposure = above.for_account(alices_account());
    std::vector<bool> said;
    for (const auto& one : links)
        said.push_back(exposure.step(one));
    return said;
}

using Said = std::vector<bool>;

} // namespace

TEST_CASE("a chain as the policy wants it is not exposed", "[exposure]") {
    CHECK(walk({link(0700), link(0700), link(0600)}) == Said{false, false, false});
}

TEST_CASE("what others may write is exposed, and so is all below it", "[exposure]") {
    CHECK(walk({link(0777), link(0700), link(0600)}) == Said{true, true, true});
    CHECK(walk({link(0755), link(0777), link(0600)}) == Said{false, true, true});
    CHECK(walk({link(0755), link(0755), link(0666)}) == Said{false, false, true});
    CHECK(walk({link(0702), link(0700), link(0600)}) == Said{true, true, true});
}

TEST_CASE("a closed way to it excuses nothing: somebody may hold it since it was open",
          "[exposure]") {
    CHECK(walk({link(0700), link(0777), link(0600)}) == Said{false, true, true});
    CHECK(walk({link(0711), link(0700), link(0666)}) == Said{false, false, true});
    CHECK(walk({link(0700), link(0700), link(0666)}, home_root(0700)) == Said{false, false, true});
}

TEST_CASE("group bits count only when the group has somebody besides the account and root",
          "[exposure]") {
    CHECK(walk({link(0770)}) == Said{false});
    CHECK(walk({link(0770, alice, shared)}) == Said{true});
    CHECK(walk({link(0770, alice, unknown)}) == Said{true});
    CHECK(walk({link(0770, alice, 0)}) == Said{false});
    CHECK(walk({link(0750, alice, shared)}) == Said{false});
}

TEST_CASE("a link that belongs to a third user is exposed, whatever its mode", "[exposure]") {
    CHECK(walk({link(0, mallory)}) == Said{true});
    CHECK(walk({link(0755), link(0700, mallory, mallory)}) == Said{false, true});
    CHECK(walk({link(0755), link(0700, 4711, mallory)}) == Said{false, true});
    CHECK(walk({link(0700), link(0700, mallory, mallory)}) == Said{false, true});
}

TEST_CASE("a link that belongs to root is as safe as its mode", "[exposure]") {
    CHECK(walk({link(0755, 0, 0), link(0755, 0, 0), link(0644, 0, 0)}) ==
          Said{false, false, false});
    CHECK(walk({link(0757, 0, 0)}) == Said{true});
}

TEST_CASE("an exposed home root exposes every home below it", "[exposure]") {
    const Said all{true, true, true};
    const std::vector<Observed> chain{link(0700), link(0700), link(0600)};

    CHECK(walk(chain, home_root(0777)) == all);
    CHECK(walk(chain, home_root(01777)) == all);
    CHECK(walk(chain, home_root(0755, mallory)) == all);
    CHECK(walk(chain, home_root(0755, alice)) == all);
    CHECK(walk(chain, home_root(0755, 1)) == all);
    CHECK(walk(chain, home_root(0775, 0, shared)) == all);
    CHECK(walk(chain, home_root(0775)) == Said{false, false, false});
}

TEST_CASE("what the administrator accepts exposes nothing", "[exposure]") {
    Exposure exposure{&alices_account(), machine()};

    exposure.pass();

    CHECK_FALSE(exposure.step(link(0700)));
}

TEST_CASE("what is known to be no replacement is exposed by itself alone", "[exposure]") {
    Exposure above{nullptr, machine()};
    above.step(home_root(0777));
    auto exposure = above.for_account(alices_account());

    CHECK(exposure.step(link(0700)));
    CHECK_FALSE(exposure.is_no_replacement());
    CHECK_FALSE(exposure.step(link(0700)));

    CHECK(exposure.step(link(0777)));
    CHECK(exposure.is_no_replacement());
}

TEST_CASE("a uid that nobody has any more can write nothing", "[exposure]") {
    Exposure exposure{&alices_account(), machine()};
    exposure.disregard(4711);

    CHECK_FALSE(exposure.step(link(0700, 4711)));
    CHECK(exposure.step(link(0700, 4712)));
}

TEST_CASE("one account's chain says nothing about another's", "[exposure]") {
    Exposure root{nullptr, machine()};
    root.step(home_root());
    auto first = root.for_account(alices_account());
    auto second = root.for_account(*machine().by_name("mallory"));

    CHECK(first.step(link(0700, mallory, mallory)));
    CHECK_FALSE(second.step(link(0700, mallory, mallory)));
}

TEST_CASE("named ACL entries count through the group bits", "[exposure]") {
    auto written = link(0770);
    written.has_acl = true;
    written.acl_grants_write = true;
    auto masked = written;
    masked.mode = Mode{0700};
    auto read = link(0770);
    read.has_acl = true;

    CHECK(walk({written}) == Said{true});
    CHECK(walk({masked}) == Said{false});
    CHECK(walk({read}) == Said{false});
}

namespace {

/// The bytes of a system.posix_acl_access attribute.
class AclBytes {
  public:
    AclBytes& entry(unsigned tag, unsigned permissions, unsigned id = 0xffffffffU) {
        put(tag, 2);
        put(permissions, 2);
        put(id, 4);
        return *this;
    }
    const std::vector<std::byte>& bytes() const { return bytes_; }

  private:
    void put(unsigned value, unsigned size) {
        for (unsigned i = 0; i < size; ++i)
            bytes_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xffU));
    }
    std::vector<std::byte> bytes_{std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}};
};

constexpr unsigned user_obj = 0x01;
constexpr unsigned user = 0x02;
constexpr unsigned group_obj = 0x04;
constexpr unsigned group = 0x08;
constexpr unsigned mask = 0x10;
constexpr unsigned other = 0x20;
constexpr unsigned r = 4;
constexpr unsigned rw = 6;
constexpr unsigned rwx = 7;

bool grants(const AclBytes& acl) { return acl_grants_write(acl.bytes()); }

} // namespace

TEST_CASE("a named user or group with write grants it when the mask does", "[exposure]") {
    const auto tag = GENERATE(user, group);
    const auto named = [&](unsigned permissions, unsigned masked) {
        return grants(AclBytes{}
                          .entry(user_obj, rwx)
                          .entry(tag, permissions, 1002)
                          .entry(group_obj, r)
                          .entry(mask, masked)
                          .entry(other, 0));
    };

    CHECK(named(rw, rwx));
    CHECK(named(2, 2));
    CHECK_FALSE(named(rw, r));
    CHECK_FALSE(named(rw, 0));
    CHECK_FALSE(named(r, rwx));
    CHECK_FALSE(named(5, rwx));
}

TEST_CASE("the entries that mirror the mode grant nothing by themselves", "[exposure]") {
    CHECK_FALSE(grants(AclBytes{}.entry(user_obj, rwx).entry(group_obj, rwx).entry(other, rwx)));
    CHECK_FALSE(grants(AclBytes{}.entry(mask, rwx)));
    CHECK_FALSE(grants(AclBytes{}));
}

TEST_CASE("one writer among many entries is enough", "[exposure]") {
    AclBytes acl;
    for (unsigned id = 0; id < 100; ++id)
        acl.entry(user, r, id);
    acl.entry(group, rw, 4711).entry(group, r, 4712).entry(mask, rwx);

    CHECK(grants(acl));
}

TEST_CASE("ids and permissions are read byte by byte, low byte first", "[exposure]") {
    CHECK_FALSE(grants(AclBytes{}.entry(user, r, 0x02020202).entry(mask, rwx)));
    CHECK_FALSE(grants(AclBytes{}.entry(user, 0x0200, 1).entry(mask, rwx)));
    for (const unsigned nobody_knows : {0x0200U, 0U, 0x40U})
        CHECK(grants(AclBytes{}.entry(nobody_knows, 0, 1).entry(mask, rwx)));
}

TEST_CASE("an attribute that cannot be parsed counts as granting", "[exposure]") {
    const auto acl =
        AclBytes{}.entry(user_obj, rwx).entry(group_obj, r).entry(mask, r).entry(other, 0);
    const std::span<const std::byte> whole{acl.bytes()};

    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const bool is_whole = size >= 4 && (size - 4) % 8 == 0;
        INFO(size);
        CHECK(acl_grants_write(whole.first(size)) == !is_whole);
    }
}

namespace {

/// What is said of one link, whatever stands above it.
struct Verdicts {
    bool exposes = false;
    std::optional<bool> blocks;

    friend bool operator==(const Verdicts&, const Verdicts&) = default;
};

Verdicts verdicts(Target target, const Observed& observed, const Account* who) {
    Exposure exposure{who, machine()};
    Verdicts said;
    said.exposes = exposure.step(observed);
    said.blocks = blocks_login(target, observed, who, machine());
    return said;
}

} // namespace

TEST_CASE("where an ACL is said not to matter, no judgement depends on it", "[exposure]") {
    for (const auto target : login_targets)
        for (const uid_t owner : {uid_t{0}, alice, mallory})
            for (const gid_t group_id : {gid_t{0}, alices, shared, unknown})
                for (unsigned mode = 0; mode <= 0777; ++mode) {
                    auto observed = link(mode, owner, group_id);
                    if (target == Target::authorized_keys)
                        observed.type = FileType::file;
                    const auto* const who =
                        target == Target::home_root ? nullptr : &alices_account();
                    if (acl_matters(observed, who))
                        continue;
                    const auto without = verdicts(target, observed, who);

                    observed.has_acl = true;
                    for (const bool writable : {false, true}) {
                        observed.acl_grants_write = writable;
                        if (verdicts(target, observed, who) != without) {
                            INFO(word(target) << ' ' << to_string(observed.mode) << ' ' << owner
                                              << ':' << group_id);
                            REQUIRE(verdicts(target, observed, who) == without);
                        }
                    }
                }
}

TEST_CASE("the ACL of a chain as the policy wants it need not be read", "[exposure]") {
    auto keys = link(0600);
    keys.type = FileType::file;

    CHECK_FALSE(acl_matters(home_root(), nullptr));
    CHECK_FALSE(acl_matters(link(0700), &alices_account()));
    CHECK_FALSE(acl_matters(keys, &alices_account()));
    CHECK_FALSE(acl_matters(link(0755), &alices_account()));
    CHECK(acl_matters(link(0770), &alices_account()));
    CHECK(acl_matters(link(0700, 0, 0), &alices_account()));
}
