// Times the native kernels alone, on one thread, at the sizes of the published student: width 128,
// 32×32 images, micro-batches of 32. The rate of a matrix product in cache is the ceiling of them
// all.
//   build/release/bin/kernel_bench --benchmark_filter=avx512
#include <string>

#include <benchmark/benchmark.h>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/native/isa.h"
#include "mkdt/nn/native/kernels.h"

namespace mkdt::native {
namespace {

constexpr int64_t kWidth = 128;
constexpr int64_t kImages = 32;

// Times c [rows,columns] += a·b, or aᵀ·b with a [depth,rows] if `transposed`.
void multiply(benchmark::State& state, Isa isa, int64_t rows, int64_t columns, int64_t depth,
              bool transposed) {
  Buffer<float> a(rows * depth), b(depth * columns), c(rows * columns);
  for (auto _ : state) {
    kernels<float>(isa).multiply({rows, columns, depth, a.data(), transposed ? 1 : depth,
                                  transposed ? rows : 1, b.data(), columns, c.data(), columns,
                                  true});
    benchmark::ClobberMemory();
  }
  state.counters["flops"] = benchmark::Counter(2.0 * static_cast<double>(rows * columns * depth),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

using TileKernel = void (*)(const TiledPlane<float>&);

void transform(benchmark::State& state, TileKernel kernel, int64_t size) {
  const int64_t count = tiles_across(size) * tiles_across(size);
  const int64_t stride = kImages * count * kWidth + kChannelPad;
  Buffer<float> plane(size * size * kWidth), frequencies(kFrequencies * stride);
  Buffer<float> zeros(kWidth), discard(kWidth);
  for (auto _ : state) {
    kernel({size, size, kWidth, plane.data(), frequencies.data(), stride, zeros.data(),
            discard.data()});
    benchmark::ClobberMemory();
  }
}

using NormKernel = void (*)(const NormPlane<float>&);

void norm(benchmark::State& state, NormKernel kernel, int64_t size) {
  Buffer<float> y(size * size * kWidth), y_dot(size * size * kWidth), channel(kWidth);
  Buffer<float> pooled(size * size / 4 * kWidth), pooled_dot(size * size / 4 * kWidth);
  Buffer<float> mean(kWidth), mean_dot(kWidth), rstd(kWidth), rstd_dot(kWidth), ggamma(kWidth),
      gbeta(kWidth);
  for (auto _ : state) {
    kernel({size, size, kWidth, channel.data(), channel.data(), 1e-5F, y.data(), mean.data(),
            rstd.data(), pooled.data(), ggamma.data(), gbeta.data(), channel.data(), channel.data(),
            y_dot.data(), mean_dot.data(), rstd_dot.data(), pooled_dot.data()});
    benchmark::ClobberMemory();
  }
}

using PoolKernel = void (*)(const PoolPlane<float>&);

// Pools a band of two rows of the first block.
void pool(benchmark::State& state, PoolKernel kernel, int64_t size) {
  Buffer<float> plane(2 * size * kWidth), pooled(size / 2 * kWidth), channel(kWidth), sums(kWidth);
  Buffer<uint8_t> positive(size / 2 * kWidth);
  for (auto _ : state) {
    kernel({2, size, kWidth, plane.data(), channel.data(), pooled.data(), positive.data(),
            sums.data()});
    benchmark::ClobberMemory();
  }
}

void covariance(benchmark::State& state, Isa isa) {
  Buffer<float> rows(27 * 1040), products(27 * 27);
  for (auto _ : state) {
    kernels<float>(isa).covariance({27, 1024, 1040, rows.data()}, products.data());
    benchmark::ClobberMemory();
  }
}

int register_all() {
  for (const Isa isa : available_isas()) {
    const std::string prefix = std::string(isa_name(isa)) + "/";
    const auto add = [&](const std::string& name, auto function, auto... arguments) {
      benchmark::RegisterBenchmark((prefix + name).c_str(), function, arguments...)
          ->Unit(benchmark::kMicrosecond);
    };
    const Kernels<float>& k = kernels<float>(isa);
    add("multiply/in_cache_96x64x128", multiply, isa, 96, 64, 128, false);
    add("multiply/second_block_512x128x128", multiply, isa, 512, 128, 128, false);
    add("multiply/third_block_128x128x128", multiply, isa, 128, 128, 128, false);
    add("multiply/filter_gradient_128x128x512", multiply, isa, 128, 128, 512, true);
    add("multiply/filter_gradient_128x128x128", multiply, isa, 128, 128, 128, true);
    add("multiply/columns_64x128x27", multiply, isa, 64, 128, 27, false);
    add("multiply/head_32x512x2048", multiply, isa, kImages, 512, 2048, false);
    add("input_transform/16", transform, k.input_transform, 16);
    add("input_adjoint/16", transform, k.input_adjoint, 16);
    add("output_transform/16", transform, k.output_transform, 16);
    add("output_adjoint/16", transform, k.output_adjoint, 16);
    add("covariance/27x1024", covariance, isa);
    add("relu_pool/2x32", pool, k.relu_pool, 32);
    add("masked_pool/2x32", pool, k.masked_pool, 32);
    add("masked_pool_adjoint/2x32", pool, k.masked_pool_adjoint, 32);
    for (const int64_t size : {16, 8}) {
      const std::string suffix = "/" + std::to_string(size);
      add("norm_forward" + suffix, norm, k.norm_forward, size);
      add("norm_backward" + suffix, norm, k.norm_backward, size);
      add("norm_tangent" + suffix, norm, k.norm_tangent, size);
      add("norm_tangent_backward" + suffix, norm, k.norm_tangent_backward, size);
    }
  }
  return 0;
}

[[maybe_unused]] const int kRegistered = register_all();

}  // namespace
}  // namespace mkdt::native
