#include "mkdt/nn/native/convnet_engine.h"

#include <algorithm>
#include <functional>

#include "mkdt/base/threads.h"
#include "mkdt/nn/flop_counter.h"
#include "mkdt/nn/native/sweeps.h"

namespace mkdt::native {
namespace {

// Returns the number of images of a micro-batch, whose planes are kept until the way back: as many
// as there are, since the filters, which do not fit the cache together, are then read block by
// block; but not more than a number of bytes for a thread.
int64_t most_images(const ConvNetPlan& plan, int64_t scalar_size) {
  constexpr int64_t kBytes = int64_t{128} << 20;
  return std::max<int64_t>(1, kBytes / (plan.plane_scalars() * scalar_size));
}

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// More shares let more threads work and lose less to one that is held up; each costs a set of
// gradients to be cleared and added. Of 30 images of 16 pixels 8 shares took a fifth longer than 2,
// of 256 they took no longer.
int64_t shares_of(int64_t batch) {
  constexpr int64_t kMost = 8, kImages = 10;  // in a share, at least, if there are more than two
  int64_t shares = 2;
  while (shares < kMost && batch >= 2 * shares * kImages) shares *= 2;
  return std::min(shares, batch);
}

// a [rows,row] ← bias [row] in every row
template <typename T>
void fill_rows(T* a, int64_t rows, int64_t row, const T* bias) {
  for (int64_t i = 0; i < rows; ++i) std::copy_n(bias, row, a + i * row);
}

}  // namespace

// The batch's rows at the head. They are kept for the whole batch, because the head's weight
// gradient is one product over all of it.
template <typename T>
struct ConvNetEngine<T>::Head {
  Head(const ConvNetPlan& plan, int64_t batch)
      : rows(batch), features(batch * plan.feature_pad), outputs(batch * plan.output_pad) {}

  int64_t rows;
  Buffer<T> features;  // [rows,feature_pad]
  Buffer<T> outputs;   // [rows,output_pad]; then delta = ∂L/∂outputs
};

template <typename T>
ConvNetEngine<T>::ConvNetEngine(const ConvNet& network, int64_t batch, bool with_tangents, Isa isa)
    : plan_(network),
      flops_(direct_flops(plan_)),
      kernels_(kernels<T>(isa)),
      with_tangents_(with_tangents),
      theta_(plan_, kernels_) {
  if (with_tangents) direction_ = std::make_unique<PackedParameters<T>>(plan_, kernels_);
  reserve(batch);
}

template <typename T>
ConvNetEngine<T>::~ConvNetEngine() = default;

template <typename T>
void ConvNetEngine<T>::reserve(int64_t batch) {
  TORCH_CHECK(batch > 0, "a batch needs an image");
  const int64_t shares = shares_of(batch), share = divide_up(batch, shares);
  const int64_t micro_batch = divide_up(share, divide_up(share, most_images(plan_, sizeof(T))));
  if (micro_batch > micro_batch_) {
    micro_batch_ = micro_batch;
    spaces_.clear();
  }
  while (static_cast<int64_t>(spaces_.size()) < sharing_threads(shares)) {
    spaces_.push_back(std::make_unique<Workspace<T>>(plan_, micro_batch_, with_tangents_));
  }
  if (head_ != nullptr && head_->rows >= batch) return;
  head_ = std::make_unique<Head>(plan_, batch);
  if (with_tangents_) head_tangent_ = std::make_unique<Head>(plan_, batch);
}

template <typename T>
template <typename Body>
void ConvNetEngine<T>::for_micro_batches(int64_t batch, Adds adds, Body body) {
  const int64_t shares = shares_of(batch), most = most_images(plan_, sizeof(T));
  const bool sums = adds == Adds::kSums;
  while (static_cast<int64_t>(sums_.size()) < (sums ? shares : 1)) {
    sums_.push_back(std::make_unique<ShareSums<T>>(plan_));
  }
  share_out(shares, [&](int64_t share, int64_t thread) {
    Workspace<T>& space = *spaces_[static_cast<size_t>(thread)];
    space.sums = sums_[static_cast<size_t>(sums ? share : 0)].get();
    if (sums) space.sums->clear();
    const int64_t begin = share * batch / shares, images = (share + 1) * batch / shares - begin;
    const int64_t parts = divide_up(images, most);
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t first = part * images / parts, end = (part + 1) * images / parts;
      body(space, begin + first, end - first);
    }
  });
}

