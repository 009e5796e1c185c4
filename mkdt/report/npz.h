// NumPy's archive of several arrays under names.
// https://numpy.org/doc/stable/reference/generated/numpy.savez.html
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

namespace mkdt {

// A zip archive with one stored (uncompressed) NAME.npy an entry; atomic, the same tensors give
// the same bytes. Texts are of ASCII characters, and have no tensor's name; numpy.load gives them
// without pickles.
void write_npz(const std::filesystem::path& path,
               const std::map<std::string, torch::Tensor>& tensors,
               const std::map<std::string, std::string>& texts = {});

}  // namespace mkdt
