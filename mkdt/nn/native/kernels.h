// The hot loops of the native engine, compiled once for every instruction set.
//
// Planes are channels-last: [height,width,channels], `channels` padded with zeros to a multiple of
// kChannelPad, so that a vector holds channels of one pixel. Padded channels stay zero in every
// kernel where gamma and beta are zero there. Nothing here allocates.
#pragma once

#include <cstdint>

namespace mkdt::native {

enum class Isa { kPortable, kAvx2, kAvx512, kAmx };

constexpr int64_t kChannelPad = 16;
constexpr int64_t padded(int64_t channels) {
  return (channels + kChannelPad - 1) / kChannelPad * kChannelPad;
}

// c[i][j] (+)= Σ_k a[i·a_row + k·a_step] b[k·b_row + j],  i < rows, j < columns, k < depth.
// `columns` is a multiple of kChannelPad. With a_row = 1 it is a product with the transpose of a.
// A second product of the same shape, a2·b2, may be added to it: a tangent of a product is two.
template <typename T>
struct MatrixProduct {
  int64_t rows, columns, depth;
  const T* a;
  int64_t a_row, a_step;
  const T* b;
  int64_t b_row;
  T* c;
  int64_t c_row;
  bool accumulate;
  const T* next = nullptr;  // next_size numbers of the next product, fetched ahead
  int64_t next_size = 0;
  const T* a2 = nullptr;
  const T* b2 = nullptr;
};

constexpr int64_t kTile = 4;          // outputs of a tile in each direction
constexpr int64_t kFrequencies = 36;  // products that take the place of 16·9

// One image's plane and its tiles in the Winograd domain: the tile t of frequency f has its
// channels at frequency_data + f·frequency_stride + t·channels, tiles row by row. `zeros` holds
// `channels` zeros that stand for pixels outside the plane; `discard` takes what falls there.
template <typename T>
struct TiledPlane {
  int64_t height, width, channels;
  T* plane;
  T* frequency_data;
  int64_t frequency_stride;
  const T* zeros;
  T* discard;
};

// Tiles that cover so many pixels.
constexpr int64_t tiles_across(int64_t extent) { return (extent + kTile - 1) / kTile; }

// Instance norm over a plane, ReLU, 2×2 average pool. ŷ = (y − mean)·r, r = 1/√(σ² + eps),
// z = γŷ + β, p = pool(max(z, 0)). `*_dot` are tangents.
template <typename T>
struct NormPlane {
  int64_t height, width, channels;
  const T *gamma, *beta;  // [channels]
  T eps;
  T* y;               // [height,width,channels]; y, ŷ or ∂/∂y: see the kernel
  T *mean, *rstd;     // [channels]
  T* pooled;          // p, or its gradient; [height/2,width/2,channels]
  T *ggamma, *gbeta;  // added to, [channels]
  // Only for the tangent kernels.
  const T *gamma_dot, *beta_dot;
  T *y_dot, *mean_dot, *rstd_dot, *pooled_dot;
};

// The ReLU and the pool alone.
template <typename T>
struct PoolPlane {
  int64_t height, width, channels;
  T* plane;           // [height,width,channels]
  const T* shift;     // [channels]
  T* pooled;          // [height/2,width/2,channels]
  uint8_t* positive;  // as `pooled`: a bit for each of the four pixels
  T* sums;            // [channels]
};

// A matrix [count,length], rows `stride` apart; the count is a multiple of 3, and zeros follow a
// row up to a multiple of kChannelPad.
template <typename T>
struct Rows {
  int64_t count, length, stride;
  T* data;
};

template <typename T>
struct Kernels {
  Isa isa;
  void (*multiply)(const MatrixProduct<T>&);
  // Takes the mean off every row.
  void (*centre)(const Rows<T>&);
  // covariance [count,count] = rows·rowsᵀ / length
  void (*covariance)(const Rows<T>&, T* covariance);

  // Winograd F(4×4,3×3), padding 1 (Lavin and Gray, arXiv 1509.09308): x → BᵀxB, Y → AᵀYA, and
  // their adjoints gy → A·gy·Aᵀ, G → Σ B·G·Bᵀ (overlapping tiles add up; overwrites the plane).
  void (*input_transform)(const TiledPlane<T>&);
  void (*input_adjoint)(const TiledPlane<T>&);
  void (*output_transform)(const TiledPlane<T>&);
  void (*output_adjoint)(const TiledPlane<T>&);
  // taps [9, count] → GwGᵀ [36, stride] and its adjoint; count a multiple of kChannelPad.
  void (*filter_transform)(const T* taps, int64_t count, T* frequencies, int64_t stride);
  void (*filter_adjoint)(const T* frequencies, int64_t stride, int64_t count, T* taps);

  // y → ŷ in place; mean, rstd, pooled.
  void (*norm_forward)(const NormPlane<T>&);
  // ŷ → ∂/∂y in place, from the gradient in `pooled`; ggamma, gbeta.
  void (*norm_backward)(const NormPlane<T>&);
  // y_dot: ẏ → tangent of ŷ in place; mean_dot, rstd_dot, pooled_dot. y holds ŷ.
  void (*norm_tangent)(const NormPlane<T>&);
  // y: ŷ → ∂/∂y, y_dot: tangent of ŷ → tangent of ∂/∂y, both in place, from the gradients in
  // `pooled` and `pooled_dot`. ggamma, gbeta get the tangents of their gradients.
  void (*norm_tangent_backward)(const NormPlane<T>&);

  // plane + shift → pooled, positive.
  void (*relu_pool)(const PoolPlane<T>&);
  // plane + shift → pooled, of the pixels that were positive; and its adjoint pooled → plane, whose
  // sums over the pixels are added to `sums`.
  void (*masked_pool)(const PoolPlane<T>&);
  void (*masked_pool_adjoint)(const PoolPlane<T>&);
};

// T is float or double. Throws Error if the instruction set is not available.
template <typename T>
const Kernels<T>& kernels(Isa isa);

}  // namespace mkdt::native
