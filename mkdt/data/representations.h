// Representations, one vector an image, which an SSL teacher computes and students regress: their
// files, and measures of how spread out they are.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// Tells where representations come from.
struct RepresentationsInfo {
  std::string image_fingerprint;  // ImageSet::fingerprint of the images
  std::string encoder;            // fingerprint or description of the encoder
  std::string processing;         // of the raw features: "none", "standardise", …
};

// What a file of them says without a look at the values.
struct RepresentationsHeader : RepresentationsInfo {
  int64_t images = 0;
  int64_t dim = 0;
};

struct Representations : RepresentationsInfo {
  torch::Tensor values;  // float32 [N,d], row i belongs to image i

  int64_t dim() const { return values.size(1); }
};

// Reads a file of one of the kinds that io/array_file.h reads, of any floating-point type. A matrix
// that is float32 and row-major stays where the file is mapped. Throws Error naming `path` if the
// values are not finite, not [N,d], or N is not `images` (−1 skips the check of rows).
Representations read_representations(const std::filesystem::path& path, int64_t images);

// The same Errors but for values that are not finite, which are not looked at.
RepresentationsHeader read_representations_header(const std::filesystem::path& path,
                                                  int64_t images);

void write_representations(const std::filesystem::path& path, const Representations& values);

// A matrix that is asked for a block of rows at a time, and need not be in memory as a whole.
struct RowBlocks {
  int64_t rows = 0, dim = 0;
  std::function<torch::Tensor(int64_t begin, int64_t end)> at;  // float32 [end−begin,dim]
};

// Serves blocks of a matrix that is in memory, float32 [N,d].
RowBlocks row_blocks(const torch::Tensor& values);

// Writes such a file from `batch` rows after another. Throws Error naming `path` and the row if
// values are not finite; the file then does not appear.
void write_representations(const std::filesystem::path& path, const RepresentationsInfo& info,
                           const RowBlocks& blocks, int64_t batch = 4096);

// Returns the path of the file of names beside a file of rows: "train.npy" → "train.npy.names".
std::filesystem::path row_names_file(const std::filesystem::path& rows);

// Checks the file that says which image each row is of. It has a line for every row with the
// image's path; `images` are in the order of the data set, each below its root. A line may say more
// of the path than that (from the root of the file system) or less (from the split's folder).
// Throws Error naming the first line that is of another image, or the numbers if there are too few
// or too many. Bounds: 4 GiB.
void check_row_names(const std::filesystem::path& file, const std::vector<std::string>& images);

// Returns the standard deviation over rows, mean over dimensions, of z [N,D] with each row first
// scaled to length √D (arXiv 2011.10566, section 4.1): near 1 where directions are spread out, 0
// where all are the same.
double direction_std(const torch::Tensor& z);

// Returns how many dimensions are in use, 1 to min(N−1, D): exp(−Σ_k p_k log p_k) with p_k = σ_k /
// Σ σ, σ the singular values of z [N,D] (RankMe, arXiv 2210.02885, equation 3) around its mean row,
// which RankMe leaves in; 0 if all rows are the same.
double effective_rank(const torch::Tensor& z);

// Says what is wrong with z [N,D] if students could learn next to nothing from it: all rows are the
// same, up to rounding; few of them differ; or all lie on a line. Empty if nothing is wrong, or for
// one row.
std::string lack_of_information(const torch::Tensor& z);

}  // namespace mkdt
