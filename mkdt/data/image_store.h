// Keeps the decoded images of a folder in one file, so that they are decoded once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/cache.h"

namespace mkdt {

// What became of an image file.
enum class Decoded : uint8_t { kDamaged, kGrey, kColour };

// CACHE/images/NAME-….safetensors: `images` uint8 [N,3,S,S] in the order of rows, beside `colour`
// uint8 [N], whether an image is no grey one, and `checksums`, of blocks of images. It counts as
// long as the files have the same names, sizes and times of modification.
class ImageStore {
 public:
  // For the images `files` below `root`, in the order of their rows, of the size that the option
  // data.image_size says. Looks at the files, without reading them.
  ImageStore(const Cache& cache, const std::filesystem::path& root,
             const std::vector<std::filesystem::path>& files, int64_t image_size);

  // Tells whether the cache keeps such images; nothing else may be called where it does not.
  bool is_kept() const { return kept_; }

  // Returns the images as uint8 [N,C,S,S], C = 1 if all are grey, mapped into memory; undefined if
  // they have to be decoded, which is said where they have changed.
  torch::Tensor find(Observer& observer) const;

  // Calls decode(row, plane) for every row, which fills the plane, uint8 [3,S,S], and may be called
  // from several threads; goes on where an earlier process was interrupted. Returns the images as
  // `find` does, or undefined if any is damaged. Throws CannotGrow naming the store's file if it
  // cannot be written, what `decode` throws, and Stopped.
  using Decode = std::function<Decoded(int64_t row, const torch::Tensor& plane)>;
  torch::Tensor fill(int64_t size, const Decode& decode, Observer& observer) const;

 private:
  torch::Tensor read() const;

  std::filesystem::path root_;
  int64_t count_;
  FileStamps stamps_;
  bool kept_;
  std::filesystem::path path_;
};

// A file with images in the cache folder, whole or begun.
struct StoredImages {
  std::filesystem::path path;
  std::string root;   // the folder of the images; empty for what an interruption left
  int64_t bytes = 0;  // that it takes
};
std::vector<StoredImages> stored_images(const Cache& cache);

}  // namespace mkdt
