#include "mkdt/nn/residual/engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "mkdt/base/threads.h"
#include "mkdt/nn/flop_counter.h"
#include "mkdt/nn/residual/passes.h"

namespace mkdt::residual {
namespace {

constexpr double kEps = 1e-5;  // PyTorch's default of a batch norm

}  // namespace

template <typename V>
Engine<V>::Engine(const NetworkShape& shape, Isa isa)
    : plan_(shape), kernels_(residual::kernels<V>(isa)), norm_gradients_(plan_.layers.size()) {
  for (const Layer& layer : plan_.layers) {
    Weights weights{{layer, layer.geometry.runs(/*images=*/1), /*adjoint=*/false}, {}};
    phases_.push_back(layer.geometry.phases());
    if (&layer != &plan_.layers.front()) {  // whose images have no gradient
      for (const Phase& phase : phases_.back()) {
        weights.adjoint.push_back({layer, phase.runs, /*adjoint=*/true});
      }
    }
    weights_.push_back(std::move(weights));
  }
}

template <typename V>
std::shared_ptr<Tape<V>> Engine<V>::take_tape(int64_t images) {
  for (const std::shared_ptr<Tape<V>>& tape : tapes_) {
    if (tape.use_count() == 1 && tape->images == images) return tape;
  }
  tapes_.erase(std::remove_if(tapes_.begin(), tapes_.end(),
                              [](const auto& tape) { return tape.use_count() == 1; }),
               tapes_.end());
  tapes_.push_back(std::make_shared<Tape<V>>(plan_, images));
  return tapes_.back();
}

template <typename V>
void Engine<V>::begin(int64_t batch) {
  const auto shares = static_cast<size_t>(shares_of(batch));
  if (shares_.size() < shares) shares_.resize(shares);
  const auto threads = static_cast<size_t>(sharing_threads(shares_of(batch)));
  if (workspaces_.size() < threads) workspaces_.resize(threads);
}

template <typename V>
typename Engine<V>::Result Engine<V>::forward(const torch::Tensor& images,
                                              const std::vector<torch::Tensor>& parameters) {
  const int64_t batch = images.size(0);
  TORCH_CHECK(parameters.size() == 3 * plan_.layers.size(), parameters.size(), " parameters");
  begin(batch);
  parameters_ = parameters;
  for (size_t i = 0; i < weights_.size(); ++i) {
    weights_[i].forward.pack(parameters[3 * i].template data_ptr<Sum>(), kernels_);
  }
  const std::shared_ptr<Tape<V>> tape = take_tape(batch);
  const Layer& stem = plan_.layers.front();
  const torch::Tensor pixels =
      images.to(c10::CppTypeToScalarType<Sum>::value, /*non_blocking=*/false, /*copy=*/false)
          .contiguous();
  const Sum* const colours = pixels.template data_ptr<Sum>();
  const int64_t width = stem.geometry.width, area = stem.geometry.pixels();
  convolve(*tape, {0}, [&](int64_t image, int64_t y, V* to) {
    V* const row = tape->input.data() + (image * area + y * width) * stem.in_pad;
    for (int64_t c = 0; c < stem.in; ++c) {
      const Sum* const from = colours + (image * stem.in + c) * area + y * width;
      for (int64_t x = 0; x < width; ++x) round_to(from[x], row[x * stem.in_pad + c]);
    }
    std::memcpy(to, row, sizeof(V) * static_cast<size_t>(width * stem.in_pad));
  });
  for (size_t b = 0; b < plan_.blocks.size(); ++b) {
    const Block& block = plan_.blocks[b];
    const Layer& second = plan_.layers[block.second];
    const auto pixels_at = [](const Layer& layer, int64_t image, int64_t y) {
      return (image * layer.geometry.pixels() + y * layer.geometry.width) * layer.in_pad;
    };
    std::vector<size_t> layers = {block.first};
    if (block.shortcut) layers.push_back(*block.shortcut);
    convolve(*tape, layers,
             [&](int64_t image, int64_t y, V* to) { join_row(*tape, b, image, y, to); });
    const LayerTape<V>& inner = tape->layers[block.first];
    convolve(*tape, {block.second}, [&](int64_t image, int64_t y, V* to) {
      kernels_.join({second.geometry.width, second.in_pad, 1},
                    {inner.y.data() + pixels_at(second, image, y), inner.scale.data(),
                     inner.shift.data(), nullptr, nullptr, nullptr, to, nullptr});
    });
  }
  torch::Tensor features = pool(*tape);
  parameters_.clear();
  double flops = 0;
  for (const Layer& layer : plan_.layers) flops += layer.flops();
  count_flops(flops * static_cast<double>(batch));
  return {features, tape};
}

// Multiplies the batch by the weights of layers that take the same input, fill(image, y, row of
// the input), and takes their norms' statistics.
template <typename V>
template <typename Fill>
void Engine<V>::convolve(Tape<V>& tape, const std::vector<size_t>& layers, Fill fill) {
  const Layer& any = plan_.layers[layers.front()];
  const Geometry& geometry = any.geometry;
  const auto kinds = static_cast<size_t>(2 * any.out_pad);
  for (ShareSums<V>& share : shares_) share.channels.assign(kinds * layers.size(), 0);
  for_groups(tape.images, geometry, [&](int64_t share, int64_t thread, int64_t begin, int64_t end) {
    Workspace<V>& work = workspaces_[static_cast<size_t>(thread)];
    const int64_t images = end - begin;
    work.values.lay_out(geometry, any.in_pad, images);
    for (int64_t image = begin; image < end; ++image) {
      for (int64_t y = 0; y < geometry.height; ++y) {
        fill(image, y, work.values.row(image - begin, y));
      }
    }
    double* totals = shares_[static_cast<size_t>(share)].channels.data();
    for (size_t i = 0; i < layers.size(); ++i) {
      const size_t index = layers[i];
      const Layer& layer = plan_.layers[index];
      work.plans[i].make(layer, images);
      const std::vector<TapRun>& runs = work.plans[i].runs;
      const PackedWeights<V>& weights = weights_[index].forward;
      Sum* const sums = room(work.sums, 2 * layer.out_pad);
      std::fill_n(sums, 2 * layer.out_pad, Sum(0));
      const int64_t width = layer.geometry.out_width(), area = layer.geometry.out_pixels();
      V* const y = tape.layers[index].y.data();
      for_strips(layer.geometry, images, [&](const Strip& strip) {
        StripProduct<V> product{};
        product.rows = strip.places;
        product.step = layer.geometry.stride * layer.in_pad;
        product.columns = layer.out_pad;
        product.out = room(work.products, (product.rows + kRowPad) * layer.out_pad);
        const V* const values =
            work.values.data() + strip.begin * layer.geometry.pitch() * product.step;
        for (size_t r = 0; r < runs.size(); ++r) {
          product.runs[product.run_count++] = {values + runs[r].offset * layer.in_pad,
                                               weights.depth(r), weights.run(r)};
        }
        kernels_.multiply(product);
        for_rows(strip, layer.geometry, [&](int64_t image, int64_t row, int64_t place) {
          kernels_.settle({width, layer.out_pad, 1}, product.out + place * layer.out_pad,
                          y + ((begin + image) * area + row * width) * layer.out_pad, sums,
                          sums + layer.out_pad);
        });
      });
      for (size_t k = 0; k < kinds; ++k) totals[k] += static_cast<double>(sums[k]);
      totals += kinds;
    }
  });
  for (size_t i = 0; i < layers.size(); ++i) set_norm(tape, layers[i], i * kinds);
}

// Makes the norm of the sums of values and squares that begin at `first_sum` in every share.
template <typename V>
void Engine<V>::set_norm(Tape<V>& tape, size_t layer, size_t first_sum) {
  const Layer& plan = plan_.layers[layer];
  LayerTape<V>& norm = tape.layers[layer];
  const auto count = static_cast<double>(tape.images * plan.geometry.out_pixels());
  const Sum* const gamma = parameters_[3 * layer + 1].template data_ptr<Sum>();
  const Sum* const beta = parameters_[3 * layer + 2].template data_ptr<Sum>();
  const auto shares = static_cast<size_t>(shares_of(tape.images));
  for (int64_t c = 0; c < plan.out; ++c) {
    double sum = 0, squares = 0;
    for (size_t s = 0; s < shares; ++s) {
      const double* const totals = shares_[s].channels.data() + first_sum;
      sum += totals[c];
      squares += totals[plan.out_pad + c];
    }
    const double mean = sum / count, variance = std::max(squares / count - mean * mean, 0.0);
    const double rstd = 1 / std::sqrt(variance + kEps),
                 scale = static_cast<double>(gamma[c]) * rstd;
    norm.mean.data()[c] = static_cast<Sum>(mean);
    norm.variance.data()[c] = static_cast<Sum>(variance);
    norm.rstd.data()[c] = static_cast<Sum>(rstd);
    norm.scale.data()[c] = static_cast<Sum>(scale);
    norm.shift.data()[c] = static_cast<Sum>(static_cast<double>(beta[c]) - mean * scale);
  }
}

// Computes a row of the plane that block `plane` takes: of the stem's ReLU, or of the block's
// before. Writes it to `also` as well, unless that is null.
template <typename V>
void Engine<V>::join_row(Tape<V>& tape, size_t plane, int64_t image, int64_t y, V* also) const {
  const size_t index = plane == 0 ? 0 : plan_.blocks[plane - 1].second;
  const Layer& layer = plan_.layers[index];
  const Geometry& geometry = layer.geometry;
  const int64_t at = (image * geometry.out_pixels() + y * geometry.out_width()) * layer.out_pad;
  const LayerTape<V>& norm = tape.layers[index];
  typename Kernels<V>::Join join{norm.y.data() + at,
                                 norm.scale.data(),
                                 norm.shift.data(),
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 tape.planes[plane].data() + at,
                                 also};
  if (plane > 0) {
    if (const auto shortcut = plan_.blocks[plane - 1].shortcut) {
      const LayerTape<V>& through = tape.layers[*shortcut];
      join.shortcut = through.y.data() + at;
      join.shortcut_scale = through.scale.data();
      join.shortcut_shift = through.shift.data();
    } else {
      join.shortcut = tape.planes[plane - 1].data() + at;
    }
  }
  kernels_.join({geometry.out_width(), layer.out_pad, 1}, join);
}

// Returns the means over the last plane's pixels, which it computes.
template <typename V>
torch::Tensor Engine<V>::pool(Tape<V>& tape) {
  const Layer& layer = plan_.last_layer();
  const Geometry& geometry = layer.geometry;
  const int64_t area = geometry.out_pixels();
  torch::Tensor features =
      torch::empty({tape.images, layer.out}, c10::CppTypeToScalarType<Sum>::value);
  Sum* const to = features.template data_ptr<Sum>();
  const size_t last = plan_.blocks.size();
  for_groups(tape.images, geometry, [&](int64_t, int64_t thread, int64_t begin, int64_t end) {
    Sum* const sums = room(workspaces_[static_cast<size_t>(thread)].sums, layer.out_pad);
    for (int64_t image = begin; image < end; ++image) {
      std::fill_n(sums, layer.out_pad, Sum(0));
      for (int64_t y = 0; y < geometry.out_height(); ++y) join_row(tape, last, image, y, nullptr);
      kernels_.add_up({area, layer.out_pad, 1},
                      tape.planes[last].data() + image * area * layer.out_pad, sums);
      for (int64_t c = 0; c < layer.out; ++c) {
        to[image * layer.out + c] = sums[c] / static_cast<Sum>(area);
      }
    }
  });
  return features;
}

template class Engine<Bf16>;
template class Engine<float>;
template class Engine<double>;

}  // namespace mkdt::residual
