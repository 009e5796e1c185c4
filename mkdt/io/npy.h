// Reads and writes NumPy's file formats: .npy, one array, and .npz, several under names.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: "\x93NUMPY", two bytes of
// version, the header's length (two bytes little-endian, four from version 2.0 on), a Python
// dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }, then the raw values.
// https://numpy.org/doc/stable/reference/generated/numpy.savez.html: a zip archive of .npy files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

namespace mkdt {

struct NpyHeader {
  std::string descriptor;  // '<f4'; byte order, kind, bytes
  bool fortran_order = false;
  std::vector<int64_t> shape;  // none negative
};

// Writes "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", padded to a multiple of 64
// bytes together with the `before` bytes of the file that come before it.
std::string npy_header_text(const NpyHeader& header, size_t before);

// Reads no other Python than such a dictionary: the three entries once each, in any order. The
// shape has at most kMaxRank extents, so that memory stays below a few times the text. Throws Error
// that says which character was expected where; it does not know the file's name.
NpyHeader parse_npy_header(std::string_view text);

// Returns a whole .npy file, version 1.0, C order, of float16, float32, float64, int64, int32 or
// uint8.
std::string npy_bytes(const torch::Tensor& tensor);

// Returns a whole .npy file with one text of ASCII characters, which numpy reads as '<U…' without
// dimensions: str(numpy.load(…)) is the text.
std::string npy_text_bytes(std::string_view ascii);

void write_npy(const std::filesystem::path& path, const torch::Tensor& tensor);

// Reads an array of one of these types, versions 1.0 to 3.0, memory-mapped as read_safetensors does
// it; an array in Fortran order comes as a view with the strides of one. Throws Error naming the
// file for other types, and for anything that is not a well-formed file of exactly the size that
// its header says; nothing is allocated before that is checked. Bounds: a header of 65535 bytes,
// kMaxRank dimensions; values that are not aligned are copied, no more than the file has.
torch::Tensor read_npy(const std::filesystem::path& path);

// Writes a zip archive with one stored (uncompressed) NAME.npy an entry, atomically; the same
// tensors give the same bytes. Texts are of ASCII characters, and have no tensor's name; numpy.load
// gives them without pickles.
void write_npz(const std::filesystem::path& path,
               const std::map<std::string, torch::Tensor>& tensors,
               const std::map<std::string, std::string>& texts = {});

}  // namespace mkdt