// Adds up the batch's shares in their order.
template <typename T>
template <typename Body>
void ConvNetEngine<T>::for_sums(int64_t batch, Body body) const {
  for (int64_t share = 0; share < shares_of(batch); ++share) {
    body(*sums_[static_cast<size_t>(share)]);
  }
}

template <typename T>
std::vector<const T*> ConvNetEngine<T>::image_rows(const Batch<T>& batch, int64_t first,
                                                   int64_t count) const {
  std::vector<const T*> images;
  for (int64_t i = first; i < first + count; ++i) {
    images.push_back(batch.images + batch.rows[i] * plan_.image_numel());
  }
  return images;
}

// Computes the features of a micro-batch, and with tangents also theirs.
template <typename T>
void ConvNetEngine<T>::encode(const Batch<T>& batch, Workspace<T>& space, int64_t first,
                              int64_t count, bool tangents) {
  const std::vector<const T*> images = image_rows(batch, first, count);
  T* const features = head_->features.data() + first * plan_.feature_pad;
  const PackedParameters<T>* const direction = tangents ? direction_.get() : nullptr;
  T* const features_dot =
      tangents ? head_tangent_->features.data() + first * plan_.feature_pad : nullptr;
  Sweeps<T>({plan_, kernels_, theta_, direction, space})
      .forward(images.data(), count, features, features_dot);
}

// Computes the outputs of a micro-batch that is encoded.
template <typename T>
void ConvNetEngine<T>::apply_head(int64_t first, int64_t count) {
  const T* const features = head_->features.data() + first * plan_.feature_pad;
  T* const outputs = head_->outputs.data() + first * plan_.output_pad;
  fill_rows(outputs, count, plan_.output_pad, theta_.head_bias());
  kernels_.multiply({count, plan_.output_pad, plan_.features, features, plan_.feature_pad, 1,
                     theta_.head_transposed(), plan_.output_pad, outputs, plan_.output_pad, true});
}

template <typename T>
double ConvNetEngine<T>::gradient(const T* theta, const Batch<T>& batch, T* gradient) {
  reserve(batch.size);
  count_flops(static_cast<double>(batch.size) * flops_.gradient());
  theta_.pack(theta);
  const double scale = 2.0 / static_cast<double>(batch.size * plan_.outputs);
  for_micro_batches(
      batch.size, Adds::kSums, [&](Workspace<T>& space, int64_t first, int64_t count) {
        encode(batch, space, first, count, false);
        apply_head(first, count);
        T* const outputs = head_->outputs.data() + first * plan_.output_pad;
        for (int64_t i = 0; i < count; ++i) {
          const T* const target = batch.targets + batch.rows[first + i] * plan_.outputs;
          T* const output = outputs + i * plan_.output_pad;
          for (int64_t o = 0; o < plan_.outputs; ++o) {
            const T difference = output[o] - target[o];
            space.sums->loss += static_cast<double>(difference) * difference;
            output[o] = static_cast<T>(scale) * difference;
          }
        }
        Sweeps<T>({plan_, kernels_, theta_, nullptr, space})
            .backward(image_rows(batch, first, count).data(), count, outputs, nullptr, nullptr);
      });
  collect(*head_, nullptr, batch.size, gradient);
  double loss = 0;
  for_sums(batch.size, [&](const ShareSums<T>& sums) { loss += sums.loss; });
  return loss * scale / 2;
}

