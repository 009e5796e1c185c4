// norm_relu_pool of one plane by several threads, for a GPU: the formulas of
// norm_relu_pool_planes.h, in either memory layout.
//
// This file is CUDA C++ that is compiled when the program first needs it (base/cuda_program.h), so
// it includes nothing; the tests compile it as C++, with a plane's work done by one thread.
#ifndef MKDT_NN_OPS_NORM_RELU_POOL_KERNEL_H_
#define MKDT_NN_OPS_NORM_RELU_POOL_KERNEL_H_

#if defined(__CUDACC__)
#define MKDT_BODY __device__ __forceinline__
#else
#define MKDT_BODY inline
#endif

namespace mkdt_kernel {

// B images of C planes of H·W values, all in one of two layouts: planes one after the other (NCHW),
// or the channels of a pixel beside each other (NHWC). Pooled tensors have the same layout.
struct Planes {
  int channels, height, width, channels_last;
};

template <typename T>
struct NormInputs {
  const T* x;      // [B,C,H,W]
  const T* gamma;  // [C]
  const T* beta;   // [C]
  T* mean;         // [B,C] μ, set by value_of_plane
  T* rstd;         // [B,C] r, set by value_of_plane
};

template <typename T>
struct Gradients {
  const T* gp;  // [B,C,⌊H/2⌋,⌊W/2⌋]
  T* gx;        // [B,C,H,W]
  T* ggamma;    // [B,C]
  T* gbeta;     // [B,C]
};

template <typename T>
struct SecondGradients {
  const T* gp;      // [B,C,⌊H/2⌋,⌊W/2⌋]
  const T* v;       // [B,C,H,W]
  const T* vgamma;  // [C]
  const T* vbeta;   // [C]
  T* ggp;           // [B,C,⌊H/2⌋,⌊W/2⌋]
  T* gx;            // [B,C,H,W]
  T* ggamma;        // [B,C]
};

// Names a plane, and one of the threads that share it.
struct Place {
  int image, channel, part, parts;
};

// The pixels of one plane, visited as the windows that the pooling averages.
class Windows {
 public:
  MKDT_BODY Windows(const Planes& planes, const Place& place)
      : height_(planes.height),
        width_(planes.width),
        across_((planes.width + 1) / 2),
        count_((planes.height + 1) / 2 * across_),
        stride_(planes.channels_last ? planes.channels : 1),
        first_(offset(planes, place, planes.height * planes.width)),
        first_pooled_(offset(planes, place, (planes.height / 2) * (planes.width / 2))),
        part_(place.part),
        parts_(place.parts) {}

  // Calls visit(index of the pixel, index of the pooled value, or −1 for an odd rest).
  template <typename Visit>
  MKDT_BODY void pixels(const Visit& visit) const {
    windows([] {}, visit, [](long long) {});
  }

  // Calls begin() before and end(index of the pooled value) behind the four pixels of each window
  // that is pooled; an odd rest is visited between none.
  template <typename Begin, typename Visit, typename End>
  MKDT_BODY void windows(const Begin& begin, const Visit& visit, const End& end) const {
    for (int window = part_; window < count_; window += parts_) {
      const int row = 2 * (window / across_), column = 2 * (window % across_);
      const long long pooled = pooled_index(row, column);
      begin();
      for (int i = row; i < row + 2 && i < height_; ++i) {
        for (int j = column; j < column + 2 && j < width_; ++j) visit(pixel_index(i, j), pooled);
      }
      if (pooled >= 0) end(pooled);
    }
  }

 private:
  MKDT_BODY static long long offset(const Planes& planes, const Place& place, int size) {
    const long long image = static_cast<long long>(place.image) * planes.channels * size;
    return image +
           (planes.channels_last ? place.channel : static_cast<long long>(place.channel) * size);
  }
  MKDT_BODY long long pixel_index(int i, int j) const {
    return first_ + static_cast<long long>(i * width_ + j) * stride_;
  }
  MKDT_BODY long long pooled_index(int row, int column) const {
    if (row + 1 >= height_ || column + 1 >= width_) return -1;
    return first_pooled_ + static_cast<long long>(row / 2 * (width_ / 2) + column / 2) * stride_;
  }

