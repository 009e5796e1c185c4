// NumPy's file format for one array.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: "\x93NUMPY", two bytes of
// version, the header's length (two bytes little-endian, four from version 2.0 on), a Python
// dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }, then the raw values.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

// A whole .npy file, version 1.0, C order. float16, float32, float64, int64, int32 or uint8.
std::string npy_bytes(const torch::Tensor& tensor);

// A whole .npy file with one text of ASCII characters, of which numpy makes '<U…' of no dimension:
// str(numpy.load(…)) is the text.
std::string npy_text_bytes(std::string_view ascii);

void write_npy(const std::filesystem::path& path, const torch::Tensor& tensor);

// An array of one of these types, versions 1.0 to 3.0. Memory-mapped as read_safetensors does it;
// an array in Fortran order comes as a view with the strides of one. Throws Error naming the file
// for other types, and for anything that is not a well-formed file of exactly the size that its
// header says; nothing is allocated before that is checked. Bounds: a header of 65535 bytes,
// kMaxRank dimensions; values that are not aligned are copied, no more than the file has.
torch::Tensor read_npy(const std::filesystem::path& path);

}  // namespace mkdt
