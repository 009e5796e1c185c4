// NumPy's file formats: .npy for one array, .npz for several under names.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

namespace mkdt {

// A whole .npy file, version 1.0, C order. float32, float64, int64, int32 or uint8.
std::string npy_bytes(const torch::Tensor& tensor);

void write_npy(const std::filesystem::path& path, const torch::Tensor& tensor);

// A zip archive with one stored (uncompressed) NAME.npy an entry; atomic, the same tensors give
// the same bytes.
void write_npz(const std::filesystem::path& path,
               const std::map<std::string, torch::Tensor>& tensors);

}  // namespace mkdt
