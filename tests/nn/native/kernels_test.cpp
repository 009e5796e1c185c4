#include "mkdt/nn/native/kernels.h"

#include <string>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/nn/native/columns.h"
#include "tests/nn/native/kernel_fixture.h"

namespace mkdt::native {
namespace {

TEST_P(NativeKernels, MultiplyMatrices) {
  run([&](auto zero) {
    using T = decltype(zero);
    const auto type = c10::CppTypeToScalarType<T>::value;
    uint64_t seed = 0;
    for (const int64_t rows : {1, 2, 5, 6, 7, 13}) {
      for (const int64_t columns : {16, 32, 48, 64, 80, 144}) {
        const int64_t depth = 1 + (rows * 7 + columns) % 19;
        const torch::Tensor a = random({rows, depth}, ++seed), b = random({depth, columns}, ++seed);
        const torch::Tensor before = random({rows, columns}, ++seed);
        for (const bool transposed : {false, true}) {
          const torch::Tensor a_data = (transposed ? a.t() : a).contiguous().to(type);
          const torch::Tensor b_data = b.to(type);
          const torch::Tensor a2 = random({rows, depth}, ++seed);
          const torch::Tensor b2 = random({depth, columns}, ++seed);
          const torch::Tensor a2_data = (transposed ? a2.t() : a2).contiguous().to(type);
          const torch::Tensor b2_data = b2.to(type);
          for (const bool accumulate : {false, true}) {
            for (const bool second : {false, true}) {
              const torch::Tensor c = before.to(type).clone();
              MatrixProduct<T> product = {rows,
                                          columns,
                                          depth,
                                          a_data.data_ptr<T>(),
                                          transposed ? 1 : depth,
                                          transposed ? rows : 1,
                                          b_data.data_ptr<T>(),
                                          columns,
                                          c.data_ptr<T>(),
                                          columns,
                                          accumulate};
              if (second) {
                product.a2 = a2_data.data_ptr<T>();
                product.b2 = b2_data.data_ptr<T>();
              }
              table<T>().multiply(product);
              torch::Tensor expected = a.mm(b);
              if (accumulate) expected = expected + before;
              if (second) expected = expected + a2.mm(b2);
              expect_close(c, expected, std::to_string(rows) + "×" + std::to_string(columns));
            }
          }
        }
      }
    }
  });
}

// Rows with any number of numbers behind the last whole vector.
TEST_P(NativeKernels, CentreRowsAndMultiplyThemWithEachOther) {
  run([&](auto zero) {
    using T = decltype(zero);
    for (const int64_t count : {9, 27, 36}) {
      for (const int64_t length : {4, 49, 64, 225}) {
        const torch::Tensor values = random({count, length}, static_cast<uint64_t>(length)) + 3;
        const int64_t stride = padded(length) + kChannelPad;
        const torch::Tensor data =
            torch::zeros({count, stride}, c10::CppTypeToScalarType<T>::value);
        data.slice(1, 0, length).copy_(values);
        const torch::Tensor covariance = torch::zeros({count, count}, data.options());
        const Rows<T> rows = {count, length, stride, data.data_ptr<T>()};
        table<T>().centre(rows);
        table<T>().covariance(rows, covariance.data_ptr<T>());

        const torch::Tensor centred = values - values.mean(1, /*keepdim=*/true);
        const std::string what = std::to_string(count) + "×" + std::to_string(length);
        expect_close(data.slice(1, 0, length), centred, what);
        expect_close(covariance, centred.mm(centred.t()) / length, what);
        EXPECT_EQ(data.slice(1, length, stride).abs().sum().template item<double>(), 0) << what;
      }
    }
  });
}

TEST(Columns, AreTheNeighbourhoodsOfPixels) {
  for (const int64_t size : {2, 3, 8, 15}) {
    const torch::Tensor image = random({3, size, size}, static_cast<uint64_t>(size));
    const int64_t pixels = size * size, stride = pixels + 5;
    const torch::Tensor columns = torch::full({27, stride}, 7.0, torch::kFloat64);
    image_to_columns(image.data_ptr<double>(), 3, size, stride, columns.data_ptr<double>());
    const torch::Tensor expected =
        torch::im2col(image.unsqueeze(0), {3, 3}, {1, 1}, {1, 1}, {1, 1});
    EXPECT_TRUE(torch::equal(columns.slice(1, 0, pixels), expected[0])) << size;
    EXPECT_TRUE(columns.slice(1, pixels, stride).eq(7).all().item<bool>()) << size;
  }
}

// Norm, ReLU and pool of PyTorch on [channels,height,width].
torch::Tensor stock_norm(const torch::Tensor& y, const torch::Tensor& gamma,
                         const torch::Tensor& beta) {
  const torch::Tensor z = torch::group_norm(y.unsqueeze(0), y.size(0), gamma, beta, 1e-5);
  return torch::avg_pool2d(torch::relu(z), 2)[0];
}

TEST_P(NativeKernels, NormaliseForwardAndBackwardWithTangents) {
  run([&](auto zero) {
    using T = decltype(zero);
    const Kernels<T>& k = table<T>();
    for (const ConvolutionCase& size : kConvolutions) {
      if (size.height < 2 || size.width < 2) continue;
      const std::vector<int64_t> full = {size.inputs, size.height, size.width};
      const torch::Tensor y = random(full, 1).requires_grad_(), y_dot = random(full, 2);
      const torch::Tensor gamma = random({size.inputs}, 3).requires_grad_();
      const torch::Tensor beta = random({size.inputs}, 4).requires_grad_();
      const torch::Tensor gamma_dot = random({size.inputs}, 5), beta_dot = random({size.inputs}, 6);
      const torch::Tensor pooled = stock_norm(y, gamma, beta);
      const torch::Tensor gp = random(pooled.sizes().vec(), 7).requires_grad_();
      const torch::Tensor gp_dot = random(pooled.sizes().vec(), 8);
      const std::vector<torch::Tensor> inputs = {y, gamma, beta};
      const auto gradients = torch::autograd::grad({pooled}, inputs, {gp}, true, true);
      // A tangent of f(x) in the direction v is d⟨∂⟨f,u⟩/∂x, v⟩/du; of a gradient it is the
      // gradient of ⟨gradient, v⟩, because second derivatives commute.
      const torch::Tensor along = (gradients[0] * y_dot).sum() + (gradients[1] * gamma_dot).sum() +
                                  (gradients[2] * beta_dot).sum();
      const torch::Tensor pooled_dot = torch::autograd::grad({along}, {gp}, {}, true)[0];
      auto gradients_dot = torch::autograd::grad({along}, inputs, {}, true);
      const auto through_gp = torch::autograd::grad({pooled}, inputs, {gp_dot});
      for (size_t i = 0; i < 3; ++i) gradients_dot[i] = gradients_dot[i] + through_gp[i];

      const int64_t channels = padded(size.inputs);
      torch::Tensor plane = to_plane<T>(y.detach()), plane_dot = to_plane<T>(y_dot);
      torch::Tensor pool = to_plane<T>(torch::zeros_like(pooled)), pool_dot = pool.clone();
      const torch::Tensor g = to_channels<T>(gamma.detach()), b = to_channels<T>(beta.detach());
      const torch::Tensor g_dot = to_channels<T>(gamma_dot), b_dot = to_channels<T>(beta_dot);
      Buffer<T> mean(channels), mean_dot(channels), rstd(channels), rstd_dot(channels);
      Buffer<T> ggamma(channels), gbeta(channels);
      NormPlane<T> norm{size.height,
                        size.width,
                        channels,
                        g.template data_ptr<T>(),
                        b.template data_ptr<T>(),
                        static_cast<T>(1e-5),
                        plane.data_ptr<T>(),
                        mean.data(),
                        rstd.data(),
                        pool.data_ptr<T>(),
                        ggamma.data(),
                        gbeta.data(),
                        g_dot.template data_ptr<T>(),
                        b_dot.template data_ptr<T>(),
                        plane_dot.data_ptr<T>(),
                        mean_dot.data(),
                        rstd_dot.data(),
                        pool_dot.data_ptr<T>()};
      const auto sums = [&](const Buffer<T>& buffer) {
        return torch::from_blob(const_cast<T*>(buffer.data()), {size.inputs}, plane.options())
            .clone();
      };
      k.norm_forward(norm);
      expect_close(from_plane(pool, size.inputs), pooled.detach(), "pooled");
      const torch::Tensor normalised = plane.clone();
      k.norm_tangent(norm);
      expect_close(from_plane(pool_dot, size.inputs), pooled_dot, "tangent of pooled");

      pool.copy_(to_plane<T>(gp.detach()));
      pool_dot.copy_(to_plane<T>(gp_dot));
      k.norm_backward(norm);
      expect_close(from_plane(plane, size.inputs), gradients[0].detach(), "gy");
      expect_close(sums(ggamma), gradients[1].detach(), "gradient of gamma");
      expect_close(sums(gbeta), gradients[2].detach(), "gradient of beta");

      plane.copy_(normalised);
      ggamma.clear();
      gbeta.clear();
      k.norm_tangent_backward(norm);
      expect_close(from_plane(plane, size.inputs), gradients[0].detach(), "gy beside its tangent");
      expect_close(from_plane(plane_dot, size.inputs), gradients_dot[0], "tangent of gy");
      expect_close(sums(ggamma), gradients_dot[1], "tangent of gamma's gradient");
      expect_close(sums(gbeta), gradients_dot[2], "tangent of beta's gradient");
    }
  });
}

TEST_P(NativeKernels, CentreRowsAndTheirCovariance) {
  run([&](auto zero) {
    using T = decltype(zero);
    for (const int64_t length : {1, 4, 15, 16, 49, 441}) {
      for (const int64_t count : {3, 9, 27}) {
        const torch::Tensor expected = random({count, length}, 1);
        const int64_t stride = padded(length) + kChannelPad;
        const torch::Tensor rows =
            torch::zeros({count, stride}, c10::CppTypeToScalarType<T>::value);
        rows.slice(1, 0, length).copy_(expected);
        const Rows<T> view{count, length, stride, rows.data_ptr<T>()};
        const torch::Tensor products = torch::empty({count, count}, rows.options());
        table<T>().covariance(view, products.data_ptr<T>());
        expect_close(products, expected.mm(expected.t()) / length, "covariance");
        table<T>().centre(view);
        const torch::Tensor centred = expected - expected.mean(1, true);
        EXPECT_LE((rows.slice(1, 0, length) - centred).abs().max().template item<double>(), 1e-5);
        EXPECT_EQ(rows.slice(1, length).abs().max().template item<double>(), 0);
      }
    }
  });
}

TEST_P(NativeKernels, PoolWhatIsPositive) {
  run([&](auto zero) {
    using T = decltype(zero);
    const Kernels<T>& k = table<T>();
    for (const ConvolutionCase& size : kConvolutions) {
      if (size.height < 2 || size.width < 2) continue;
      const std::vector<int64_t> full = {size.inputs, size.height, size.width};
      const torch::Tensor y = random(full, 1), y_dot = random(full, 2);
      const torch::Tensor shift = random({size.inputs}, 3), shift_dot = random({size.inputs}, 4);
      const torch::Tensor z = (y + shift.view({-1, 1, 1})).requires_grad_();
      const torch::Tensor expected = torch::avg_pool2d(torch::relu(z).unsqueeze(0), 2)[0];
      const torch::Tensor gradient = random(expected.sizes().vec(), 5);
      const torch::Tensor expected_gz = torch::autograd::grad({expected}, {z}, {gradient})[0];
      const torch::Tensor mask = (z.detach() > 0).to(torch::kFloat64);
      const torch::Tensor expected_dot =
          torch::avg_pool2d((mask * (y_dot + shift_dot.view({-1, 1, 1}))).unsqueeze(0), 2)[0];

      const torch::Tensor plane = to_plane<T>(y), plane_dot = to_plane<T>(y_dot);
      const torch::Tensor pooled = to_plane<T>(torch::zeros_like(gradient));
      const torch::Tensor by = to_channels<T>(shift), by_dot = to_channels<T>(shift_dot);
      const torch::Tensor positive = torch::zeros(pooled.sizes(), torch::kUInt8);
      const torch::Tensor sums = torch::ones_like(by);
      PoolPlane<T> pool{size.height,
                        size.width,
                        padded(size.inputs),
                        plane.data_ptr<T>(),
                        by.template data_ptr<T>(),
                        pooled.data_ptr<T>(),
                        positive.data_ptr<uint8_t>(),
                        sums.template data_ptr<T>()};
      k.relu_pool(pool);
      expect_close(from_plane(pooled, size.inputs), expected.detach(), "relu and pool");
      PoolPlane<T> dot = pool;
      dot.plane = plane_dot.data_ptr<T>();
      dot.shift = by_dot.template data_ptr<T>();
      k.masked_pool(dot);
      expect_close(from_plane(pooled, size.inputs), expected_dot, "its tangent");
      pooled.copy_(to_plane<T>(gradient));
      k.masked_pool_adjoint(pool);
      expect_close(from_plane(plane, size.inputs), expected_gz, "its adjoint");
      expect_close(sums.slice(0, 0, size.inputs), expected_gz.sum({1, 2}) + 1, "sums");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(All, NativeKernels, ::testing::ValuesIn(variants()), variant_name);

}  // namespace
}  // namespace mkdt::native
