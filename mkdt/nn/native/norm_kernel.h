// Instance norm, ReLU and 2×2 average pool on channels-last planes; formulas and names: kernels.h,
// and for the derivatives docs/design/method.md.
#pragma once

#include "mkdt/nn/native/kernels.h"
#include "mkdt/nn/native/simd.h"

namespace mkdt::native::MKDT_ISA_NAMESPACE {

// Some vectors' worth of neighbouring channels of a plane. `offset` counts scalars.
template <typename T, int kCount>
struct Channels {
  Vec<T> v[kCount];

  static Channels at(const T* from) {
    Channels result;
#pragma GCC unroll 4
    for (int i = 0; i < kCount; ++i) result.v[i] = load(from + i * kLanes<T>);
    return result;
  }
  static Channels zero() { return {}; }
  void put(T* to) const {
#pragma GCC unroll 4
    for (int i = 0; i < kCount; ++i) store(to + i * kLanes<T>, v[i]);
  }
  void add_to(T* to) const { (at(to) + *this).put(to); }

#define MKDT_CHANNELS_OPERATOR(op)                                                      \
  friend Channels operator op(Channels a, const Channels& b) {                          \
    _Pragma("GCC unroll 4") for (int i = 0; i < kCount; ++i) a.v[i] = a.v[i] op b.v[i]; \
    return a;                                                                           \
  }                                                                                     \
  friend Channels operator op(Channels a, T b) {                                        \
    _Pragma("GCC unroll 4") for (int i = 0; i < kCount; ++i) a.v[i] = a.v[i] op b;      \
    return a;                                                                           \
  }
  MKDT_CHANNELS_OPERATOR(+)
  MKDT_CHANNELS_OPERATOR(-)
  MKDT_CHANNELS_OPERATOR(*)
  MKDT_CHANNELS_OPERATOR(/)
#undef MKDT_CHANNELS_OPERATOR

