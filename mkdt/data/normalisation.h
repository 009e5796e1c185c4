// Per-channel standardisation of pixels: (x/255 − mean) / std.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// pixels·scale + shift, a scale and a shift a channel.
struct ChannelMap {
  torch::Tensor scale, shift;  // float32 [C,1,1]

  // uint8 [...,C,H,W] → float32, on the same device as scale and shift.
  torch::Tensor operator()(const torch::Tensor& pixels) const {
    return pixels.to(torch::kFloat32).mul_(scale).add_(shift);
  }
};

struct Normalisation {
  std::vector<float> mean;  // one a channel, in [0, 1]
  std::vector<float> std;   // one a channel, > 0

  // What `apply` does, for several calls on one device.
  ChannelMap map_on(torch::Device device) const;
  // uint8 [...,C,H,W] → float32 on the same device.
  torch::Tensor apply(const torch::Tensor& pixels) const;
  // float [...,C,H,W] in normalised space → uint8, rounded and clamped.
  torch::Tensor invert(const torch::Tensor& images) const;
  // Error naming `origin` unless it has finite values for so many channels and deviations above 0.
  void check(int64_t channels, const std::string& origin) const;
};

// The published constants: "cifar10", "cifar100", "tiny-imagenet", "imagenet", "aircraft", "cub",
// "dogs", "flowers"; nothing for other names.
std::optional<Normalisation> published_normalisation(const std::string& name);

// Mean and standard deviation of these images, per channel, accumulated in float64.
Normalisation measured_normalisation(const torch::Tensor& images);  // uint8 [N,C,H,W]

}  // namespace mkdt
