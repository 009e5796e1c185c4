// What is done to a plane's pixels one by one: batch norms, ReLUs and shortcuts, forward and
// backward, with the sums over pixels that they need.
#pragma once

#include "mkdt/nn/residual/lanes.h"

namespace mkdt::residual::MKDT_ISA_NAMESPACE {

// Calls body(channel) for every sixteen channels.
template <typename Body>
inline void for_channels(const Pixels& p, Body body) {
  for (int64_t c = 0; c < p.channels; c += kLanes) body(c);
}

// The planes of a batch lie in memory one row behind the other, too far away for a processor to
// have the next rows at hand by itself.
template <typename V>
inline void fetch_ahead(const V* values) {
  constexpr int64_t kBytes = 4096;
  __builtin_prefetch(reinterpret_cast<const char*>(values) + kBytes);
}

template <typename V, bool kShortcut, bool kScaled, bool kTwice>
void join_as(const Pixels& pixels, const typename Kernels<V>::Join& join) {
  using Vec = Sixteen<SumOf<V>>;
  const Pixels p = pixels;
  const typename Kernels<V>::Join j = join;  // pointers that no store can change
  const int64_t stride = p.step * p.channels;
  for_channels(p, [&](int64_t c) {
    const Vec scale = load(j.scale + c);
    Vec shift = load(j.shift + c), scale2{};
    if constexpr (kScaled) {
      scale2 = load(j.shortcut_scale + c);
      shift += load(j.shortcut_shift + c);
    }
    for (int64_t i = 0, at = c; i < p.count; ++i, at += stride) {
      fetch_ahead(j.y + at);
      if constexpr (kShortcut || kScaled) fetch_ahead(j.shortcut + at);
      Vec value = load(j.y + at) * scale + shift;
      if constexpr (kScaled) {
        value += load(j.shortcut + at) * scale2;
      } else if constexpr (kShortcut) {
        value += load(j.shortcut + at);
      }
      value = positive<SumOf<V>>(value);
      store(j.out + at, value);
      if constexpr (kTwice) store(j.also + at, value);
    }
  });
}

template <typename V, bool kTwice>
void join_by_shortcut(const Pixels& p, const typename Kernels<V>::Join& j) {
  if (j.shortcut == nullptr) {
    join_as<V, false, false, kTwice>(p, j);
  } else if (j.shortcut_scale == nullptr) {
    join_as<V, true, false, kTwice>(p, j);
  } else {
    join_as<V, true, true, kTwice>(p, j);
  }
}

template <typename V>
void join(const Pixels& p, const typename Kernels<V>::Join& j) {
  j.also == nullptr ? join_by_shortcut<V, false>(p, j) : join_by_shortcut<V, true>(p, j);
}

template <typename V>
void settle(const Pixels& pixels, const SumOf<V>* products, V* y, SumOf<V>* sums,
            SumOf<V>* squares) {
  const Pixels p = pixels;
  using Vec = Sixteen<SumOf<V>>;
  const int64_t stride = p.step * p.channels;
  for_channels(p, [&](int64_t c) {
    Vec sum = load(sums + c), square = load(squares + c);
    const SumOf<V>* from = products + c;
    for (int64_t i = 0, at = c; i < p.count; ++i, at += stride, from += p.channels) {
      store(y + at, load(from));
      const Vec value = load(y + at);
      sum += value;
      square += value * value;
    }
    store(sums + c, sum);
    store(squares + c, square);
  });
}

template <typename V>
void norm_gradient(const Pixels& pixels, const typename Kernels<V>::NormGradient& gradient) {
  const Pixels p = pixels;
  const typename Kernels<V>::NormGradient n = gradient;
  using Vec = Sixteen<SumOf<V>>;
  const int64_t stride = p.step * p.channels;
  for_channels(p, [&](int64_t c) {
    const Vec by_m = load(n.by_m + c), by_y = load(n.by_y + c), constant = load(n.constant + c);
    for (int64_t i = 0, at = c; i < p.count; ++i, at += stride) {
      fetch_ahead(n.m + at);
      fetch_ahead(n.y + at);
      store(n.out + at, load(n.m + at) * by_m + (load(n.y + at) * by_y + constant));
    }
  });
}

template <typename V, bool kByNorm, bool kOther, bool kTwo>
void masked_as(const Pixels& pixels, const typename Kernels<V>::Masked& masked) {
  const Pixels p = pixels;
  const typename Kernels<V>::Masked k = masked;
  using Vec = Sixteen<SumOf<V>>;
  const int64_t stride = p.step * p.channels;
  for_channels(p, [&](int64_t c) {
    const Vec zero{};
    Vec scale = zero, shift = zero;
    if constexpr (kByNorm) {
      scale = load(k.scale + c);
      shift = load(k.shift + c);
    }
    const Vec mean = load(k.mean[0] + c);
    const Vec mean2 = kTwo ? load(k.mean[1] + c) : zero;
    Vec sum = load(k.sums + c), product = load(k.products[0] + c);
    Vec product2 = kTwo ? load(k.products[1] + c) : zero;
    const SumOf<V>* g = k.g + c;
    for (int64_t i = 0, at = c; i < p.count; ++i, at += stride, g += k.g_step) {
      fetch_ahead(k.y[0] + at);
      if constexpr (kOther) fetch_ahead(k.other + at);
      const Vec y = load(k.y[0] + at);
      Vec value = load(g);
      if constexpr (kOther) value += load(k.other + at);
      if constexpr (kByNorm) {
        value = y * scale + shift > 0 ? value : zero;
      } else {
        value = load(k.open + at) > 0 ? value : zero;
      }
      store(k.m + at, value);
      value = load(k.m + at);
      sum += value;
      product += value * (y - mean);
      if constexpr (kTwo) product2 += value * (load(k.y[1] + at) - mean2);
    }
    store(k.sums + c, sum);
    store(k.products[0] + c, product);
    if constexpr (kTwo) store(k.products[1] + c, product2);
  });
}

template <typename V>
void masked(const Pixels& p, const typename Kernels<V>::Masked& k) {
  if (k.scale != nullptr) {
    masked_as<V, true, false, false>(p, k);
  } else if (k.other == nullptr) {
    k.y[1] == nullptr ? masked_as<V, false, false, false>(p, k)
                      : masked_as<V, false, false, true>(p, k);
  } else {
    k.y[1] == nullptr ? masked_as<V, false, true, false>(p, k)
                      : masked_as<V, false, true, true>(p, k);
  }
}

template <typename V>
void round(const SumOf<V>* from, int64_t count, V* to) {
  for (int64_t i = 0; i < count; i += kLanes) store(to + i, load(from + i));
}

template <typename V>
void add_up(const Pixels& pixels, const V* values, SumOf<V>* sums) {
  const Pixels p = pixels;
  const int64_t stride = p.step * p.channels;
  for_channels(p, [&](int64_t c) {
    Sixteen<SumOf<V>> sum = load(sums + c);
    for (int64_t i = 0, at = c; i < p.count; ++i, at += stride) sum += load(values + at);
    store(sums + c, sum);
  });
}

}  // namespace mkdt::residual::MKDT_ISA_NAMESPACE