// With δ = 2/(B·d)·(outputs − Z): s = ΣL's tangent = Σ δ·ȯ, ∂s/∂outputs tangent δ̇ = 2/(B·d)·ȯ,
// ∂s/∂Z = −δ̇.
template <typename T>
double ConvNetEngine<T>::directional(const T* theta, const T* v, const Batch<T>& batch,
                                     const DirectionalDerivative<T>& derivative) {
  reserve(batch.size);
  count_flops(static_cast<double>(batch.size) * flops_.directional());
  theta_.pack(theta);
  direction_->pack(v);
  std::fill_n(derivative.images, batch.size * plan_.image_numel(), T(0));
  const T scale = T(2) / static_cast<T>(batch.size * plan_.outputs);
  for_micro_batches(
      batch.size, Adds::kSums, [&](Workspace<T>& space, int64_t first, int64_t count) {
        encode(batch, space, first, count, true);
        apply_head(first, count);
        Sweeps<T> sweeps({plan_, kernels_, theta_, direction_.get(), space});
        T* const delta = head_->outputs.data() + first * plan_.output_pad;
        T* const delta_dot = head_tangent_->outputs.data() + first * plan_.output_pad;
        const T* const features = head_->features.data() + first * plan_.feature_pad;
        const T* const features_dot = head_tangent_->features.data() + first * plan_.feature_pad;
        fill_rows(delta_dot, count, plan_.output_pad, direction_->head_bias());
        kernels_.multiply({count, plan_.output_pad, plan_.features, features_dot, plan_.feature_pad,
                           1, theta_.head_transposed(), plan_.output_pad, delta_dot,
                           plan_.output_pad, true});
        kernels_.multiply({count, plan_.output_pad, plan_.features, features, plan_.feature_pad, 1,
                           direction_->head_transposed(), plan_.output_pad, delta_dot,
                           plan_.output_pad, true});
        for (int64_t i = 0; i < count; ++i) {
          const T* const target = batch.targets + batch.rows[first + i] * plan_.outputs;
          T* const target_dot = derivative.targets + (first + i) * plan_.outputs;
          T* const row = delta + i * plan_.output_pad;
          T* const row_dot = delta_dot + i * plan_.output_pad;
          for (int64_t o = 0; o < plan_.outputs; ++o) {
            row[o] = scale * (row[o] - target[o]);
            space.sums->tangent += static_cast<double>(row[o]) * row_dot[o];
            row_dot[o] *= scale;
            target_dot[o] = -row_dot[o];
          }
        }
        sweeps.backward(image_rows(batch, first, count).data(), count, delta, delta_dot,
                        derivative.images + first * plan_.image_numel());
      });
  collect(*head_, head_tangent_.get(), batch.size, derivative.theta);
  double tangent = 0;
  for_sums(batch.size, [&](const ShareSums<T>& sums) { tangent += sums.tangent; });
  return tangent;
}

template <typename T>
void ConvNetEngine<T>::outputs(const T* theta, const Batch<T>& batch, T* outputs) {
  reserve(batch.size);
  count_flops(static_cast<double>(batch.size) * flops_.outputs());
  theta_.pack(theta);
  for_micro_batches(batch.size, Adds::kNothing,
                    [&](Workspace<T>& space, int64_t first, int64_t count) {
                      encode(batch, space, first, count, false);
                      apply_head(first, count);
                      for (int64_t i = first; i < first + count; ++i) {
                        std::copy_n(head_->outputs.data() + i * plan_.output_pad, plan_.outputs,
                                    outputs + i * plan_.outputs);
                      }
                    });
}

template <typename T>
void ConvNetEngine<T>::features(const T* theta, const Batch<T>& batch, T* features) {
  reserve(batch.size);
  count_flops(static_cast<double>(batch.size) * flops_.features());
  theta_.pack(theta);
  for_micro_batches(batch.size, Adds::kNothing,
                    [&](Workspace<T>& space, int64_t first, int64_t count) {
                      encode(batch, space, first, count, false);
                      for (int64_t i = first; i < first + count; ++i) {
                        std::copy_n(head_->features.data() + i * plan_.feature_pad, plan_.features,
                                    features + i * plan_.features);
                      }
                    });
}

