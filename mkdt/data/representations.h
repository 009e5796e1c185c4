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
  std::string processing;         // what was done to the raw features: "none" or "standardise"
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

// The same file without the matrix in memory: `rows_at(begin, end)` gives rows [begin,end) of it,
// float32 [end−begin,dim], and is asked for `batch` of them after another. Throws Error naming
// `path` and the row if values are not finite; the file then does not appear.
void write_representations(const std::filesystem::path& path, const RepresentationsInfo& info,
                           int64_t rows, int64_t dim,
                           const std::function<torch::Tensor(int64_t begin, int64_t end)>& rows_at,
                           int64_t batch = 4096);

}  // namespace mkdt
