// The images of a set where networks compute, for whoever takes batches of them again and again.
#pragma once

#include <torch/types.h>

#include "mkdt/data/image_set.h"

namespace mkdt {

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
