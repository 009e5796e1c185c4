#include "mkdt/nn/ops/norm_relu_pool_planes.h"

#include <cmath>
#include <vector>

// One body for every instruction set: GCC compiles each entry point for three of them and the
// loader picks one. (The sanitizers' start-up does not survive the resolvers.)
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MKDT_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define MKDT_INLINE __attribute__((always_inline)) inline
#else
#define MKDT_CLONES
#define MKDT_INLINE inline
#endif

namespace mkdt {
namespace {

// pooled [h,w] ← averages of 2×2 of full [height,width], h = ⌊height/2⌋, w = ⌊width/2⌋.
template <typename T>
MKDT_INLINE void pool(const T* full, int64_t height, int64_t width, T* pooled) {
  for (int64_t i = 0; i < height / 2; ++i) {
    const T* upper = full + 2 * i * width;
    const T* lower = upper + width;
    T* out = pooled + i * (width / 2);
#pragma omp simd
    for (int64_t j = 0; j < width / 2; ++j) {
      out[j] = T(0.25) * ((upper[2 * j] + upper[2 * j + 1]) + (lower[2 * j] + lower[2 * j + 1]));
    }
  }
}

// The adjoint of pool gives a quarter of each pooled value to its four places, and zero to an odd
// rest.
template <typename T>
MKDT_INLINE void spread(const T* pooled, int64_t height, int64_t width, T* full) {
  for (int64_t i = 0; i < height / 2; ++i) {
    const T* in = pooled + i * (width / 2);
    T* upper = full + 2 * i * width;
    T* lower = upper + width;
#pragma omp simd
    for (int64_t j = 0; j < width / 2; ++j) {
      const T quarter = T(0.25) * in[j];
      upper[2 * j] = quarter;
      upper[2 * j + 1] = quarter;
      lower[2 * j] = quarter;
      lower[2 * j + 1] = quarter;
    }
    if (width % 2 != 0) upper[width - 1] = lower[width - 1] = 0;
  }
  if (height % 2 != 0) {
    for (int64_t j = 0; j < width; ++j) full[(height - 1) * width + j] = 0;
  }
}

template <typename T>
MKDT_INLINE void pooled_range(const NormPlanes<T>& planes, T eps, T* pooled, int64_t begin,
                              int64_t end) {
  const int64_t height = planes.height, width = planes.width, size = height * width;
  std::vector<T> buffer(static_cast<size_t>(size));
  T* const z = buffer.data();
  for (int64_t plane = begin; plane < end; ++plane) {
    const T* const x = planes.x + plane * size;
    T sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < size; ++i) sum += x[i];
    const T mean = sum / static_cast<T>(size);
    T squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < size; ++i) squares += (x[i] - mean) * (x[i] - mean);
    const T rstd = T(1) / std::sqrt(squares / static_cast<T>(size) + eps);
    planes.mean[plane] = mean;
    planes.rstd[plane] = rstd;

    const T scale = rstd * planes.gamma[plane % planes.channels];
    const T beta = planes.beta[plane % planes.channels];
#pragma omp simd
    for (int64_t i = 0; i < size; ++i) {
      const T value = scale * (x[i] - mean) + beta;
      z[i] = value < 0 ? T(0) : value;  // keeps NaN, as relu does
    }
    pool(z, height, width, pooled + plane * (height / 2) * (width / 2));
  }
}

template <typename T>
MKDT_INLINE void gradient_range(const NormPlanes<T>& planes, const PlaneGradients<T>& gradients,
                                int64_t begin, int64_t end) {
  const int64_t height = planes.height, width = planes.width, size = height * width;
  std::vector<T> buffer(static_cast<size_t>(size));
  T* const gz = buffer.data();
  for (int64_t plane = begin; plane < end; ++plane) {
    const T* const x = planes.x + plane * size;
    T* const gx = gradients.gx + plane * size;
    const T mean = planes.mean[plane], rstd = planes.rstd[plane];
    const T scale = rstd * planes.gamma[plane % planes.channels];
    const T beta = planes.beta[plane % planes.channels];
    spread(gradients.gp + plane * (height / 2) * (width / 2), height, width, gz);

    T sum_gz = 0, sum_gz_x = 0;  // x: centred
#pragma omp simd reduction(+ : sum_gz, sum_gz_x)
    for (int64_t i = 0; i < size; ++i) {
      const T centred = x[i] - mean;
      const T masked = scale * centred + beta > 0 ? gz[i] : T(0);
      gz[i] = masked;
      sum_gz += masked;
      sum_gz_x += masked * centred;
    }
    gradients.gbeta[plane] = sum_gz;
    gradients.ggamma[plane] = sum_gz_x * rstd;

    const T a = sum_gz / static_cast<T>(size);
    const T d = sum_gz_x * rstd * rstd / static_cast<T>(size);  // D r
#pragma omp simd
    for (int64_t i = 0; i < size; ++i) gx[i] = scale * (gz[i] - a - (x[i] - mean) * d);
  }
}