// Writes the gradients of all shares, or their tangents, in θ's order.
template <typename T>
void ConvNetEngine<T>::collect(const Head& head, const Head* tangent, int64_t batch, T* gradient) {
  std::vector<std::function<void()>> parts;  // all at once: threads meet but once
  for (size_t j = 0; j < plan_.blocks.size(); ++j) {
    const BlockPlan& block = plan_.blocks[j];
    T* const filter = gradient + block.weight;
    if (j == 0) {
      parts.emplace_back([this, batch, filter] { collect_first_filter(batch, filter); });
    }
    constexpr int64_t kChannels = 8;
    for (int64_t begin = 0; j > 0 && begin < block.inputs; begin += kChannels) {
      const int64_t end = std::min(begin + kChannels, block.inputs);
      parts.emplace_back(
          [this, j, batch, begin, end, filter] { collect_filter(j, batch, begin, end, filter); });
    }
    // A norm takes the convolution's bias away, so that its gradient is exactly zero.
    std::fill_n(gradient + block.weight + plan_.width * block.inputs * 9, plan_.width, T(0));
    for (int64_t k = 0; k < plan_.width; ++k) {
      T gamma = 0, beta = 0;
      for_sums(batch, [&](const ShareSums<T>& sums) {
        gamma += sums.gradients[j].gamma.data()[k];
        beta += sums.gradients[j].beta.data()[k];
      });
      gradient[block.gamma + k] = gamma;
      gradient[block.beta + k] = beta;
    }
  }
  constexpr int64_t kOutputs = 48;
  for (int64_t begin = 0; begin < plan_.outputs; begin += kOutputs) {
    const int64_t end = std::min(begin + kOutputs, plan_.outputs);
    parts.emplace_back([this, &head, tangent, batch, begin, end, gradient] {
      collect_head(head, tangent, batch, begin, end, gradient);
    });
  }
  share_out(static_cast<int64_t>(parts.size()),
            [&](int64_t part, int64_t /*thread*/) { parts[static_cast<size_t>(part)](); });
}

// ∂/∂W = δᵀf of the outputs begin … end − 1, and ∂/∂b; the tangent of the former is δ̇ᵀf + δᵀḟ.
template <typename T>
void ConvNetEngine<T>::collect_head(const Head& head, const Head* tangent, int64_t batch,
                                    int64_t begin, int64_t end, T* gradient) {
  const Head& last = tangent != nullptr ? *tangent : head;
  std::fill_n(gradient + plan_.head_bias + begin, end - begin, T(0));
  for (int64_t i = 0; i < batch; ++i) {
    for (int64_t o = begin; o < end; ++o) {
      gradient[plan_.head_bias + o] += last.outputs.data()[i * plan_.output_pad + o];
    }
  }
  Buffer<T> rows((end - begin) * plan_.feature_pad);
  const auto multiply = [&](const Head& delta, const Head& features, bool accumulate) {
    kernels_.multiply({end - begin, plan_.feature_pad, batch, delta.outputs.data() + begin, 1,
                       plan_.output_pad, features.features.data(), plan_.feature_pad, rows.data(),
                       plan_.feature_pad, accumulate});
  };
  multiply(last, head, false);
  if (tangent != nullptr) multiply(head, *tangent, true);
  for (int64_t o = begin; o < end; ++o) {
    std::copy_n(rows.data() + (o - begin) * plan_.feature_pad, plan_.features,
                gradient + plan_.head_weight + o * plan_.features);
  }
}

// gradient [width,channels·9]
template <typename T>
void ConvNetEngine<T>::collect_first_filter(int64_t batch, T* gradient) {
  for (int64_t k = 0; k < plan_.width; ++k) {
    for (int64_t i = 0; i < plan_.column_depth; ++i) {
      T sum = 0;
      for_sums(batch, [&](const ShareSums<T>& sums) {
        sum += sums.gradients[0].filter.data()[i * plan_.width_pad + k];
      });
      gradient[k * plan_.column_depth + i] = sum;
    }
  }
}

// gradient [width,inputs,9]; of the inputs begin … end − 1.
template <typename T>
void ConvNetEngine<T>::collect_filter(size_t index, int64_t batch, int64_t begin, int64_t end,
                                      T* gradient) {
  const int64_t pad = plan_.width_pad, inputs = plan_.blocks[index].inputs;
  Buffer<T> sums(kFrequencies * pad), taps(9 * pad);
  for (int64_t c = begin; c < end; ++c) {
    sums.clear();
    for_sums(batch, [&](const ShareSums<T>& added) {
      const T* const filter = added.gradients[index].filter.data() + c * pad;
      for (int64_t f = 0; f < kFrequencies; ++f) {
        const T* const from = filter + f * plan_.filter_stride();
        T* const to = sums.data() + f * pad;
        for (int64_t k = 0; k < pad; ++k) to[k] += from[k];
      }
    });
    kernels_.filter_adjoint(sums.data(), pad, pad, taps.data());
    for (int64_t k = 0; k < plan_.width; ++k) {
      for (int64_t t = 0; t < 9; ++t) gradient[(k * inputs + c) * 9 + t] = taps.data()[t * pad + k];
    }
  }
}

template class ConvNetEngine<float>;
template class ConvNetEngine<double>;

}  // namespace mkdt::native
