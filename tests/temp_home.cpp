#include "temp_home.hpp"

#include "catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <map>
#include <system_error>

namespace sshpermd {
namespace {

void must(int result, const std::string& doing) {
    if (result != 0)
        throw std::system_error(errno, std::generic_category(), doing);
}

} // namespace

Kernel kernel_variant() {
    auto kernel = Kernel::detect();
    const int variant = GENERATE(0, 1, 2, 3);
    kernel.openat2 = kernel.openat2 && (variant & 1) == 0;
    kernel.fchmodat2 = kernel.fchmodat2 && (variant & 2) == 0;
    return kernel;
}

TempRoot::TempRoot() {
    std::string name = "/var/lib/sshpermd-test.XXXXXX";
    if (mkdtemp(name.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(),
                                "these tests need root: cannot make " + name);
    path_ = name;
    must(::chmod(name.c_str(), 0755), "chmod " + name);
}

TempRoot::~TempRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

TempHome::TempHome(const std::string& name) : name_(name) {
    config.home_roots = {root()};
    for (const auto* const dir : {"", ".ssh"}) {
        must(mkdir(path(dir).c_str(), 0700), "mkdir " + path(dir));
        chown(dir, uid, gid);
    }
    std::ofstream{path(".ssh/authorized_keys")} << "# nobody's key\n";
    chmod(".ssh/authorized_keys", 0600);
    chown(".ssh/authorized_keys", uid, gid);
}

std::string TempHome::path(const std::string& below) const {
    return root() + "/" + name_ + (below.empty() ? "" : "/" + below);
}

void TempHome::chmod(const std::string& below, unsigned mode) const {
    must(::chmod(path(below).c_str(), mode), "chmod " + path(below));
}

void TempHome::chown(const std::string& below, uid_t owner, gid_t group) const {
    must(lchown(path(below).c_str(), owner, group), "chown " + path(below));
}

void TempHome::remove(const std::string& below) const { std::filesystem::remove_all(path(below)); }

void TempHome::write(const std::string& below, const std::string& text) const {
    std::ofstream{path(below)} << text;
}

bool TempHome::is_right() const {
    const std::map<std::string, unsigned> modes{
        {"", 0700}, {".ssh", 0700}, {".ssh/authorized_keys", 0600}};
    return std::all_of(modes.begin(), modes.end(), [&](const auto& expected) {
        const auto seen = look(expected.first);
        return seen.mode == Mode{expected.second} && seen.owner == uid && seen.group == gid;
    });
}

void TempHome::open_up() const {
    chmod("", 0777);
    chmod(".ssh", 0777);
    chmod(".ssh/authorized_keys", 0666);
}

Observed TempHome::look(const std::string& below) const {
    struct stat about {};
    must(lstat(path(below).c_str(), &about), "lstat " + path(below));
    Observed observed;
    observed.mode = Mode{about.st_mode};
    observed.owner = about.st_uid;
    observed.group = about.st_gid;
    observed.inode = about.st_ino;
    observed.links = static_cast<std::uint32_t>(about.st_nlink);
    return observed;
}

const Report& TempHome::Rounds::of(Target target) const {
    for (const auto& report : reports)
        if (report.target == target)
            return report;
    FAIL("no report on " << sshpermd::word(target));
    std::abort();
}

TempHome::Rounds TempHome::round(Hand hand, const Round::Gate& gate) {
    accounts_ = std::make_shared<const Accounts>(
        std::vector<Account>{{"root", 0, 0, "/root"}, {"alice", uid, gid, path()}},
        std::vector<Group>{{"root", 0, {}}, {"alice", gid, {}}, {"others", second_gid, {"bob"}}});
    homes_ = find_homes(accounts_, config, 1000);
    REQUIRE(homes_.size() == 1);

    Machine machine;
    machine.kernel = kernel;
    machine.chroots = Chroots{sshd};
    Round round{machine, config, *accounts_, 0, hand, gate};
    round.remember_in(memory, learn);
    round.word = word;
    const auto root_round = round.root(root());
    return {root_round.report, round.home(root_round, homes_[0]).reports};
}

} // namespace sshpermd
