# The installed service without a free descriptor, and with some again.
may_have() { prlimit --pid "$(pid)" --nofile="$1:"; }

make_user alice
install_daemon
comes_right "it repairs" alice
before=$(pid) usual=$(prlimit --pid "$(pid)" --nofile --noheadings --output SOFT | xargs)

may_have 3
break_it alice
eventually "without a descriptor it says why it cannot" has_event repair.failed EMFILE
check "and does not" never right alice
may_have "$usual"
eventually "with some again it repairs" right alice
comes_right "and goes on to do so" alice
check "by the same process" [ "$(pid)" = "$before" ]
well_again
all_told
