#pragma once

// What most test files read, for the compiler's speed alone.
#include "support/catch.hpp"

#include "../cmake/precompiled.hpp"
