// Chooses the vector instructions of the native kernels when the program runs, not when it is
// built.
#pragma once

#include <string>
#include <vector>

#include "mkdt/nn/native/kernels.h"

namespace mkdt::native {

const char* isa_name(Isa isa);  // "portable", "avx2", "avx512", "amx"
// Returns those that this build has kernels for and this processor can run, slowest first.
std::vector<Isa> available_isas();
// Returns the last of them, unless the environment variable MKDT_ISA names another of them when
// this is first called: a choice for the whole process, since the processor is one. Throws Error if
// the variable names something else.
Isa chosen_isa();

}  // namespace mkdt::native
