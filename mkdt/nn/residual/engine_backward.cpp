// The way back through a residual network.
#include <algorithm>

#include "mkdt/nn/flop_counter.h"
#include "mkdt/nn/residual/engine.h"
#include "mkdt/nn/residual/passes.h"

namespace mkdt::residual {
namespace {

constexpr int64_t kSumKinds = 3;  // of m, and its products with up to two norms' values

// The same for the values at `offset`.
template <typename Masked>
Masked at(Masked all, int64_t offset) {
  if (all.other != nullptr) all.other += offset;
  if (all.open != nullptr) all.open += offset;
  all.y[0] += offset;
  if (all.y[1] != nullptr) all.y[1] += offset;
  all.m += offset;
  return all;
}

}  // namespace

// The way back through a layer, and through the shortcut beside it. m is a gradient behind a batch
// norm, where the ReLU behind it was open.
template <typename V>
struct Engine<V>::Step {
  std::vector<size_t> layers;        // the shortcut's behind the other
  const V* m[2];                     // of their norms
  const V* input;                    // what they take; or, where this is null:
  std::optional<size_t> normed;      // the layer of whose norm they take the ReLU
  typename Kernels<V>::Masked mask;  // of the input's gradient; m is null for the images
  std::vector<size_t> norms;         // layers whose norms are in front of that ReLU
};

template <typename V>
struct Engine<V>::Group {
  Workspace<V>& work;
  ShareSums<V>& share;
  int64_t begin, end;  // images
  bool first;          // of the share

