// sshpermctl's look at many homes, which several threads share.
#include "accounts.hpp"
#include "catch.hpp"
#include "homes/survey.hpp"

TEST_CASE("a look at many homes is shared by threads that read one memory", "[survey]") {
    constexpr int count = 600;
    system_tests::Accounts accounts;
    const auto people = accounts.add("user", count);
    for (std::size_t i = 0; i < people.size(); i += 10)
        system_tests::set_mode(people[i].home, 0777);
    sshpermd::Memory memory;
    for (std::size_t i = 0; i < people.size(); i += 2)
        memory.see({people[i].name, people[i].uid, people[i].gid, people[i].home.native()});
    sshpermd::Assistance with;
    with.memory = &memory;

    const auto check = sshpermd::survey(sshpermd::Config{}, {}, sshpermd::Hand::look,
                                        sshpermd::Keep::not_compliant, with);

    CHECK(check.summary.users == count);
    CHECK(check.summary.drift == count / 10);
}
