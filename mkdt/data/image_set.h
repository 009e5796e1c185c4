// Real images: uint8, decoded once, with optional labels.
#pragma once

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

}  // namespace mkdt