template <typename T>
MKDT_INLINE void second_gradient_range(const NormPlanes<T>& planes,
                                       const PlaneSecondGradients<T>& gradients, int64_t begin,
                                       int64_t end) {
  const int64_t height = planes.height, width = planes.width, size = height * width;
  const int64_t pooled_size = (height / 2) * (width / 2);
  const T count = static_cast<T>(size);
  std::vector<T> buffer(static_cast<size_t>(2 * size));
  T* const gz = buffer.data();
  T* const dz = gz + size;  // the tangent of max(z, 0)
  for (int64_t plane = begin; plane < end; ++plane) {
    const T* const x = planes.x + plane * size;
    const T* const v = gradients.v + plane * size;
    T* const gx = gradients.gx + plane * size;
    const int64_t channel = plane % planes.channels;
    const T mean = planes.mean[plane], r = planes.rstd[plane];
    const T gamma = planes.gamma[channel], beta = planes.beta[channel];
    const T vgamma = gradients.vgamma[channel], vbeta = gradients.vbeta[channel];
    const T scale = r * gamma;
    spread(gradients.gp + plane * pooled_size, height, width, gz);

    T sum_gz = 0, sum_gz_x = 0, sum_gz_v = 0, sum_v = 0, sum_v_x = 0;  // x: centred
#pragma omp simd reduction(+ : sum_gz, sum_gz_x, sum_gz_v, sum_v, sum_v_x)
    for (int64_t i = 0; i < size; ++i) {
      const T centred = x[i] - mean;
      const T masked = scale * centred + beta > 0 ? gz[i] : T(0);
      gz[i] = masked;
      sum_gz += masked;
      sum_gz_x += masked * centred;
      sum_gz_v += masked * v[i];
      sum_v += v[i];
      sum_v_x += v[i] * centred;
    }
    const T mean_v = sum_v / count;
    const T c = sum_v_x * r / count;
    const T a = sum_gz / count;
    const T d = sum_gz_x * r / count;
    const T ddot = r * (sum_gz_v / count - mean_v * a - c * d);
    gradients.ggamma[plane] = ddot * count;

    const T outer = r * (vgamma - r * c * gamma);  // ṙγ + r vγ
    const T y_weight = -(outer * d + scale * ddot);
#pragma omp simd
    for (int64_t i = 0; i < size; ++i) {
      const T centred = x[i] - mean;
      const T y = r * centred;
      const T ydot = r * (v[i] - mean_v - c * y);
      gx[i] = outer * (gz[i] - a) + y_weight * y - scale * d * ydot;
      dz[i] = scale * centred + beta > 0 ? vgamma * y + gamma * ydot + vbeta : T(0);
    }
    pool(dz, height, width, gradients.ggp + plane * pooled_size);
  }
}

}  // namespace

MKDT_CLONES void pooled_planes(const NormPlanes<float>& planes, float eps, float* pooled,
                               int64_t begin, int64_t end) {
  pooled_range(planes, eps, pooled, begin, end);
}
MKDT_CLONES void pooled_planes(const NormPlanes<double>& planes, double eps, double* pooled,
                               int64_t begin, int64_t end) {
  pooled_range(planes, eps, pooled, begin, end);
}

MKDT_CLONES void gradient_planes(const NormPlanes<float>& planes,
                                 const PlaneGradients<float>& gradients, int64_t begin,
                                 int64_t end) {
  gradient_range(planes, gradients, begin, end);
}
MKDT_CLONES void gradient_planes(const NormPlanes<double>& planes,
                                 const PlaneGradients<double>& gradients, int64_t begin,
                                 int64_t end) {
  gradient_range(planes, gradients, begin, end);
}

MKDT_CLONES void second_gradient_planes(const NormPlanes<float>& planes,
                                        const PlaneSecondGradients<float>& gradients, int64_t begin,
                                        int64_t end) {
  second_gradient_range(planes, gradients, begin, end);
}
MKDT_CLONES void second_gradient_planes(const NormPlanes<double>& planes,
                                        const PlaneSecondGradients<double>& gradients,
                                        int64_t begin, int64_t end) {
  second_gradient_range(planes, gradients, begin, end);
}

}  // namespace mkdt
