#include "mkdt/nn/native/folded_filter.h"

#include <algorithm>
#include <cmath>

namespace mkdt::native {

template <typename T>
FoldedFilter<T>::FoldedFilter(const Pass<T>& pass, int64_t image)
    : plan_(pass.plan),
      pass_(pass),
      at_(pass.space.first),
      width_(pass.plan.width_pad),
      depth_(pass.plan.column_depth),
      w_(pass.theta.block(0).filter.data()),
      gamma_(pass.theta.block(0).gamma.data()),
      covariance_(at_.covariance.data() + image * depth_ * depth_),
      r_(at_.rstd.data() + image * width_) {
  if (!pass.tangents()) return;
  w_dot_ = pass.direction->block(0).filter.data();
  gamma_dot_ = pass.direction->block(0).gamma.data();
  r_dot_ = at_.rstd_dot.data() + image * width_;
}

// Calls body(index into an array [channels·9,width], channel).
template <typename T>
template <typename Body>
void FoldedFilter<T>::for_elements(Body body) const {
  for (int64_t i = 0; i < depth_; ++i) {
    for (int64_t k = 0; k < width_; ++k) body(i * width_ + k, k);
  }
}

// correlated = C·filter
template <typename T>
void FoldedFilter<T>::correlate(const T* filter, Buffer<T>& correlated) const {
  pass_.kernels.multiply({depth_, width_, depth_, covariance_, depth_, 1, filter, width_,
                          correlated.data(), width_, false});
}

template <typename T>
void FoldedFilter<T>::measure() {
  pass_.kernels.covariance(
      {depth_, plan_.blocks[0].pixels(), plan_.column_stride(), at_.columns.data()}, covariance_);
  correlate(w_, at_.correlated);
  const T* const correlated = at_.correlated.data();
  std::fill_n(r_, width_, T(0));
  for_elements([&](int64_t i, int64_t k) { r_[k] += w_[i] * correlated[i]; });
  for (int64_t k = 0; k < width_; ++k) {
    const T variance = r_[k] < 0 ? T(0) : r_[k];  // by rounding; NaN stays NaN
    r_[k] = T(1) / std::sqrt(variance + static_cast<T>(kNormEps));
  }
  if (!pass_.tangents()) return;
  std::fill_n(r_dot_, width_, T(0));
  for_elements([&](int64_t i, int64_t k) { r_dot_[k] += w_dot_[i] * correlated[i]; });
  for (int64_t k = 0; k < width_; ++k) r_dot_[k] *= -r_[k] * r_[k] * r_[k];
}

template <typename T>
void FoldedFilter<T>::fold() {
  T* const folded = at_.folded.data();
  for_elements([&](int64_t i, int64_t k) { folded[i] = gamma_[k] * r_[k] * w_[i]; });
  if (!pass_.tangents()) return;
  T* const folded_dot = at_.folded_dot.data();
  for_elements([&](int64_t i, int64_t k) {
    folded_dot[i] = scale_dot(k) * w_[i] + gamma_[k] * r_[k] * w_dot_[i];
  });
}

template <typename T>
void FoldedFilter<T>::fold_adjoint() {
  const T* const w = pass_.theta.block(0).filter_adjoint.data();
  const T* const w_dot = pass_.direction->block(0).filter_adjoint.data();
  T* const folded = at_.folded_adjoint.data();
  T* const folded_dot = at_.folded_adjoint_dot.data();
  for (int64_t k = 0; k < width_; ++k) {
    const T scale = gamma_[k] * r_[k], change = scale_dot(k);
    for (int64_t i = k * plan_.column_pad; i < (k + 1) * plan_.column_pad; ++i) {
      folded[i] = scale * w[i];
      folded_dot[i] = change * w[i] + scale * w_dot[i];
    }
  }
}

template <typename T>
void FoldedFilter<T>::add_gradients() {
  const T* const g = at_.gradient.data();
  correlate(w_, at_.correlated);
  const T* const correlated = at_.correlated.data();
  BlockGradients<T>& sums = pass_.space.sums->gradients[0];
  T *const gw = sums.filter.data(), *const ggamma = sums.gamma.data();
  T* const t = at_.t.data();
  std::fill_n(t, width_, T(0));
  for_elements([&](int64_t i, int64_t k) { t[k] += w_[i] * g[i]; });
  if (!pass_.tangents()) {
    for (int64_t k = 0; k < width_; ++k) ggamma[k] += r_[k] * t[k];
    for_elements([&](int64_t i, int64_t k) {
      gw[i] += gamma_[k] * r_[k] * (g[i] - r_[k] * r_[k] * t[k] * correlated[i]);
    });
    return;
  }

  const T* const g_dot = at_.gradient_dot.data();
  correlate(w_dot_, at_.correlated_dot);
  const T* const correlated_dot = at_.correlated_dot.data();
  T *const t_dot = at_.t_dot.data(), *const q = at_.q.data(), *const q_dot = at_.q_dot.data();
  std::fill_n(t_dot, width_, T(0));
  for_elements([&](int64_t i, int64_t k) { t_dot[k] += w_dot_[i] * g[i] + w_[i] * g_dot[i]; });
  for (int64_t k = 0; k < width_; ++k) {
    ggamma[k] += r_dot_[k] * t[k] + r_[k] * t_dot[k];
    q[k] = r_[k] * r_[k] * t[k];
    q_dot[k] = r_[k] * (2 * r_dot_[k] * t[k] + r_[k] * t_dot[k]);
  }
  for_elements([&](int64_t i, int64_t k) {
    gw[i] += scale_dot(k) * (g[i] - q[k] * correlated[i]) +
             gamma_[k] * r_[k] * (g_dot[i] - q_dot[k] * correlated[i] - q[k] * correlated_dot[i]);
  });
}

// The tangent of Σ_k h w (w·c)/P is Σ_k (ḣ w + h ẇ)(w·c)/P + h w (ẇ·c)/P: a matrix
// [channels·9,channels·9] applied to every column.
template <typename T>
void FoldedFilter<T>::add_norm_to_column_gradient() {
  const int64_t pixels = plan_.blocks[0].pixels(), pad = plan_.column_pad;
  const T share = T(1) / static_cast<T>(pixels);
  const T *const q = at_.q.data(), *const q_dot = at_.q_dot.data();
  T *const left = at_.folded.data(), *const left_dot = at_.folded_dot.data();
  for_elements([&](int64_t i, int64_t k) {
    const T h = -share * gamma_[k] * r_[k] * q[k];
    const T h_dot = -share * (scale_dot(k) * q[k] + gamma_[k] * r_[k] * q_dot[k]);
    left[i] = h * w_[i];
    left_dot[i] = h_dot * w_[i] + h * w_dot_[i];
  });
  const T* const w = pass_.theta.block(0).filter_adjoint.data();
  const T* const w_dot = pass_.direction->block(0).filter_adjoint.data();
  T* const matrix = at_.column_matrix.data();
  pass_.kernels.multiply({depth_, pad, width_, left_dot, width_, 1, w, pad, matrix, pad, false,
                          nullptr, 0, left, w_dot});
  pass_.kernels.multiply({pixels, pad, depth_, at_.columns.data(), 1, plan_.column_stride(), matrix,
                          pad, at_.column_gradient.data(), pad, true});
}

template class FoldedFilter<float>;
template class FoldedFilter<double>;

}  // namespace mkdt::native
