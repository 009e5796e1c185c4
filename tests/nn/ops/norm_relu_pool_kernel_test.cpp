// The bodies of the GPU's kernels, run on the CPU: every part of a plane is a thread of its own.
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

using std::sqrt;
#include "mkdt/nn/ops/norm_relu_pool_kernel.h"
#include "mkdt/nn/ops/norm_relu_pool_parts.h"
#include "tests/fixtures/meeting.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using mkdt_kernel::Place;
using mkdt_kernel::Planes;
using testing::relative_error;
using torch::Tensor;

constexpr double kEps = 1e-5;

template <typename Work>
void for_planes(const Tensor& x, int parts, const Work& work) {
  for (int image = 0; image < x.size(0); ++image) {
    for (int channel = 0; channel < x.size(1); ++channel) {
      testing::Meeting<double> meeting(parts);
      const auto sums = [&](auto& values) { meeting(values); };
      std::vector<std::thread> threads;
      for (int part = 0; part < parts; ++part) {
        threads.emplace_back([&, part] { work(Place{image, channel, part, parts}, sums); });
      }
      for (std::thread& thread : threads) thread.join();
    }
  }
}

struct Case {
  int64_t batch, channels, height, width;
  int parts;
};

class NormReluPoolKernel : public ::testing::TestWithParam<at::MemoryFormat> {
 protected:
  Tensor laid_out(const Tensor& x) const { return x.contiguous(GetParam()); }
  Tensor pooled_like(const Tensor& x) const {
    return laid_out(
        torch::full({x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2}, NAN, torch::kFloat64));
  }
};

TEST_P(NormReluPoolKernel, DoesWhatTheLoopsDo) {
  const std::vector<Case> cases = {{2, 3, 8, 8, 1}, {2, 3, 8, 8, 3}, {3, 2, 7, 5, 2},
                                   {1, 2, 1, 4, 2}, {2, 2, 2, 3, 3}, {1, 33, 4, 4, 2}};
  for (const Case& c : cases) {
    SCOPED_TRACE(::testing::Message() << c.height << "×" << c.width << ", " << c.parts);
    torch::manual_seed(c.height);
    const auto random = [](at::IntArrayRef sizes) { return torch::randn(sizes, torch::kFloat64); };
    const Tensor x = random({c.batch, c.channels, c.height, c.width}) * 2 + 0.7;
    NormReluPoolSaved saved = {x, random({c.channels}), random({c.channels}), {}, {}};
    const Tensor value = kNormReluPoolLoops.value(saved, kEps);
    const Tensor gp = torch::randn_like(value), v = torch::randn_like(x);
    const Tensor vgamma = random({c.channels}), vbeta = random({c.channels});
    const auto first = kNormReluPoolLoops.gradient(saved, gp);
    const auto second = kNormReluPoolLoops.second_gradient(saved, gp, v, vgamma, vbeta);

    const Planes planes = {static_cast<int>(c.channels), static_cast<int>(c.height),
                           static_cast<int>(c.width),
                           GetParam() == at::MemoryFormat::ChannelsLast ? 1 : 0};
    const auto per_plane = [&] { return torch::full({c.batch, c.channels}, NAN, torch::kFloat64); };
    const Tensor own_x = laid_out(x), own_gp = laid_out(gp), own_v = laid_out(v);
    const Tensor mean = per_plane(), rstd = per_plane();
    const mkdt_kernel::NormInputs<double> in = {
        own_x.data_ptr<double>(), saved.gamma.data_ptr<double>(), saved.beta.data_ptr<double>(),
        mean.data_ptr<double>(), rstd.data_ptr<double>()};

    const Tensor pooled = pooled_like(x);
    for_planes(x, c.parts, [&](const Place& place, const auto& sums) {
      value_of_plane(planes, in, kEps, pooled.data_ptr<double>(), place, sums);
    });
    EXPECT_LE(relative_error(pooled, value), 1e-13);
    EXPECT_LE(relative_error(mean, saved.mean), 1e-13);
    EXPECT_LE(relative_error(rstd, saved.rstd), 1e-13);

    const Tensor gx = torch::full_like(own_x, NAN), ggamma = per_plane(), gbeta = per_plane();
    for_planes(x, c.parts, [&](const Place& place, const auto& sums) {
      gradient_of_plane(
          planes, in,
          mkdt_kernel::Gradients<double>{own_gp.data_ptr<double>(), gx.data_ptr<double>(),
                                         ggamma.data_ptr<double>(), gbeta.data_ptr<double>()},
          place, sums);
    });
    EXPECT_LE(relative_error(gx, first[0]), 1e-12);
    EXPECT_LE(relative_error(ggamma.sum(0), first[1]), 1e-12);
    EXPECT_LE(relative_error(gbeta.sum(0), first[2]), 1e-12);

    const Tensor ggp = pooled_like(x), g2x = torch::full_like(own_x, NAN), g2gamma = per_plane();
    for_planes(x, c.parts, [&](const Place& place, const auto& sums) {
      second_gradient_of_plane(
          planes, in,
          mkdt_kernel::SecondGradients<double>{own_gp.data_ptr<double>(), own_v.data_ptr<double>(),
                                               vgamma.data_ptr<double>(), vbeta.data_ptr<double>(),
                                               ggp.data_ptr<double>(), g2x.data_ptr<double>(),
                                               g2gamma.data_ptr<double>()},
          place, sums);
    });
    EXPECT_LE(relative_error(ggp, second[0]), 1e-12);
    EXPECT_LE(relative_error(g2x, second[1]), 1e-12);
    EXPECT_LE(relative_error(g2gamma.sum(0), second[2]), 1e-12);
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, NormReluPoolKernel,
                         ::testing::Values(at::MemoryFormat::Contiguous,
                                           at::MemoryFormat::ChannelsLast),
                         [](const auto& test) {
                           return test.param == at::MemoryFormat::Contiguous ? "Planes"
                                                                             : "ChannelsLast";
                         });

}  // namespace
}  // namespace mkdt
