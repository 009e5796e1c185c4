// An exported folder of PNG files read back: what an exchange by pictures keeps of a set.
#pragma once

#include <filesystem>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// What export_set(…, kPng) wrote: pixels rounded to 8 bits and clamped to their range, everything
// else as it was. Throws Error naming the file that is missing or does not fit.
SyntheticSet import_png_set(const std::filesystem::path& folder);

// What import_png_set gives of what export_set(set, …, kPng) writes, without the files.
SyntheticSet after_png_files(const SyntheticSet& set);

}  // namespace mkdt
