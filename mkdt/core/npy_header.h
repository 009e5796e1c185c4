// The header of a .npy file: a Python dictionary of three entries.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkdt {

struct NpyHeader {
  std::string descriptor;  // '<f4'; byte order, kind, bytes
  bool fortran_order = false;
  std::vector<int64_t> shape;  // none negative
};

// "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", padded to a multiple of 64 bytes
// together with the `before` bytes of the file that come before it.
std::string npy_header_text(const NpyHeader& header, size_t before);

// Reads no other Python than this: the three entries once each, in any order. The shape has at
// most kMaxRank extents, so that memory stays below a few times the text. Throws Error that
// says what was expected where; it does not know the file's name.
NpyHeader parse_npy_header(std::string_view text);

}  // namespace mkdt
