// Finds and reads the IDX format of MNIST and its relatives, gzip-compressed or not, under the
// names that they have.
// http://yann.lecun.com/exdb/mnist: two zero bytes, the element type (8: unsigned byte), the number
// of dimensions, the sizes as big-endian 32-bit numbers, the values.
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
  std::string set;  // the beginning of the names: "", "emnist-letters"
  IdxSplit train;
  std::optional<IdxSplit> test;
  // Tells whether rows and columns are exchanged, as EMNIST's are against MNIST's.
  bool transposed() const { return set.rfind("emnist", 0) == 0; }
};

// Finds a set's files. They are called
// [SET-]{train,t10k,test}-{images-idx3,labels-idx1}-ubyte[.gz], in any case, with dots or
// underscores for hyphens. They lie in `folder`; or each in a folder of such a name, as unpacked
// archives have it; or in raw/, gzip/ or NAME/raw/ below (torchvision's MNIST/raw). Files that are
// not compressed and whose names have hyphens go before others. Returns nothing where there are no
// training images. Throws Error that names the sets where there are those of several, and Error
// that names the missing file where a split has no labels.
std::optional<IdxLayout> find_idx(const std::filesystem::path& folder);

// Tells whether `folder` has an IDX set's training images.
bool has_idx(const std::filesystem::path& folder);

// Returns those files that read_idx would read and that are there.
std::vector<std::filesystem::path> idx_files(const std::filesystem::path& folder);

// Reads the set that find_idx finds; test images may be missing. Images become [N,1,H,W]; those of
// EMNIST are transposed back, which `observer` is told. Classes are named by their numbers. Images
// that are not square need options.image_size. Throws Error naming the file.
ImageSplits read_idx(const std::filesystem::path& folder, const ReadOptions& options,
                     Observer& observer);

// Reads one file of unsigned bytes with `rank` dimensions as uint8. Memory is taken as the values
// come, at most twice as much as came, not by the header's promise. Bounds: 4 GiB of values, 100
// million rows, sides of 65536.
torch::Tensor read_idx_file(const std::filesystem::path& path, int64_t rank);

}  // namespace mkdt
