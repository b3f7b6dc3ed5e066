# The fuzzers: with libFuzzer where SSHPERMD_LIBFUZZER asks for it, else with a main of their own
# (replay.cpp) that reads the corpora and variations of what is in them.
set(fuzz_sources ${CMAKE_CURRENT_LIST_DIR})

# fuzzer(NAME SOURCE ROOM...): the program fuzz_NAME.
function(fuzzer name source)
    add_executable(fuzz_${name} ${fuzz_sources}/${source}
        $<$<NOT:$<BOOL:${SSHPERMD_LIBFUZZER}>>:${fuzz_sources}/replay.cpp>)
    target_compile_options(fuzz_${name} PRIVATE
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror)
    list(TRANSFORM ARGN PREPEND sshpermd_)
    target_link_libraries(fuzz_${name} PRIVATE sshpermd_options ${ARGN})
endfunction()

fuzzer(inotify inotify_fuzzer.cpp watch)
fuzzer(config config_fuzzer.cpp policy)
fuzzer(keys keys_fuzzer.cpp keys)
fuzzer(key_file key_file_fuzzer.cpp keys)
fuzzer(keygen keygen_fuzzer.cpp keys)
fuzzer(event event_fuzzer.cpp event keys)
fuzzer(text text_fuzzer.cpp event keys)
fuzzer(acl acl_fuzzer.cpp finding)
fuzzer(record record_fuzzer.cpp record)
fuzzer(login_defs login_defs_fuzzer.cpp policy)
fuzzer(memory memory_fuzzer.cpp record)
fuzzer(host_files host_files_fuzzer.cpp policy)
fuzzer(request request_fuzzer.cpp reconcile)
fuzzer(accounts accounts_fuzzer.cpp policy)
fuzzer(explain explain_fuzzer.cpp explain)

# The control: a fuzzer with a bug in it, which must be found.
fuzzer(control login_defs_fuzzer.cpp policy)
target_compile_definitions(fuzz_control PRIVATE SSHPERMD_PLANTED_BUG)
