// The IDX format of MNIST and its relatives, gzip-compressed or not.
// http://yann.lecun.com/exdb/mnist: two zero bytes, the element type (8: unsigned byte), the
// number of dimensions, the sizes as big-endian 32-bit numbers, the values.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/core/observer.h"
#include "mkdt/data/image_splits.h"

namespace mkdt {

// Whether `folder` has an IDX set's training images (data/idx_layout.h).
bool has_idx(const std::filesystem::path& folder);

// The files that read_idx reads, those of them that are there.
std::vector<std::filesystem::path> idx_files(const std::filesystem::path& folder);

// The set that data/idx_layout.h finds; test images may be missing. Images become [N,1,H,W], those
// of EMNIST are transposed back, which `observer` is told; classes are named by their numbers.
// Images that are not square need options.image_size. Throws Error naming the file.
ImageSplits read_idx(const std::filesystem::path& folder, const ReadOptions& options,
                     Observer& observer);

// One file of unsigned bytes with `rank` dimensions: uint8. Memory is taken as the values come, at
// most twice what came, not by what the header promises. Bounds: 4 GiB of values, 100 million
// rows, sides of 65536.
torch::Tensor read_idx_file(const std::filesystem::path& path, int64_t rank);

}  // namespace mkdt
