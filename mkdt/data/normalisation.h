// Standardises pixels per channel: (x/255 − mean) / std.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// Computes pixels·scale + shift, with a scale and a shift for each channel.
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

  // Returns the map that `apply` applies, for several calls on one device.
  ChannelMap map_on(torch::Device device) const;
  // uint8 [...,C,H,W] → float32 on the same device.
  torch::Tensor apply(const torch::Tensor& pixels) const;
  // float [...,C,H,W] in normalised space → uint8, rounded and clamped.
  torch::Tensor invert(const torch::Tensor& images) const;
  // Throws Error naming `origin` unless it has finite values for so many channels and deviations
  // above 0.
  void check(int64_t channels, const std::string& origin) const;
};

// Returns the published constants of "cifar10", "cifar100", "tiny-imagenet", "imagenet",
// "aircraft", "cub", "dogs" or "flowers"; nothing for other names.
std::optional<Normalisation> published_normalisation(const std::string& name);

// Measures mean and standard deviation of these images, per channel, accumulated in float64.
Normalisation measured_normalisation(const torch::Tensor& images);  // uint8 [N,C,H,W]

}  // namespace mkdt
