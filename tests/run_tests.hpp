// What each test program's main comes to: Catch2's runner.
#pragma once

/// Runs the tests that the arguments name; returns Catch2's status.
int run_tests(int argc, char** argv);
