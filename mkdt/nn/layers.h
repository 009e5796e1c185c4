// The layers that a ConvNet's block can be made of, besides its convolution. None has batch
// statistics.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

enum class Norm {
  kInstance,  // over each plane
  kGroup,     // over each quarter of an image's planes, which have to be a multiple of 4
  kLayer,     // over an image, with an affine map for every value
  kNone,
};
enum class Activation { kRelu, kLeakyRelu, kSwish, kSigmoid };
enum class Pooling { kAverage, kMax, kNone };

// As options and files name them, in the order of the enumerators.
const std::vector<std::string>& norm_names();
const std::vector<std::string>& activation_names();
const std::vector<std::string>& pooling_names();

constexpr double kNormEps = 1e-5;
constexpr int64_t kNormGroups = 4;
constexpr double kLeakySlope = 0.01;

// x [B,C,H,W]; weight and bias [C], for the layer norm [C,H,W], undefined without a norm.
// (x − mean)/√(variance + kNormEps)·weight + bias; any order of derivative.
torch::Tensor normalise(Norm norm, const torch::Tensor& x, const torch::Tensor& weight,
                        const torch::Tensor& bias);
// max(x, 0); max(x, kLeakySlope·x); x/(1 + e^−x); 1/(1 + e^−x)
torch::Tensor activate(Activation activation, const torch::Tensor& x);
// 2×2, stride 2; an odd last row or column is dropped.
torch::Tensor pool(Pooling pooling, const torch::Tensor& x);

}  // namespace mkdt
