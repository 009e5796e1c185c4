// Reads an exported folder of PNG files back, and computes what an exchange by pictures keeps of a
// set.
#pragma once

#include <filesystem>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// Returns the set that export_set(…, kPng) wrote, with pixels rounded to 8 bits and clamped to
// their range, and everything else as it was. Throws Error naming the file that is missing or does
// not fit.
SyntheticSet import_png_set(const std::filesystem::path& folder);

// Returns, without any files, what import_png_set reads from what export_set(set, …, kPng) writes.
SyntheticSet after_png_files(const SyntheticSet& set);

}  // namespace mkdt
