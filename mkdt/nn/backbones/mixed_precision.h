// Layers that compute in their input's type, which may be narrower than their parameters': with
// bfloat16 inputs training is in mixed precision, and the parameters' gradients keep their type.
#pragma once

#include <cstdint>

#include <ATen/Generator.h>
#include <c10/util/intrusive_ptr.h>
#include <torch/nn/module.h>

namespace mkdt {

// Has an odd square kernel, same padding and no bias, and He initialisation (arXiv 1502.01852) for
// the ReLU behind: normal, variance 2 / fan-out.
class Convolution : public torch::nn::Module {
 public:
  Convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride, at::Generator& generator);
  // Maps [B,in,H,W] to [B,out,⌈H/stride⌉,⌈W/stride⌉], in x's type. Not const: torch::nn::Sequential
  // wants it so.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  int64_t stride_;
  torch::Tensor weight_;
};

// Computes x·Wᵀ + b. Weights are normal with standard deviation 0.02, biases 0: DeiT's (arXiv
// 2012.12877) initialisation, whose "truncated" normal is cut at ±2, a hundred deviations out.
class Linear : public torch::nn::Module {
 public:
  Linear(int64_t in, int64_t out, at::Generator& generator);
  // Maps [...,in] to [...,out], in x's type.
  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  torch::Tensor weight_, bias_;
};

// Computes x·Wᵀ, float32 [B,in] to [B,out], with PyTorch's initialisation of linear layers: uniform
// in ± 1/√in.
class ProjectionLinear : public torch::nn::Module {
 public:
  ProjectionLinear(int64_t in, int64_t out, at::Generator& generator);
  ~ProjectionLinear() override;
  // In mixed precision factors are rounded to bfloat16 where kernels of our own have matrix units
  // for that; sums and the result are float32 in any case.
  torch::Tensor forward(const torch::Tensor& x, bool mixed_precision);

  bool stock_only = false;  // see use_stock_operators

 private:
  struct Kernel;

  torch::Tensor weight_;
  c10::intrusive_ptr<Kernel> kernel_;  // made when it is first needed
};

}  // namespace mkdt