  int64_t images() const { return end - begin; }
};

template <typename V>
std::vector<torch::Tensor> Engine<V>::backward(const Tape<V>& tape,
                                               const torch::Tensor& feature_gradient,
                                               const std::vector<torch::Tensor>& parameters) {
  begin(tape.images);
  parameters_ = parameters;
  int64_t most = 0;
  for (size_t i = 0; i < weights_.size(); ++i) {
    for (PackedWeights<V>& phase : weights_[i].adjoint) {
      phase.pack(parameters[3 * i].template data_ptr<Sum>(), kernels_);
    }
    most = std::max(most, tape.layers[i].y.size());
  }
  V* above = room(block_gradients_[0], most);
  V* below = room(block_gradients_[1], most);
  V* const inner = room(inner_gradients_, most);
  std::vector<torch::Tensor> found(parameters.size());

  begin_backward(tape, feature_gradient, above);
  for (size_t b = plan_.blocks.size(); b-- > 0;) {
    const Block& block = plan_.blocks[b];
    const LayerTape<V>& first = tape.layers[block.first];
    typename Kernels<V>::Masked inside{};
    inside.scale = first.scale.data();
    inside.shift = first.shift.data();
    inside.y[0] = first.y.data();
    inside.mean[0] = first.mean.data();
    inside.m = inner;
    pass_back(tape, {{block.second}, {above}, nullptr, block.first, inside, {block.first}}, found);

    typename Kernels<V>::Masked outside = mask_of_plane(tape, b);
    std::vector<size_t> layers = {block.first};
    if (block.shortcut) {
      layers.push_back(*block.shortcut);
    } else {
      outside.other = above;
    }
    outside.m = below;
    pass_back(tape, {layers, {inner, above}, tape.planes[b].data(), {}, outside, norms_of_plane(b)},
              found);
    std::swap(above, below);
  }
  pass_back(tape, {{0}, {above}, tape.input.data(), {}, {}, {}}, found);
  parameters_.clear();
  double flops = -plan_.layers.front().flops();
  for (const Layer& layer : plan_.layers) flops += 2 * layer.flops();
  count_flops(flops * static_cast<double>(tape.images));
  return found;
}

// Fills in all but m and `other`.
template <typename V>
typename Kernels<V>::Masked Engine<V>::mask_of_plane(const Tape<V>& tape, size_t plane) const {
  typename Kernels<V>::Masked mask{};
  mask.open = tape.planes[plane].data();
  const std::vector<size_t> norms = norms_of_plane(plane);
  for (size_t i = 0; i < norms.size(); ++i) {
    mask.y[i] = tape.layers[norms[i]].y.data();
    mask.mean[i] = tape.layers[norms[i]].mean.data();
  }
  return mask;
}

template <typename V>
std::vector<size_t> Engine<V>::norms_of_plane(size_t plane) const {
  if (plane == 0) return {0};
  const Block& block = plan_.blocks[plane - 1];
  if (!block.shortcut) return {block.second};
  return {block.second, *block.shortcut};
}

// From the features' gradient to m of the last block.
template <typename V>
void Engine<V>::begin_backward(const Tape<V>& tape, const torch::Tensor& feature_gradient, V* m) {
  const Layer& layer = plan_.last_layer();
  const int64_t area = layer.geometry.out_pixels(), channels = layer.out_pad;
  const torch::Tensor gradient = feature_gradient.contiguous();
  const Sum* const from = gradient.template data_ptr<Sum>();
  const size_t plane = plan_.blocks.size();
  typename Kernels<V>::Masked mask = mask_of_plane(tape, plane);
  mask.m = m;
  for (ShareSums<V>& share : shares_) {
    share.channels.assign(static_cast<size_t>(kSumKinds * channels), 0);
  }
  for_groups(tape.images, layer.geometry,
             [&](int64_t share, int64_t thread, int64_t begin, int64_t end) {
               Workspace<V>& work = workspaces_[static_cast<size_t>(thread)];
               Sum* const sums = room(work.sums, (kSumKinds + 1) * channels);
               Sum* const g = sums + kSumKinds * channels;
               std::fill_n(sums, (kSumKinds + 1) * channels, Sum(0));
               for (int64_t image = begin; image < end; ++image) {
                 for (int64_t c = 0; c < layer.out; ++c) {
                   g[c] = from[image * layer.out + c] / static_cast<Sum>(area);
                 }
                 auto masked = at(mask, image * area * channels);
                 masked.g = g;
                 masked.g_step = 0;
                 masked.sums = sums;
                 masked.products[0] = sums + channels;
                 masked.products[1] = sums + 2 * channels;
                 kernels_.masked({area, channels, 1}, masked);
               }
               double* const totals = shares_[static_cast<size_t>(share)].channels.data();
               for (int64_t i = 0; i < kSumKinds * channels; ++i) {
                 totals[i] += static_cast<double>(sums[i]);
               }
             });
  take_sums(norms_of_plane(plane), channels);
}

// Collects the shares' sums for the norms in front of a ReLU.
template <typename V>
void Engine<V>::take_sums(const std::vector<size_t>& layers, int64_t channels) {
  for (size_t i = 0; i < layers.size(); ++i) {
    NormGradient& norm = norm_gradients_[layers[i]];
    norm.sum.assign(static_cast<size_t>(channels), 0);
    norm.product.assign(static_cast<size_t>(channels), 0);
    for (const ShareSums<V>& share : shares_) {
      const double* const totals = share.channels.data();
      for (int64_t c = 0; c < channels; ++c) {
        norm.sum[static_cast<size_t>(c)] += totals[c];
        norm.product[static_cast<size_t>(c)] += totals[static_cast<int64_t>(1 + i) * channels + c];
      }
    }
  }
}

// With ŷ = (y − mean)·rstd, n pixels and g the gradient behind the norm, the one before it is
// gamma·rstd·(g − Σg/n − ŷ·Σ(gŷ)/n) (arXiv 1502.03167, section 3).
template <typename V>
void Engine<V>::set_norm_gradient(const Tape<V>& tape, size_t layer,
                                  std::vector<torch::Tensor>& found) {
  const Layer& plan = plan_.layers[layer];
  const LayerTape<V>& norm = tape.layers[layer];
  NormGradient& gradient = norm_gradients_[layer];
  const auto count = static_cast<double>(tape.images * plan.geometry.out_pixels());
  for (Buffer<Sum>* buffer : {&gradient.by_m, &gradient.by_y, &gradient.constant}) {
    if (buffer->size() == 0) *buffer = Buffer<Sum>(plan.out_pad);
  }
  torch::Tensor gammas = torch::empty_like(parameters_[3 * layer + 1]);
  torch::Tensor betas = torch::empty_like(parameters_[3 * layer + 2]);
  Sum* const gamma = gammas.template data_ptr<Sum>();
  Sum* const beta = betas.template data_ptr<Sum>();
  for (int64_t c = 0; c < plan.out; ++c) {
    const auto i = static_cast<size_t>(c);
    const auto rstd = static_cast<double>(norm.rstd.data()[c]);
    const auto mean = static_cast<double>(norm.mean.data()[c]);
    const auto scale = static_cast<double>(norm.scale.data()[c]);  // gamma·rstd
    const double by_y = -scale * rstd * rstd * gradient.product[i] / count;
    gradient.by_m.data()[c] = static_cast<Sum>(scale);
    gradient.by_y.data()[c] = static_cast<Sum>(by_y);
    gradient.constant.data()[c] = static_cast<Sum>(-scale * gradient.sum[i] / count - by_y * mean);
    gamma[c] = static_cast<Sum>(rstd * gradient.product[i]);
    beta[c] = static_cast<Sum>(gradient.sum[i]);
  }
  found[3 * layer + 1] = gammas;
  found[3 * layer + 2] = betas;
}

template <typename V>
void Engine<V>::pass_back(const Tape<V>& tape, const Step& step,
                          std::vector<torch::Tensor>& found) {
  const Layer& layer = plan_.layers[step.layers[0]];
  for (const size_t index : step.layers) set_norm_gradient(tape, index, found);
  for (ShareSums<V>& share : shares_) {
    share.channels.assign(static_cast<size_t>(kSumKinds * layer.in_pad), 0);
    for (size_t i = 0; i < step.layers.size(); ++i) {
      room(share.weight_gradients[i], plan_.layers[step.layers[i]].packed_weights());
    }
  }
  for_groups(tape.images, layer.geometry,
             [&](int64_t share, int64_t thread, int64_t begin, int64_t end) {
               const Group group{workspaces_[static_cast<size_t>(thread)],
                                 shares_[static_cast<size_t>(share)], begin, end,
                                 begin == first_of_share(share, tape.images)};
               load_values(tape, step, group);
               load_gradients(tape, step, group);
               correlate(step, group);
               if (step.mask.m != nullptr) multiply_back(step, group);
             });
  for (size_t i = 0; i < step.layers.size(); ++i) {
    std::vector<const Sum*> sums;
    for (int64_t share = 0; share < shares_of(tape.images); ++share) {
      sums.push_back(shares_[static_cast<size_t>(share)].weight_gradients[i].data());
    }
    const size_t weight = 3 * step.layers[i];
    found[weight] = torch::empty_like(parameters_[weight]);
    unpack_gradient(plan_.layers[step.layers[i]], sums, found[weight].template data_ptr<Sum>());
  }
  if (step.mask.m != nullptr) take_sums(step.norms, layer.in_pad);
}

// Lays out what the layer took, once more.
template <typename V>
void Engine<V>::load_values(const Tape<V>& tape, const Step& step, const Group& group) {
  const Layer& layer = plan_.layers[step.layers[0]];
  const Geometry& geometry = layer.geometry;
  PaddedPlanes<V>& values = group.work.values;
  values.lay_out(geometry, layer.in_pad, group.images());
  for (int64_t image = group.begin; image < group.end; ++image) {
    for (int64_t y = 0; y < geometry.height; ++y) {
      const int64_t at = (image * geometry.pixels() + y * geometry.width) * layer.in_pad;
      V* const row = values.row(image - group.begin, y);
      if (step.input != nullptr) {
        std::copy_n(step.input + at, geometry.width * layer.in_pad, row);
        continue;
      }
      const LayerTape<V>& normed = tape.layers[*step.normed];
      kernels_.join({geometry.width, layer.in_pad, 1},
                    {normed.y.data() + at, normed.scale.data(), normed.shift.data(), nullptr,
                     nullptr, nullptr, row, nullptr});
    }
  }
}

// Lays out the gradients before the norms.
template <typename V>
void Engine<V>::load_gradients(const Tape<V>& tape, const Step& step, const Group& group) {
  for (size_t i = 0; i < step.layers.size(); ++i) {
    const Layer& layer = plan_.layers[step.layers[i]];
    const Geometry outputs = layer.geometry.outputs();
    const NormGradient& norm = norm_gradients_[step.layers[i]];
    const V* const y_all = tape.layers[step.layers[i]].y.data();
    PaddedPlanes<V>& gradients = group.work.gradients[i];
    gradients.lay_out(outputs, layer.out_pad, group.images());
    for (int64_t image = group.begin; image < group.end; ++image) {
      for (int64_t y = 0; y < outputs.height; ++y) {
        const int64_t at = (image * outputs.pixels() + y * outputs.width) * layer.out_pad;
        kernels_.norm_gradient({outputs.width, layer.out_pad, 1},
                               {step.m[i] + at, y_all + at, norm.by_m.data(), norm.by_y.data(),
                                norm.constant.data(), gradients.row(image - group.begin, y)});
      }
    }
  }
}

// Adds the group to the weights' gradients.
template <typename V>
void Engine<V>::correlate(const Step& step, const Group& group) {
  Workspace<V>& work = group.work;
  for (size_t i = 0; i < step.layers.size(); ++i) {
    const Layer& layer = plan_.layers[step.layers[i]];
    const Geometry& geometry = layer.geometry;
    work.plans[i].make(layer, group.images());
    const std::vector<int64_t>& blocks = work.plans[i].blocks;
    Correlation<V> correlation{};
    correlation.values = work.values.data();
    correlation.channels = layer.in_pad;
    correlation.size = work.values.pixels();
    correlation.stride = geometry.stride;
    correlation.blocks = blocks.data();
    correlation.block_count = static_cast<int64_t>(blocks.size()) / 2;
    correlation.gradients = work.gradients[i].data() + (geometry.pitch() + 1) * layer.out_pad;
    correlation.rows = geometry.places(group.images()) - geometry.pitch() - 1;
    correlation.columns = layer.out_pad;
    correlation.sums = group.share.weight_gradients[i].data();
    correlation.first = group.first;
    correlation.room = room(work.correlation, correlation_room(correlation));
    kernels_.correlate(correlation);
  }
}

// Computes the input's gradient, and the sums that the norms in front of it need.
template <typename V>
void Engine<V>::multiply_back(const Step& step, const Group& group) {
  Workspace<V>& work = group.work;
  const Layer& layer = plan_.layers[step.layers[0]];
  const Geometry& geometry = layer.geometry;
  const int64_t stride = geometry.stride, channels = layer.in_pad;
  Sum* const sums = room(work.sums, kSumKinds * channels);
  std::fill_n(sums, kSumKinds * channels, Sum(0));
  typename Kernels<V>::Masked mask = step.mask;
  mask.g_step = channels;
  mask.sums = sums;
  mask.products[0] = sums + channels;
  mask.products[1] = sums + 2 * channels;
  for_strips(geometry, group.images(), [&](const Strip& strip) {
    const int64_t first_place = strip.begin * geometry.pitch();
    for (size_t p = 0; p < phases_[step.layers[0]].size(); ++p) {
      const Phase& phase = phases_[step.layers[0]][p];
      StripProduct<V> product{};
      product.rows = strip.places;
      product.step = layer.out_pad;
      product.columns = channels;
      product.out = room(work.products, (product.rows + kRowPad) * channels);
      for (size_t i = 0; i < step.layers.size(); ++i) {
        if (p >= phases_[step.layers[i]].size()) continue;  // a shortcut has the first one only
        const PackedWeights<V>& weights = weights_[step.layers[i]].adjoint[p];
        const std::vector<TapRun>& runs = phases_[step.layers[i]][p].runs;
        for (size_t r = 0; r < runs.size(); ++r) {
          product.runs[product.run_count++] = {
              work.gradients[i].data() + (first_place + runs[r].offset) * layer.out_pad,
              weights.depth(r), weights.run(r)};
        }
      }
      kernels_.multiply(product);
      const int64_t width = (geometry.width - phase.column + stride - 1) / stride;
      for_rows(strip, geometry, [&](int64_t image, int64_t row, int64_t place) {
        const int64_t y = stride * row + phase.row;
        if (y >= geometry.height) return;
        const int64_t pixel =
            (group.begin + image) * geometry.pixels() + y * geometry.width + phase.column;
        auto masked = at(mask, pixel * channels);
        masked.g = product.out + place * channels;
        kernels_.masked({width, channels, stride}, masked);
      });
    }
  });
  for (int64_t i = 0; i < kSumKinds * channels; ++i) {
    group.share.channels[static_cast<size_t>(i)] += static_cast<double>(sums[i]);
  }
}

template std::vector<torch::Tensor> Engine<Bf16>::backward(const Tape<Bf16>&, const torch::Tensor&,
                                                           const std::vector<torch::Tensor>&);
template std::vector<torch::Tensor> Engine<float>::backward(const Tape<float>&,
                                                            const torch::Tensor&,
                                                            const std::vector<torch::Tensor>&);
template std::vector<torch::Tensor> Engine<double>::backward(const Tape<double>&,
                                                             const torch::Tensor&,
                                                             const std::vector<torch::Tensor>&);

}  // namespace mkdt::residual
