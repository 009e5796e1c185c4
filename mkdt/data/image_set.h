// Real images: uint8, decoded once, with optional labels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/data/normalisation.h"

namespace mkdt {

struct ImageSet {
  std::string name;                      // for messages and tables, e.g. "cifar10-small"
  torch::Tensor images;                  // uint8 [N,C,H,W], C is 1 or 3, on the CPU
  torch::Tensor labels;                  // int64 [N] in [0, classes), or undefined if unlabelled
  std::vector<std::string> class_names;  // one a class; empty if unlabelled
  Normalisation normalisation;           // of the channels that `images` has

  int64_t size() const { return images.size(0); }
  int64_t channels() const { return images.size(1); }
  int64_t image_size() const { return images.size(2); }  // images are square
  bool labelled() const { return labels.defined(); }

  // The rows `indices` (int64 [B]) as float32 [B,C,H,W] in normalised space, on `device`.
  torch::Tensor normalised(const torch::Tensor& indices, torch::Device device) const;
  // All of them; for small sets.
  torch::Tensor normalised(torch::Device device) const;
  // The rows `indices` as a set of their own.
  ImageSet subset(const torch::Tensor& indices) const;
  // Checksum of pixels and normalisation: what representations of this set are tied to.
  std::string fingerprint() const;
};

// Grey images as three equal channels (what 3-channel networks are fed); colour ones unchanged.
ImageSet with_three_channels(const ImageSet& set);

// What every format's reader gives: the splits of a set as they lie on disk.

constexpr int64_t kLargestImage = 512;  // H = W of what a data set is made of

struct ReadOptions {
  int64_t image_size = 0;  // H = W to resize to; 0: as the files are
  int64_t limit = 0;       // at most that many training images; 0: all
  int64_t test_limit = 0;  // the same for test images
  // Of folders of images, as list_images takes them:
  bool labels = true;
  bool classes_of_train = false;
};

// The sets carry no normalisation yet.
struct ImageSplits {
  ImageSet train;
  std::optional<ImageSet> test;
  torch::Tensor train_rows;  // int64 [train.size()]: the images' places in the full training split
  int64_t source_rows = 0;   // images in that full training split
  // The same of the test split; undefined and 0 where all of it was read.
  torch::Tensor test_rows;
  int64_t source_test_rows = 0;
  std::string published_normalisation;  // name of the published constants for it; may be empty
};

// The first `limit` images (all, if `limit` is 0) of a training split of `size`: int64.
torch::Tensor first_rows(int64_t size, int64_t limit);

// The images of a set where networks compute, for whoever takes batches of them again and again.

// Another device gets all pixels once if they take at most `kMostBytes`, else those of each batch.
class ImagesOnDevice {
 public:
  static constexpr int64_t kMostBytes = int64_t{2} << 30;

  ImagesOnDevice(const ImageSet& images, torch::Device device);

  // Rows, int64 [B] on any device, as uint8 [B,C,H,W] on `device`.
  torch::Tensor pixels(const torch::Tensor& rows) const;
  // As float32 in normalised space.
  torch::Tensor normalised(const torch::Tensor& rows) const { return to_normalised_(pixels(rows)); }

 private:
  torch::Device device_;
  torch::Tensor pixels_;  // all, uint8 [N,C,H,W], on `device_` or the CPU
  ChannelMap to_normalised_;
};

}  // namespace mkdt
