// Catch2, version 2 or 3, under one name.
#pragma once

#if SSHPERMD_CATCH_VERSION
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
