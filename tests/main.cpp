// The test runner, for both versions of Catch2.
#if !SSHPERMD_CATCH_VERSION
#define CATCH_CONFIG_MAIN
#else
#define CATCH_CONFIG_RUNNER
#endif
#include "catch.hpp"

#if SSHPERMD_CATCH_VERSION
int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
#endif
