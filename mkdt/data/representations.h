// One vector an image: what an SSL teacher says of an image set, and what students regress.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <torch/types.h>

namespace mkdt {

// Where representations come from.
struct RepresentationsInfo {
  std::string image_fingerprint;  // ImageSet::fingerprint of the images
  std::string encoder;            // fingerprint or description of the encoder
  std::string processing;         // what was done to the raw features: "none", "standardise", …
};

struct Representations : RepresentationsInfo {
  torch::Tensor values;  // float32 [N,d], row i belongs to image i

  int64_t dim() const { return values.size(1); }
};

// From one of the files that data/array_file.h reads, of any floating-point type. A matrix that is
// float32 and row-major stays where the file is mapped. Throws Error naming `path` if the values
// are not finite, not [N,d], or N is not `images` (skip the row check with −1).
Representations read_representations(const std::filesystem::path& path, int64_t images);

void write_representations(const std::filesystem::path& path, const Representations& values);

// A matrix that is asked for a block of rows at a time, and need not be in memory as a whole.
struct RowBlocks {
  int64_t rows = 0, dim = 0;
  std::function<torch::Tensor(int64_t begin, int64_t end)> at;  // float32 [end−begin,dim]
};

// Of a matrix that is there, float32 [N,d].
RowBlocks row_blocks(const torch::Tensor& values);

// The same file from `batch` rows after another. Throws Error naming `path` and the row if values
// are not finite; the file then does not appear.
void write_representations(const std::filesystem::path& path, const RepresentationsInfo& info,
                           const RowBlocks& blocks, int64_t batch = 4096);

}  // namespace mkdt
