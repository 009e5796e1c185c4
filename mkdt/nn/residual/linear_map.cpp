#include "mkdt/nn/residual/linear_map.h"

#include "mkdt/base/threads.h"
#include "mkdt/nn/flop_counter.h"

namespace mkdt::residual {
namespace {

constexpr int64_t kRowsBeyond = 48;  // that the kernels may read
constexpr int64_t kShareRows = 64;

Layer one_pixel(int64_t in, int64_t out) {
  return {{1, 1, 1, 1}, in, out, padded(in), padded(out)};
}

const std::vector<TapRun> kOneTap = {{0, {{0, 0}}}};

}  // namespace

LinearMap::LinearMap(int64_t in, int64_t out, Isa isa)
    : layer_(one_pixel(in, out)),
      kernels_(residual::kernels<Bf16>(isa)),
      forward_(layer_, kOneTap, /*adjoint=*/false),
      adjoint_(layer_, kOneTap, /*adjoint=*/true) {}

const Bf16* LinearMap::round_rows(const torch::Tensor& values, int64_t padded_channels,
                                  Buffer<Bf16>& rounded) const {
  const torch::Tensor dense = values.contiguous();
  const int64_t rows = dense.size(0), channels = dense.size(1);
  const int64_t size = (rows + kRowsBeyond) * padded_channels + kTileDepth;
  Bf16* const to = room(rounded, size);
  const float* const from = dense.data_ptr<float>();
  if (channels == padded_channels) {
    kernels_.round(from, rows * channels, to);
  } else {
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t c = 0; c < channels; ++c) {
        round_to(from[row * channels + c], to[row * padded_channels + c]);
      }
    }
  }
  std::fill(to + rows * padded_channels, to + size, Bf16{});  // a batch may be smaller than before
  return to;
}

torch::Tensor LinearMap::multiply(const Bf16* rows, int64_t count,
                                  const PackedWeights<Bf16>& weights, int64_t step, int64_t columns,
                                  int64_t columns_pad) {
  float* const products = room(products_, (count + kRowPad) * columns_pad);
  share_out((count + kShareRows - 1) / kShareRows, [&](int64_t share, int64_t) {
    const int64_t begin = share * kShareRows;
    StripProduct<Bf16> product{};
    product.runs[product.run_count++] = {rows + begin * step, weights.depth(0), weights.run(0)};
    product.rows = std::min(kShareRows, count - begin);
    product.step = step;
    product.columns = columns_pad;
    product.out = products + begin * columns_pad;
    kernels_.multiply(product);
  });
  return torch::from_blob(products, {count, columns_pad}).slice(1, 0, columns).clone();
}

torch::Tensor LinearMap::forward(const torch::Tensor& x, const torch::Tensor& weight) {
  count_flops(static_cast<double>(x.size(0)) * layer_.flops());
  forward_.pack(weight.contiguous().data_ptr<float>(), kernels_);
  return multiply(round_rows(x, layer_.in_pad, inputs_), x.size(0), forward_, layer_.in_pad,
                  layer_.out, layer_.out_pad);
}

LinearMap::Gradients LinearMap::backward(const torch::Tensor& x, const torch::Tensor& weight,
                                         const torch::Tensor& gradient) {
  count_flops(2 * static_cast<double>(x.size(0)) * layer_.flops());
  adjoint_.pack(weight.contiguous().data_ptr<float>(), kernels_);
  const Bf16* const gradients = round_rows(gradient, layer_.out_pad, gradients_);
  Gradients found;
  found.x = multiply(gradients, x.size(0), adjoint_, layer_.out_pad, layer_.in, layer_.in_pad);

  std::vector<int64_t> blocks;
  for (int64_t c = 0; c < layer_.in_pad; c += kChannelPad) blocks.insert(blocks.end(), {0, c});
  Correlation<Bf16> correlation{};
  correlation.values = round_rows(x, layer_.in_pad, inputs_);
  correlation.channels = layer_.in_pad;
  correlation.size = x.size(0) + kRowsBeyond - 1;
  correlation.stride = 1;
  correlation.blocks = blocks.data();
  correlation.block_count = static_cast<int64_t>(blocks.size()) / 2;
  correlation.gradients = gradients;
  correlation.rows = x.size(0);
  correlation.columns = layer_.out_pad;
  correlation.sums = room(sums_, layer_.packed_weights());
  correlation.first = true;
  correlation.room = room(room_, correlation_room(correlation));
  kernels_.correlate(correlation);
  found.weight = torch::empty({layer_.out, layer_.in});
  unpack_gradient(layer_, std::vector<const float*>{sums_.data()}, found.weight.data_ptr<float>());
  return found;
}

}  // namespace mkdt::residual
