#include "mkdt/nn/residual/kernels.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/native/isa.h"

namespace mkdt::residual {
namespace {

using native::Buffer;

// The plain kernels in the role of the oracle: every instruction set's have to agree with them.
const Kernels<Bf16>& plain() { return residual::kernels<Bf16>(Isa::kPortable); }

float widen(Bf16 value) {
  const uint32_t word = static_cast<uint32_t>(value.bits) << 16;
  float wide;
  std::memcpy(&wide, &word, sizeof(wide));
  return wide;
}

class ResidualKernels : public ::testing::TestWithParam<Isa> {
 protected:
  const Kernels<Bf16>& tested() const { return residual::kernels<Bf16>(GetParam()); }

  Buffer<float> numbers(int64_t count) {
    Buffer<float> buffer(count);
    std::normal_distribution<float> normal;
    for (int64_t i = 0; i < count; ++i) buffer.data()[i] = normal(random_);
    return buffer;
  }
  Buffer<Bf16> rounded(int64_t count) {
    const Buffer<float> values = numbers(count);
    Buffer<Bf16> buffer(count);
    for (int64_t i = 0; i < count; ++i) round_to(values.data()[i], buffer.data()[i]);
    return buffer;
  }

 private:
  std::mt19937 random_{5};
};

// Sums are made in another order.
void expect_near(const Buffer<float>& found, const Buffer<float>& expected, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    ASSERT_NEAR(found.data()[i], expected.data()[i], 1e-3) << i;
  }
}

// A last bit may be rounded the other way, where a product was not rounded before its sum.
void expect_near(const Buffer<Bf16>& found, const Buffer<Bf16>& expected) {
  for (int64_t i = 0; i < expected.size(); ++i) {
    const float exact = widen(expected.data()[i]);
    ASSERT_NEAR(widen(found.data()[i]), exact, std::abs(exact) / 128 + 1e-6) << i;
  }
}

TEST_P(ResidualKernels, PackWholeTilesAndParts) {
  const Buffer<float> weights = numbers(32 * 16 * 9);
  struct Part {
    int64_t deep, deep_step, columns, column_step;
  };
  for (const Part& part : {Part{32, 16, 16, 1}, Part{16, 9, 16, 32 * 9}, Part{16, 1, 16, 32},
                           Part{7, 9, 16, 63}, Part{16, 16, 5, 1}, Part{3, 1, 9, 3}}) {
    Buffer<Bf16> found(kTileSize), expected(kTileSize);
    for (Buffer<Bf16>* to : {&found, &expected}) {
      const Kernels<Bf16>& kernels = to == &found ? tested() : plain();
      kernels.pack(
          {weights.data(), part.deep, part.deep_step, part.columns, part.column_step, to->data()});
    }
    for (int64_t i = 0; i < kTileSize; ++i) {
      ASSERT_EQ(found.data()[i].bits, expected.data()[i].bits) << part.deep << " deep, " << i;
    }
  }
}

TEST_P(ResidualKernels, RoundToTheNearest) {
  const Buffer<float> values = numbers(64);
  Buffer<Bf16> found(64), expected(64);
  tested().round(values.data(), 64, found.data());
  for (int64_t i = 0; i < 64; ++i) {
    round_to(values.data()[i], expected.data()[i]);
    ASSERT_EQ(found.data()[i].bits, expected.data()[i].bits);
  }
}

TEST_P(ResidualKernels, MultiplyOverlappingRows) {
  for (const int64_t columns : {16, 32, 48}) {
    for (const int64_t rows : {5, 16, 33, 100}) {
      constexpr int64_t kChannels = 16, kStep = 16;
      const Buffer<Bf16> values = rounded((rows + 40) * kStep + 200);
      StripProduct<Bf16> product{};
      std::vector<Buffer<Bf16>> weights;
      for (const int64_t taps : {3, 1, 2}) {  // 48 numbers are a tile and a half
        const int64_t depth = taps * kChannels;
        weights.push_back(rounded(tiles_deep(depth) * kTileDepth * columns));
        for (int64_t k = depth; k < tiles_deep(depth) * kTileDepth; ++k) {
          for (int64_t n = 0; n < columns; ++n) {
            weights.back().data()[place_of_weight(k, n, depth)] = {};
          }
        }
        product.runs[product.run_count++] = {values.data() + taps * 32, depth, nullptr};
      }
      for (int r = 0; r < product.run_count; ++r) {
        product.runs[r].weights = weights[static_cast<size_t>(r)].data();
      }
      product.rows = rows;
      product.step = kStep;
      product.columns = columns;
      Buffer<float> found((rows + kRowPad) * columns), expected((rows + kRowPad) * columns);
      product.out = found.data();
      tested().multiply(product);
      product.out = expected.data();
      plain().multiply(product);
      expect_near(found, expected, rows * columns);
    }
  }
}

TEST_P(ResidualKernels, CorrelateValuesWithGradients) {
  for (const int64_t stride : {1, 2}) {
    for (const int64_t columns : {16, 48}) {
      for (const int64_t rows : {7, 64, 101}) {
        constexpr int64_t kChannels = 32;
        const int64_t size = stride * rows + 20;
        const Buffer<Bf16> values = rounded((size + 200) * kChannels);
        Buffer<Bf16> gradients = rounded((rows + 1) * columns);
        std::fill_n(gradients.data() + rows * columns, columns, Bf16{});
        const std::vector<int64_t> blocks = {0, 0, 1, 16, 2, 0, 5, 16, 12, 0};
        Correlation<Bf16> c{};
        c.values = values.data();
        c.channels = kChannels;
        c.size = size;
        c.stride = stride;
        c.blocks = blocks.data();
        c.block_count = 5;
        c.gradients = gradients.data();
        c.rows = rows;
        c.columns = columns;
        Buffer<Bf16> room(correlation_room(c));
        c.room = room.data();
        Buffer<float> found = numbers(columns * 5 * 16), expected = found;
        for (const bool first : {false, true, false}) {
          c.first = first;
          c.sums = found.data();
          tested().correlate(c);
          c.sums = expected.data();
          plain().correlate(c);
          expect_near(found, expected, expected.size());
        }
      }
    }
  }
}

// Pixels with others between them, of two vectors of channels.
constexpr Pixels kEverySecond{9, 32, 2};
constexpr int64_t kPlane = 9 * 2 * 32 + 4096;

TEST_P(ResidualKernels, JoinNormsAndShortcuts) {
  const Buffer<Bf16> y = rounded(kPlane), shortcut = rounded(kPlane);
  const Buffer<float> scale = numbers(32), shift = numbers(32), scale2 = numbers(32),
                      shift2 = numbers(32);
  for (const int kind : {0, 1, 2}) {
    for (const bool twice : {false, true}) {
      Buffer<Bf16> found(kPlane), expected(kPlane), also(kPlane), expected_also(kPlane);
      Kernels<Bf16>::Join join{y.data(), scale.data(), shift.data(), nullptr,
                               nullptr,  nullptr,      nullptr,      nullptr};
      if (kind > 0) join.shortcut = shortcut.data();
      if (kind > 1) {
        join.shortcut_scale = scale2.data();
        join.shortcut_shift = shift2.data();
      }
      join.out = found.data();
      if (twice) join.also = also.data();
      tested().join(kEverySecond, join);
      join.out = expected.data();
      if (twice) join.also = expected_also.data();
      plain().join(kEverySecond, join);
      expect_near(found, expected);
      expect_near(also, expected_also);
      if (twice) expect_near(also, found);
    }
  }
}

TEST_P(ResidualKernels, SettleWithSums) {
  const Buffer<float> products = numbers(9 * 32);
  Buffer<Bf16> found(kPlane), expected(kPlane);
  Buffer<float> sums = numbers(64), expected_sums = sums;
  tested().settle(kEverySecond, products.data(), found.data(), sums.data(), sums.data() + 32);
  plain().settle(kEverySecond, products.data(), expected.data(), expected_sums.data(),
                 expected_sums.data() + 32);
  expect_near(found, expected);
  expect_near(sums, expected_sums, 64);
}

TEST_P(ResidualKernels, MakeGradientsBeforeNorms) {
  const Buffer<Bf16> m = rounded(kPlane), y = rounded(kPlane);
  const Buffer<float> by_m = numbers(32), by_y = numbers(32), constant = numbers(32);
  Buffer<Bf16> found(kPlane), expected(kPlane);
  Kernels<Bf16>::NormGradient gradient{m.data(),    y.data(),        by_m.data(),
                                       by_y.data(), constant.data(), found.data()};
  tested().norm_gradient(kEverySecond, gradient);
  gradient.out = expected.data();
  plain().norm_gradient(kEverySecond, gradient);
  for (int64_t i = 0; i < kPlane; ++i) {  // terms may cancel
    ASSERT_NEAR(widen(found.data()[i]), widen(expected.data()[i]), 0.05) << i;
  }
}

TEST_P(ResidualKernels, MaskGradientsWithSums) {
  const Buffer<float> g = numbers(9 * 32), scale = numbers(32), shift = numbers(32),
                      mean = numbers(32), mean2 = numbers(32);
  const Buffer<Bf16> other = rounded(kPlane), open = rounded(kPlane), y = rounded(kPlane),
                     y2 = rounded(kPlane);
  for (const bool by_norm : {false, true}) {
    for (const bool with_other : {false, true}) {
      for (const bool two : {false, true}) {
        if (by_norm && (with_other || two)) continue;  // is not there
        for (const int64_t g_step : {0, 32}) {
          Kernels<Bf16>::Masked masked{};
          masked.g = g.data();
          masked.g_step = g_step;
          if (with_other) masked.other = other.data();
          if (by_norm) {
            masked.scale = scale.data();
            masked.shift = shift.data();
          } else {
            masked.open = open.data();
          }
          masked.y[0] = y.data();
          masked.mean[0] = mean.data();
          if (two) {
            masked.y[1] = y2.data();
            masked.mean[1] = mean2.data();
          }
          Buffer<Bf16> found(kPlane), expected(kPlane);
          Buffer<float> sums = numbers(96), expected_sums = sums;
          const auto run = [&](const Kernels<Bf16>& kernels, Buffer<Bf16>& m, Buffer<float>& to) {
            masked.m = m.data();
            masked.sums = to.data();
            masked.products[0] = to.data() + 32;
            masked.products[1] = to.data() + 64;
            kernels.masked(kEverySecond, masked);
          };
          run(tested(), found, sums);
          run(plain(), expected, expected_sums);
          expect_near(found, expected);
          expect_near(sums, expected_sums, 96);
        }
      }
    }
  }
}

TEST_P(ResidualKernels, AddUpPixels) {
  const Buffer<Bf16> values = rounded(kPlane);
  Buffer<float> sums = numbers(32), expected = sums;
  tested().add_up(kEverySecond, values.data(), sums.data());
  plain().add_up(kEverySecond, values.data(), expected.data());
  expect_near(sums, expected, 32);
}

INSTANTIATE_TEST_SUITE_P(All, ResidualKernels, ::testing::ValuesIn(native::available_isas()),
                         [](const auto& isa) { return std::string(isa_name(isa.param)); });

}  // namespace
}  // namespace mkdt::residual
