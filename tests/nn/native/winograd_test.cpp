// The kernels that make a convolution together.
#include <string>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/nn/native/kernel_fixture.h"

namespace mkdt::native {
namespace {

class WinogradKernels : public NativeKernels {};

// The tiles of one plane, with what stands for its surroundings.
template <typename T>
struct Tiles {
  Tiles(const torch::Tensor& plane_, int64_t extra)
      : plane(plane_),
        count(tiles_across(plane.size(0)) * tiles_across(plane.size(1))),
        stride(count * plane.size(2) + extra),
        frequencies(kFrequencies * stride),
        zeros(plane.size(2)),
        discard(plane.size(2)) {}

  TiledPlane<T> view() {
    return {plane.size(0),      plane.size(1), plane.size(2), plane.data_ptr<T>(),
            frequencies.data(), stride,        zeros.data(),  discard.data()};
  }

  torch::Tensor plane;
  int64_t count, stride;
  Buffer<T> frequencies, zeros, discard;
};

// y = conv(x, w) and the gradients of ⟨y, gy⟩, all made of the kernels.
TEST_P(WinogradKernels, Convolve) {
  run([&](auto zero) {
    using T = decltype(zero);
    const auto type = c10::CppTypeToScalarType<T>::value;
    const Kernels<T>& k = table<T>();
    for (const ConvolutionCase& size : kConvolutions) {
      const torch::Tensor x = random({size.inputs, size.height, size.width}, 1).requires_grad_();
      const torch::Tensor w = random({size.outputs, size.inputs, 3, 3}, 2).requires_grad_();
      const torch::Tensor gy = random({size.outputs, size.height, size.width}, 3);
      const torch::Tensor y = torch::conv2d(x.unsqueeze(0), w, {}, 1, 1)[0];
      const auto expected = torch::autograd::grad({(y * gy).sum()}, {x, w});

      const int64_t in = padded(size.inputs), out = padded(size.outputs);
      // taps [9,in,out] and their transposes [9,out,in]
      torch::Tensor taps = torch::zeros({9, in, out}, torch::kFloat64);
      taps.slice(1, 0, size.inputs)
          .slice(2, 0, size.outputs)
          .copy_(w.detach().flatten(2).permute({2, 1, 0}));
      const torch::Tensor forward_taps = taps.to(type).contiguous();
      const torch::Tensor backward_taps = taps.transpose(1, 2).to(type).contiguous();
      const int64_t filter_stride = in * out + 16;
      Buffer<T> filter(kFrequencies * filter_stride), adjoint(kFrequencies * filter_stride);
      k.filter_transform(forward_taps.data_ptr<T>(), in * out, filter.data(), filter_stride);
      k.filter_transform(backward_taps.data_ptr<T>(), in * out, adjoint.data(), filter_stride);

      Tiles<T> input(to_plane<T>(x.detach()), 16);
      Tiles<T> output(to_plane<T>(torch::zeros_like(y)), 32);
      k.input_transform(input.view());
      for (int64_t f = 0; f < kFrequencies; ++f) {
        k.multiply({input.count, out, in, input.frequencies.data() + f * input.stride, in, 1,
                    filter.data() + f * filter_stride, out,
                    output.frequencies.data() + f * output.stride, out, false});
      }
      k.output_transform(output.view());
      expect_close(from_plane(output.plane, size.outputs), y.detach(), "y");

      Tiles<T> gradient(to_plane<T>(gy), 48);
      k.output_adjoint(gradient.view());
      Buffer<T> filter_gradient(kFrequencies * filter_stride);
      Tiles<T> input_gradient(to_plane<T>(random({size.inputs, size.height, size.width}, 9)), 16);
      for (int64_t f = 0; f < kFrequencies; ++f) {
        const T* const g = gradient.frequencies.data() + f * gradient.stride;
        k.multiply({in, out, input.count, input.frequencies.data() + f * input.stride, 1, in, g,
                    out, filter_gradient.data() + f * filter_stride, out, false});
        k.multiply({input.count, in, out, g, out, 1, adjoint.data() + f * filter_stride, in,
                    input_gradient.frequencies.data() + f * input_gradient.stride, in, false});
      }
      k.input_adjoint(input_gradient.view());
      expect_close(from_plane(input_gradient.plane, size.inputs), expected[0], "gx");
      const torch::Tensor gradient_taps = torch::zeros({9, in, out}, type);
      k.filter_adjoint(filter_gradient.data(), filter_stride, in * out,
                       gradient_taps.data_ptr<T>());
      expect_close(gradient_taps.slice(1, 0, size.inputs)
                       .slice(2, 0, size.outputs)
                       .permute({2, 1, 0})
                       .reshape_as(w),
                   expected[1], "gw");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(All, WinogradKernels, ::testing::ValuesIn(variants()), variant_name);

}  // namespace
}  // namespace mkdt::native