  int height_, width_, across_, count_, stride_;
  long long first_, first_pooled_;
  int part_, parts_;
};

// sums(values): every part's values are replaced by their sums over all parts of the plane.
template <typename T, typename Sums>
MKDT_BODY void value_of_plane(const Planes& planes, const NormInputs<T>& in, T eps, T* pooled,
                              const Place& place, const Sums& sums) {
  const Windows plane(planes, place);
  const int unit = place.image * planes.channels + place.channel;
  const T count = static_cast<T>(planes.height * planes.width);
  T sum[1] = {0};
  plane.pixels([&](long long pixel, long long) { sum[0] += in.x[pixel]; });
  sums(sum);
  const T mean = sum[0] / count;
  T squares[1] = {0};
  plane.pixels([&](long long pixel, long long) {
    const T centred = in.x[pixel] - mean;
    squares[0] += centred * centred;
  });
  sums(squares);
  const T rstd = T(1) / sqrt(squares[0] / count + eps);
  if (place.part == 0) {
    in.mean[unit] = mean;
    in.rstd[unit] = rstd;
  }

  const T scale = rstd * in.gamma[place.channel], beta = in.beta[place.channel];
  T total = 0;
  plane.windows([&] { total = 0; },
                [&](long long pixel, long long) {
                  const T z = scale * (in.x[pixel] - mean) + beta;
                  total += z < 0 ? T(0) : z;  // keeps NaN, as relu does
                },
                [&](long long at) { pooled[at] = T(0.25) * total; });
}

template <typename T, typename Sums>
MKDT_BODY void gradient_of_plane(const Planes& planes, const NormInputs<T>& in,
                                 const Gradients<T>& out, const Place& place, const Sums& sums) {
  const Windows plane(planes, place);
  const int unit = place.image * planes.channels + place.channel;
  const T count = static_cast<T>(planes.height * planes.width);
  const T mean = in.mean[unit], rstd = in.rstd[unit];
  const T scale = rstd * in.gamma[place.channel], beta = in.beta[place.channel];
  const auto masked = [&](T centred, long long at) {  // gz
    return at >= 0 && scale * centred + beta > 0 ? T(0.25) * out.gp[at] : T(0);
  };

  T s[2] = {0, 0};  // Σ gz, Σ gz (x − μ)
  plane.pixels([&](long long pixel, long long at) {
    const T centred = in.x[pixel] - mean, gz = masked(centred, at);
    s[0] += gz;
    s[1] += gz * centred;
  });
  sums(s);
  if (place.part == 0) {
    out.gbeta[unit] = s[0];
    out.ggamma[unit] = s[1] * rstd;
  }

  const T a = s[0] / count, d = s[1] * rstd * rstd / count;  // A, D r
  plane.pixels([&](long long pixel, long long at) {
    const T centred = in.x[pixel] - mean;
    out.gx[pixel] = scale * (masked(centred, at) - a - centred * d);
  });
}

template <typename T, typename Sums>
MKDT_BODY void second_gradient_of_plane(const Planes& planes, const NormInputs<T>& in,
                                        const SecondGradients<T>& out, const Place& place,
                                        const Sums& sums) {
  const Windows plane(planes, place);
  const int unit = place.image * planes.channels + place.channel;
  const T count = static_cast<T>(planes.height * planes.width);
  const T mean = in.mean[unit], r = in.rstd[unit];
  const T gamma = in.gamma[place.channel], beta = in.beta[place.channel];
  const T vgamma = out.vgamma[place.channel], vbeta = out.vbeta[place.channel];
  const T scale = r * gamma;

  T s[5] = {0, 0, 0, 0, 0};  // Σ gz, Σ gz (x − μ), Σ gz v, Σ v, Σ v (x − μ)
  plane.pixels([&](long long pixel, long long at) {
    const T centred = in.x[pixel] - mean, v = out.v[pixel];
    const T gz = at >= 0 && scale * centred + beta > 0 ? T(0.25) * out.gp[at] : T(0);
    s[0] += gz;
    s[1] += gz * centred;
    s[2] += gz * v;
    s[3] += v;
    s[4] += v * centred;
  });
  sums(s);
  const T a = s[0] / count, d = s[1] * r / count;
  const T mean_v = s[3] / count, c = s[4] * r / count;
  const T ddot = r * (s[2] / count - mean_v * a - c * d);
  if (place.part == 0) out.ggamma[unit] = ddot * count;

  const T outer = r * (vgamma - r * c * gamma);  // ṙγ + r vγ
  const T y_weight = -(outer * d + scale * ddot);
  T total = 0;
  plane.windows([&] { total = 0; },
                [&](long long pixel, long long at) {
                  const T centred = in.x[pixel] - mean;
                  const bool positive = at >= 0 && scale * centred + beta > 0;
                  const T gz = positive ? T(0.25) * out.gp[at] : T(0);
                  const T y = r * centred, ydot = r * (out.v[pixel] - mean_v - c * y);
                  out.gx[pixel] = outer * (gz - a) + y_weight * y - scale * d * ydot;
                  total += positive ? vgamma * y + gamma * ydot + vbeta : T(0);
                },
                [&](long long at) { out.ggp[at] = T(0.25) * total; });
}

}  // namespace mkdt_kernel

