#include "mkdt/nn/residual/packed_weights.h"

#include <algorithm>
#include <utility>

namespace mkdt::residual {
namespace {

constexpr int64_t kTile = 16;

}  // namespace

template <typename V>
PackedWeights<V>::PackedWeights(const Layer& layer, std::vector<TapRun> runs, bool adjoint)
    : in_(layer.in),
      out_(layer.out),
      kernel_(layer.geometry.kernel),
      adjoint_(adjoint),
      per_tap_(adjoint ? layer.out_pad : layer.in_pad),
      columns_(adjoint ? layer.in_pad : layer.out_pad),
      runs_(std::move(runs)) {
  int64_t size = 0;
  for (const TapRun& run : runs_) {
    begins_.push_back(size);
    depths_.push_back(static_cast<int64_t>(run.taps.size()) * per_tap_);
    size += tiles_deep(depths_.back()) * kTileDepth * columns_;
  }
  values_ = Buffer<V>(size);
}

template <typename V>
void PackedWeights<V>::pack(const SumOf<V>* weights, const Kernels<V>& kernels) {
  // A weight is at deep·deep_step + column·column_step + tap.
  const int64_t area = kernel_ * kernel_;
  const int64_t deep = adjoint_ ? out_ : in_, deep_step = adjoint_ ? in_ * area : area;
  const int64_t columns = adjoint_ ? in_ : out_, column_step = adjoint_ ? area : in_ * area;
  for (int64_t column = 0; column < columns; column += kTileColumns) {
    for (int64_t i = 0; i < deep; i += kTile) {
      const SumOf<V>* const from = weights + i * deep_step + column * column_step;
      for (size_t r = 0; r < runs_.size(); ++r) {
        for (size_t t = 0; t < runs_[r].taps.size(); ++t) {
          const Tap& tap = runs_[r].taps[t];
          const int64_t k = static_cast<int64_t>(t) * per_tap_ + i;
          kernels.pack({from + tap.row * kernel_ + tap.column, std::min(kTile, deep - i), deep_step,
                        std::min(kTileColumns, columns - column), column_step,
                        values_.data() + begins_[r] + place_of_weight(k, column, depths_[r])});
        }
      }
    }
  }
}

template class PackedWeights<Bf16>;
template class PackedWeights<float>;
template class PackedWeights<double>;

std::vector<int64_t> correlation_blocks(const Layer& layer, int64_t images) {
  std::vector<int64_t> blocks;
  for (const TapRun& run : layer.geometry.runs(images)) {
    for (size_t t = 0; t < run.taps.size(); ++t) {
      for (int64_t c = 0; c < layer.in_pad; c += kTile) {
        blocks.insert(blocks.end(), {run.offset + static_cast<int64_t>(t), c});
      }
    }
  }
  return blocks;
}

template <typename S>
void unpack_gradient(const Layer& layer, const std::vector<const S*>& shares, S* gradient) {
  const int64_t area = layer.geometry.kernel * layer.geometry.kernel;
  const int64_t per_tap = layer.in_pad / kTile;
  for (int64_t n = 0; n < layer.out; ++n) {
    for (int64_t begin = 0; begin < layer.in; begin += kTile) {
      const int64_t count = std::min(kTile, layer.in - begin);
      S* const to = gradient + (n * layer.in + begin) * area;
      for (int64_t tap = 0; tap < area; ++tap) {  // in the order of correlation_blocks()
        const int64_t tile = (n / kTile * area + tap) * per_tap + begin / kTile;
        const int64_t row = (tile * kTile + n % kTile) * kTile;
        S sums[kTile];
        std::copy_n(shares.front() + row, kTile, sums);
        for (size_t s = 1; s < shares.size(); ++s) {
          for (int64_t c = 0; c < kTile; ++c) sums[c] += shares[s][row + c];
        }
        for (int64_t c = 0; c < count; ++c) to[c * area + tap] = sums[c];
      }
    }
  }
}

template void unpack_gradient(const Layer&, const std::vector<const float*>&, float*);
template void unpack_gradient(const Layer&, const std::vector<const double*>&, double*);

}  // namespace mkdt::residual
