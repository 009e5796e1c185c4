#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/backbones/mixed_precision.h"
#include "tests/fixtures/thread_count.h"

namespace mkdt {
namespace {

// Odd batches do not divide among two threads; oneDNN's own way of it ended in a crash.
TEST(Convolution, StridedOnesOfFewChannelsDifferentiateOddBatchesOnSeveralThreads) {
  const testing::ThreadCount count(2);
  at::Generator generator = make_generator(1, "test/convolution");
  Convolution layer(4, 8, /*kernel=*/1, /*stride=*/2, generator);
  const torch::Tensor weight = layer.parameters()[0];
  for (const int64_t batch : {1, 5, 17, 25}) {
    const torch::Tensor x = torch::randn({batch, 4, 16, 16}, generator);
    const torch::Tensor reference = weight.detach().to(torch::kDouble).requires_grad_();
    const torch::Tensor expected = at::conv2d(x.to(torch::kDouble), reference, {}, 2);
    const torch::Tensor gy = torch::randn(expected.sizes(), generator);
    expected.backward(gy.to(torch::kDouble));
    for (int repeat = 0; repeat < 20; ++repeat) {
      weight.mutable_grad().reset();
      const torch::Tensor y = layer.forward(x.contiguous(at::MemoryFormat::ChannelsLast));
      y.backward(gy);
      EXPECT_TRUE(at::allclose(y, expected.to(torch::kFloat), 1e-4, 1e-5));
      EXPECT_TRUE(at::allclose(weight.grad(), reference.grad().to(torch::kFloat), 1e-4, 1e-4));
    }
  }
}

}  // namespace
}  // namespace mkdt
