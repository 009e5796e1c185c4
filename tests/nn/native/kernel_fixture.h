// What the tests of the native kernels have in common.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/native/isa.h"
#include "mkdt/nn/native/kernels.h"

namespace mkdt::native {

// Every kernel on every instruction set that this machine has, in both precisions, against PyTorch
// in float64.
struct Variant {
  Isa isa;
  bool is_double;
};

inline std::vector<Variant> variants() {
  std::vector<Variant> result;
  for (const Isa isa : available_isas()) {
    result.push_back({isa, false});
    result.push_back({isa, true});
  }
  return result;
}

inline std::string variant_name(const ::testing::TestParamInfo<Variant>& info) {
  return std::string(isa_name(info.param.isa)) + (info.param.is_double ? "_double" : "_float");
}

inline torch::Tensor random(std::vector<int64_t> shape, uint64_t seed) {
  at::Generator generator = make_generator(seed, "kernels test");
  return torch::randn(shape, generator, torch::kFloat64);
}

// [channels,height,width] float64 → [height,width,padded] T, and back.
template <typename T>
torch::Tensor to_plane(const torch::Tensor& image) {
  torch::Tensor plane =
      torch::zeros({image.size(1), image.size(2), padded(image.size(0))}, torch::kFloat64);
  plane.slice(2, 0, image.size(0)).copy_(image.permute({1, 2, 0}));
  return plane.to(c10::CppTypeToScalarType<T>::value);
}
inline torch::Tensor from_plane(const torch::Tensor& plane, int64_t channels) {
  return plane.slice(2, 0, channels).permute({2, 0, 1}).to(torch::kFloat64);
}
template <typename T>
torch::Tensor to_channels(const torch::Tensor& values) {
  torch::Tensor result = torch::zeros({padded(values.size(0))}, torch::kFloat64);
  result.slice(0, 0, values.size(0)).copy_(values);
  return result.to(c10::CppTypeToScalarType<T>::value);
}

// Odd sizes, few and many channels.
struct ConvolutionCase {
  int64_t inputs, outputs, height, width;
};
inline const std::vector<ConvolutionCase> kConvolutions = {
    {16, 16, 8, 8}, {3, 5, 7, 7}, {20, 33, 4, 12}, {1, 16, 3, 2}, {17, 2, 14, 5}, {4, 4, 1, 1}};

class NativeKernels : public ::testing::TestWithParam<Variant> {
 protected:
  // Calls body with a zero of the variant's type.
  template <typename Body>
  void run(Body body) {
    if (GetParam().is_double) {
      body(double{});
    } else {
      body(float{});
    }
  }
  template <typename T>
  const Kernels<T>& table() const {
    return kernels<T>(GetParam().isa);
  }
  void expect_close(const torch::Tensor& found, const torch::Tensor& expected,
                    const std::string& what) const {
    ASSERT_EQ(found.sizes(), expected.sizes()) << what;
    const double error = (found.to(torch::kFloat64) - expected).norm().item<double>() /
                         std::max(1e-30, expected.norm().item<double>());
    EXPECT_LE(error, GetParam().is_double ? 1e-12 : 3e-5) << what;
  }
};

}  // namespace mkdt::native