  // Returns value where `by` is positive, else zero; also where it is NaN, which has to come out,
  // as it does of torch::relu: a diverged student must not look healthy.
  static Channels where_positive(const Channels& by, const Channels& value) {
    Channels result;
#pragma GCC unroll 4
    for (int i = 0; i < kCount; ++i) result.v[i] = by.v[i] <= T(0) ? Vec<T>{} : value.v[i];
    return result;
  }
  static Channels inverse_root(Channels a) {
    for (int i = 0; i < kCount; ++i) {
      for (int64_t lane = 0; lane < kLanes<T>; ++lane) {
        a.v[i][lane] = T(1) / static_cast<T>(__builtin_sqrt(a.v[i][lane]));
      }
    }
    return a;
  }
};

// Calls body(pooled offset, offsets of its four pixels) for every pooled pixel.
template <typename T, typename Body>
inline void for_cells(const NormPlane<T>& p, Body body) {
  const int64_t row = p.width * p.channels;
  int64_t cell = 0;
  for (int64_t i = 0; i + 1 < p.height; i += 2) {
    for (int64_t j = 0; j + 1 < p.width; j += 2, cell += p.channels) {
      const int64_t first = i * row + j * p.channels;
      const int64_t pixels[4] = {first, first + p.channels, first + row, first + row + p.channels};
      body(cell, pixels);
    }
  }
}

// Calls body(pixel offset) for the last row and column of an odd plane, which are not pooled.
template <typename T, typename Body>
inline void for_edges(const NormPlane<T>& p, Body body) {
  const int64_t row = p.width * p.channels;
  if (p.width % 2 == 1) {
    for (int64_t i = 0; i < p.height; ++i) body((i + 1) * row - p.channels);
  }
  if (p.height % 2 == 1) {
    for (int64_t j = 0; j < p.width / 2 * 2; ++j) body((p.height - 1) * row + j * p.channels);
  }
}

template <typename T>
inline T pixel_share(const NormPlane<T>& p) {
  return T(1) / static_cast<T>(p.height * p.width);
}

template <typename T, int kCount>
inline void norm_forward_channels(const NormPlane<T>& p, int64_t c) {
  using C = Channels<T, kCount>;
  const int64_t end = p.height * p.width * p.channels;
  const T share = pixel_share(p);
  C sum = C::zero();
  for (int64_t i = c; i < end; i += p.channels) sum = sum + C::at(p.y + i);
  const C mean = sum * share;
  C squares = C::zero();
  for (int64_t i = c; i < end; i += p.channels) {
    const C centred = C::at(p.y + i) - mean;
    squares = squares + centred * centred;
  }
  const C rstd = C::inverse_root(squares * share + p.eps);
  mean.put(p.mean + c);
  rstd.put(p.rstd + c);

  const C gamma = C::at(p.gamma + c), beta = C::at(p.beta + c);
  const auto normalise = [&](int64_t pixel) {
    const C y = (C::at(p.y + pixel + c) - mean) * rstd;
    y.put(p.y + pixel + c);
    return y;
  };
  for_cells(p, [&](int64_t cell, const int64_t* pixels) {
    C pool = C::zero();
    for (int k = 0; k < 4; ++k) {
      const C z = gamma * normalise(pixels[k]) + beta;
      pool = pool + C::where_positive(z, z);
    }
    (pool * T(0.25)).put(p.pooled + cell + c);
  });
  for_edges(p, normalise);
}

template <typename T, int kCount>
inline void norm_backward_channels(const NormPlane<T>& p, int64_t c) {
  using C = Channels<T, kCount>;
  const C gamma = C::at(p.gamma + c), beta = C::at(p.beta + c);
  C sum_gz = C::zero(), sum_gz_y = C::zero();
  for_cells(p, [&](int64_t cell, const int64_t* pixels) {
    const C gp = C::at(p.pooled + cell + c) * T(0.25);
    for (int k = 0; k < 4; ++k) {
      const C y = C::at(p.y + pixels[k] + c);
      const C gz = C::where_positive(gamma * y + beta, gp);
      sum_gz = sum_gz + gz;
      sum_gz_y = sum_gz_y + gz * y;
    }
  });
  sum_gz.add_to(p.gbeta + c);
  sum_gz_y.add_to(p.ggamma + c);

  const T share = pixel_share(p);
  const C a = sum_gz * share, d = sum_gz_y * share, scale = C::at(p.rstd + c) * gamma;
  for_cells(p, [&](int64_t cell, const int64_t* pixels) {
    const C gp = C::at(p.pooled + cell + c) * T(0.25);
    for (int k = 0; k < 4; ++k) {
      T* const at = p.y + pixels[k] + c;
      const C y = C::at(at);
      (scale * (C::where_positive(gamma * y + beta, gp) - a - y * d)).put(at);
    }
  });
  for_edges(p, [&](int64_t pixel) {
    T* const at = p.y + pixel + c;
    (scale * (C::zero() - a - C::at(at) * d)).put(at);
  });
}

template <typename T, int kCount>
inline void norm_tangent_channels(const NormPlane<T>& p, int64_t c) {
  using C = Channels<T, kCount>;
  const int64_t end = p.height * p.width * p.channels;
  const T share = pixel_share(p);
  C sum = C::zero(), sum_y = C::zero();
  for (int64_t i = c; i < end; i += p.channels) {
    const C y_dot = C::at(p.y_dot + i);
    sum = sum + y_dot;
    sum_y = sum_y + y_dot * C::at(p.y + i);
  }
  const C mean = sum * share, correlation = sum_y * share, rstd = C::at(p.rstd + c);
  mean.put(p.mean_dot + c);
  (C::zero() - rstd * rstd * correlation).put(p.rstd_dot + c);

  const C gamma = C::at(p.gamma + c), beta = C::at(p.beta + c);
  const C gamma_dot = C::at(p.gamma_dot + c), beta_dot = C::at(p.beta_dot + c);
  const auto normalise = [&](int64_t pixel, const C& y) {
    const C y_dot = rstd * (C::at(p.y_dot + pixel + c) - mean - correlation * y);
    y_dot.put(p.y_dot + pixel + c);
    return y_dot;
  };
  for_cells(p, [&](int64_t cell, const int64_t* pixels) {
    C pool = C::zero();
    for (int k = 0; k < 4; ++k) {
      const C y = C::at(p.y + pixels[k] + c), y_dot = normalise(pixels[k], y);
      pool = pool + C::where_positive(gamma * y + beta, gamma_dot * y + gamma * y_dot + beta_dot);
    }
    (pool * T(0.25)).put(p.pooled_dot + cell + c);
  });
  for_edges(p, [&](int64_t pixel) { normalise(pixel, C::at(p.y + pixel + c)); });
}

template <typename T, int kCount>
inline void norm_tangent_backward_channels(const NormPlane<T>& p, int64_t c) {
  using C = Channels<T, kCount>;
  const C gamma = C::at(p.gamma + c), beta = C::at(p.beta + c);
  C sum_gz = C::zero(), sum_gz_y = C::zero(), sum_gz_dot = C::zero(), sum_gz_y_dot = C::zero();
  for_cells(p, [&](int64_t cell, const int64_t* pixels) {
    const C gp = C::at(p.pooled + cell + c) * T(0.25);
    const C gp_dot = C::at(p.pooled_dot + cell + c) * T(0.25);
    for (int k = 0; k < 4; ++k) {
      const C y = C::at(p.y + pixels[k] + c), y_dot = C::at(p.y_dot + pixels[k] + c);
      const C z = gamma * y + beta;
      const C gz = C::where_positive(z, gp), gz_dot = C::where_positive(z, gp_dot);
      sum_gz = sum_gz + gz;
      sum_gz_y = sum_gz_y + gz * y;
      sum_gz_dot = sum_gz_dot + gz_dot;
      sum_gz_y_dot = sum_gz_y_dot + gz_dot * y + gz * y_dot;
    }
  });
  sum_gz_dot.add_to(p.gbeta + c);
  sum_gz_y_dot.add_to(p.ggamma + c);

  const T share = pixel_share(p);
  const C a = sum_gz * share, d = sum_gz_y * share;
  const C a_dot = sum_gz_dot * share, d_dot = sum_gz_y_dot * share;
  const C rstd = C::at(p.rstd + c), scale = rstd * gamma;
  const C scale_dot = C::at(p.rstd_dot + c) * gamma + rstd * C::at(p.gamma_dot + c);
  // g is gz at the pixel, beside its tangent.
  const auto put = [&](int64_t pixel, const C& y, const C& g, const C& g_dot) {
    const C y_dot = C::at(p.y_dot + pixel + c);
    const C inner = g - a - y * d;
    (scale * inner).put(p.y + pixel + c);
    (scale_dot * inner + scale * (g_dot - a_dot - y_dot * d - y * d_dot)).put(p.y_dot + pixel + c);
  };
  for_cells(p, [&](int64_t cell, const int64_t* pixels) {
    const C gp = C::at(p.pooled + cell + c) * T(0.25);
    const C gp_dot = C::at(p.pooled_dot + cell + c) * T(0.25);
    for (int k = 0; k < 4; ++k) {
      const C y = C::at(p.y + pixels[k] + c), z = gamma * y + beta;
      put(pixels[k], y, C::where_positive(z, gp), C::where_positive(z, gp_dot));
    }
  });
  for_edges(p, [&](int64_t pixel) { put(pixel, C::at(p.y + pixel + c), C::zero(), C::zero()); });
}

// Calls a kernel for blocks of channels, as many vectors at a time as `kWide`, then one by one.
#define MKDT_NORM_KERNEL(name, kWide)                                     \
  template <typename T>                                                   \
  void name(const NormPlane<T>& p) {                                      \
    int64_t c = 0;                                                        \
    for (; c + kWide * kLanes<T> <= p.channels; c += kWide * kLanes<T>) { \
      name##_channels<T, kWide>(p, c);                                    \
    }                                                                     \
    for (; c < p.channels; c += kLanes<T>) name##_channels<T, 1>(p, c);   \
  }
MKDT_NORM_KERNEL(norm_forward, 4)
MKDT_NORM_KERNEL(norm_backward, 2)
MKDT_NORM_KERNEL(norm_tangent, 2)
MKDT_NORM_KERNEL(norm_tangent_backward, 1)
#undef MKDT_NORM_KERNEL

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