#if defined(__CUDACC__)

namespace mkdt_kernel {

constexpr int kLanes = 32;

// Sums over the threads of a block, [parts][units]: a unit's parts are the lanes of a warp where
// planes lie one after the other; else a warp's lanes are units (channels) and its number the part.
// The order of the sums depends on the sizes alone.
template <typename T, bool kChannelsLast>
struct BlockSums {
  T* shared;  // [5][blockDim.x], for channels-last

  template <int kCount>
  MKDT_BODY void operator()(T (&values)[kCount]) const {
    if constexpr (kChannelsLast) {
      __syncthreads();  // the sums before have been read
      for (int k = 0; k < kCount; ++k) shared[k * blockDim.x + threadIdx.x] = values[k];
      __syncthreads();
      const int lane = threadIdx.x % kLanes, parts = blockDim.x / kLanes;
      for (int k = 0; k < kCount; ++k) {
        T sum = 0;
        for (int part = 0; part < parts; ++part) {
          sum += shared[k * blockDim.x + part * kLanes + lane];
        }
        values[k] = sum;
      }
    } else {
      for (int k = 0; k < kCount; ++k) {
        for (int other = kLanes / 2; other > 0; other /= 2) {
          values[k] += __shfl_xor_sync(0xffffffffu, values[k], other);
        }
      }
    }
  }
};

// The grid is (⌈C/32⌉, B) for channels-last, else (⌈B·C/warps⌉, 1). Threads beyond the planes do
// the work of the last one again, as all threads of a block have to meet; they write the same
// values.
template <bool kChannelsLast>
MKDT_BODY Place place_of(const Planes& planes, int images) {
  const int warp = threadIdx.x / kLanes, lane = threadIdx.x % kLanes, warps = blockDim.x / kLanes;
  if constexpr (kChannelsLast) {
    const int channel = blockIdx.x * kLanes + lane;
    return {static_cast<int>(blockIdx.y), channel < planes.channels ? channel : planes.channels - 1,
            warp, warps};
  } else {
    const int last = images * planes.channels - 1, wanted = blockIdx.x * warps + warp;
    const int unit = wanted < last ? wanted : last;
    return {unit / planes.channels, unit % planes.channels, lane, kLanes};
  }
}

}  // namespace mkdt_kernel

#define MKDT_KERNELS(SUFFIX, T, LAST)                                                            \
  extern "C" __global__ void __launch_bounds__(256) value_##SUFFIX(                              \
      mkdt_kernel::Planes planes, int images, mkdt_kernel::NormInputs<T> in, T eps, T* pooled) { \
    __shared__ T shared[LAST ? 5 * 256 : 1];                                                     \
    const mkdt_kernel::BlockSums<T, LAST> sums = {shared};                                       \
    mkdt_kernel::value_of_plane(planes, in, eps, pooled,                                         \
                                mkdt_kernel::place_of<LAST>(planes, images), sums);              \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(256)                                              \
      gradient_##SUFFIX(mkdt_kernel::Planes planes, int images, mkdt_kernel::NormInputs<T> in,   \
                        mkdt_kernel::Gradients<T> out) {                                         \
    __shared__ T shared[LAST ? 5 * 256 : 1];                                                     \
    const mkdt_kernel::BlockSums<T, LAST> sums = {shared};                                       \
    mkdt_kernel::gradient_of_plane(planes, in, out, mkdt_kernel::place_of<LAST>(planes, images), \
                                   sums);                                                        \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(256) second_gradient_##SUFFIX(                    \
      mkdt_kernel::Planes planes, int images, mkdt_kernel::NormInputs<T> in,                     \
      mkdt_kernel::SecondGradients<T> out) {                                                     \
    __shared__ T shared[LAST ? 5 * 256 : 1];                                                     \
    const mkdt_kernel::BlockSums<T, LAST> sums = {shared};                                       \
    mkdt_kernel::second_gradient_of_plane(planes, in, out,                                       \
                                          mkdt_kernel::place_of<LAST>(planes, images), sums);    \
  }

MKDT_KERNELS(float_planes, float, false)
MKDT_KERNELS(float_channels, float, true)
MKDT_KERNELS(double_planes, double, false)
MKDT_KERNELS(double_channels, double, true)

#endif  // __CUDACC__

#endif  // MKDT_NN_OPS_NORM_RELU_POOL_KERNEL_H_
