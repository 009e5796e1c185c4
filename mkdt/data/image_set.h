// Real images as uint8, decoded once, with optional labels: a set, the splits that readers of every
// format return, and a set's copy on the device that computes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/data/cache.h"
#include "mkdt/data/normalisation.h"

namespace mkdt {

struct ImageSet {
  std::string name;                      // for messages and tables, e.g. "cifar10-small"
  torch::Tensor images;                  // uint8 [N,C,H,W], C is 1 or 3, on the CPU
  torch::Tensor labels;                  // int64 [N] in [0, classes), or undefined if unlabelled
  std::vector<std::string> class_names;  // one a class; empty if unlabelled
  Normalisation normalisation;           // for the channels that `images` has

  int64_t size() const { return images.size(0); }
  int64_t channels() const { return images.size(1); }
  int64_t image_size() const { return images.size(2); }  // images are square
  bool labelled() const { return labels.defined(); }

  // The rows `indices` (int64 [B]) as float32 [B,C,H,W] in normalised space, on `device`.
  torch::Tensor normalised(const torch::Tensor& indices, torch::Device device) const;
  // Returns all rows so; for small sets.
  torch::Tensor normalised(torch::Device device) const;
  // Returns the rows `indices` as a set of their own.
  ImageSet subset(const torch::Tensor& indices) const;
  // Returns a checksum of pixels and normalisation, to which representations of this set are tied.
  std::string fingerprint() const;
};

// Makes three equal channels of grey images, as 3-channel networks take them; colour images stay.
ImageSet with_three_channels(const ImageSet& set);

constexpr int64_t kLargestImage = 512;  // the largest H = W of a data set

struct ReadOptions {
  int64_t image_size = 0;  // H = W to resize to; 0: as the files are
  int64_t limit = 0;       // at most that many training images; 0: all
  int64_t test_limit = 0;  // the same for test images
  // For folders of images, as list_images takes them:
  bool labels = true;
  bool classes_of_train = false;
  Cache cache = {};  // of decoded images
};

// A set's splits as they lie on disk. They carry no normalisation yet.
struct ImageSplits {
  ImageSet train;
  std::optional<ImageSet> test;
  torch::Tensor train_rows;  // int64 [train.size()]: the images' places in the full training split
  int64_t source_rows = 0;   // images in that full training split
  // Places of the test images in the full test split; undefined and 0 where all of it was read.
  torch::Tensor test_rows;
  int64_t source_test_rows = 0;
  std::string published_normalisation;  // name of the published constants for it; may be empty
};

// Returns the first `limit` rows (all, if `limit` is 0) of a training split of `size`: int64.
torch::Tensor first_rows(int64_t size, int64_t limit);

// A set's images where networks compute, for callers that take batches of them again and again.
// Another device gets all pixels once if they take at most `kMostBytes`, else those of each batch.
class ImagesOnDevice {
 public:
  static constexpr int64_t kMostBytes = int64_t{2} << 30;

  ImagesOnDevice(const ImageSet& images, torch::Device device);

  // Returns rows, int64 [B] on any device, as uint8 [B,C,H,W] on `device`.
  torch::Tensor pixels(const torch::Tensor& rows) const;
  // Returns them as float32 in normalised space.
  torch::Tensor normalised(const torch::Tensor& rows) const { return to_normalised_(pixels(rows)); }

 private:
  torch::Device device_;
  torch::Tensor pixels_;  // all, uint8 [N,C,H,W], on `device_` or the CPU
  ChannelMap to_normalised_;
};

}  // namespace mkdt
