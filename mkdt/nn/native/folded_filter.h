// The first block's convolution and its instance norm as one filter.
//
// With an image's centred columns c [channels·9] at its P pixels (columns.h), the convolution
// y = w·c has mean 0 and variance wᵀCw, C = Σ c cᵀ/P. So what the norm makes of y is a convolution
// again,
//   z = γŷ + β = a·c + β,    a = γ r w,    r = 1/√(wᵀCw + ε),
// and the norm, forward and back, is algebra on [channels·9,width] numbers instead of passes over
// planes of [pixels,width]. With the gradient gz of z, G = Σ c gz and t = w·G:
//   gβ = Σ gz,    gγ = r t,    gw = γ r (G − q C w),    q = r² t,
//   gc = Σ_k gz a − Σ_k h w (w·c)/P,    h = γ r q,    k the channels.
// Tangents are the derivatives of these.
#pragma once

#include "mkdt/nn/native/pass.h"

namespace mkdt::native {

// Works on one image, whose columns are in pass.space.first.columns. Its buffers are
// FirstBlockBuffers.
template <typename T>
class FoldedFilter {
 public:
  FoldedFilter(const Pass<T>& pass, int64_t image);

  // Computes C and r from the columns, with tangents ṙ, which are kept for the way back.
  void measure();
  // Computes a as `folded` from r, with tangents ȧ.
  void fold();
  // Computes aᵀ and ȧᵀ as `folded_adjoint` from r, with tangents.
  void fold_adjoint();
  // Adds to the gradients of w and γ, or their tangents, from G in `gradient`, with tangents Ġ.
  void add_gradients();
  // Adds the tangent of gc's second sum to the columns' gradient, after add_gradients with
  // tangents.
  void add_norm_to_column_gradient();

 private:
  void correlate(const T* filter, Buffer<T>& correlated) const;
  template <typename Body>
  void for_elements(Body body) const;
  // Returns the tangent of γ r.
  T scale_dot(int64_t k) const { return gamma_dot_[k] * r_[k] + gamma_[k] * r_dot_[k]; }

  const ConvNetPlan& plan_;
  const Pass<T>& pass_;
  FirstBlockBuffers<T>& at_;
  const int64_t width_, depth_;
  const T *w_, *w_dot_ = nullptr, *gamma_, *gamma_dot_ = nullptr;
  T *covariance_, *r_, *r_dot_ = nullptr;
};

}  // namespace mkdt::native
