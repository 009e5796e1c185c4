// The IDX format of MNIST and its relatives, gzip-compressed or not, under the names that they
// have. http://yann.lecun.com/exdb/mnist: two zero bytes, the element type (8: unsigned byte),
// the number of dimensions, the sizes as big-endian 32-bit numbers, the values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

struct IdxSplit {
  std::filesystem::path images;
  std::filesystem::path labels;
};

struct IdxLayout {
  std::string set;  // what the names begin with: "", "emnist-letters"
  IdxSplit train;
  std::optional<IdxSplit> test;
  // EMNIST's images are MNIST's with rows and columns exchanged.
  bool transposed() const { return set.rfind("emnist", 0) == 0; }
};

// Files are called [SET-]{train,t10k,test}-{images-idx3,labels-idx1}-ubyte[.gz], in any case, with
// dots or underscores for hyphens. They lie in `folder`; or each in a folder of such a name, as
// unpacked archives have it; or in raw/, gzip/ or NAME/raw/ below (torchvision's MNIST/raw). What
// is not compressed and has hyphens goes before others. Nothing where there are no training
// images; Error, which names the sets, where there are those of several, and Error that names the
// missing file where a split has no labels.
std::optional<IdxLayout> find_idx(const std::filesystem::path& folder);

// The IDX format of MNIST and its relatives, gzip-compressed or not.
// http://yann.lecun.com/exdb/mnist: two zero bytes, the element type (8: unsigned byte), the
// number of dimensions, the sizes as big-endian 32-bit numbers, the values.

// Whether `folder` has an IDX set's training images (data/idx.h).
bool has_idx(const std::filesystem::path& folder);

// The files that read_idx reads, those of them that are there.
std::vector<std::filesystem::path> idx_files(const std::filesystem::path& folder);

// The set that data/idx.h finds; test images may be missing. Images become [N,1,H,W], those
// of EMNIST are transposed back, which `observer` is told; classes are named by their numbers.
// Images that are not square need options.image_size. Throws Error naming the file.
ImageSplits read_idx(const std::filesystem::path& folder, const ReadOptions& options,
                     Observer& observer);

// One file of unsigned bytes with `rank` dimensions: uint8. Memory is taken as the values come, at
// most twice what came, not by what the header promises. Bounds: 4 GiB of values, 100 million
// rows, sides of 65536.
torch::Tensor read_idx_file(const std::filesystem::path& path, int64_t rank);

}  // namespace mkdt
