// The loops of norm_relu_pool over planes: value, gradient, gradient of the gradient.
//
// With ŷ = r(x − μ), r = 1/√(σ² + ε), z = γŷ + β, p = pooled max(z, 0), m = [z > 0]/4 inside the
// pooled area, and means over the plane:
//   gz = m gp;  A = mean gz;  D = mean(gz ŷ);
//   gx = rγ(gz − A − ŷD);  gγ = Σ gz ŷ;  gβ = Σ gz
// ⟨(gx, gγ, gβ), (v, vγ, vβ)⟩ = ⟨gp, ṗ⟩ where ṗ is the tangent of p in the direction (v, vγ, vβ),
// so that its gradient is that tangent, and the tangent of the gradient (Pearlmutter 1994) where
// ġp = 0:
//   c = mean(v ŷ);  ṙ = −r²c;  ŷ̇ = r(v − mean v − cŷ);  Ḋ = mean(gz ŷ̇)
//   ∂gp = Σ m (vγ ŷ + γŷ̇ + vβ);  ∂x = (ṙγ + r vγ)(gz − A − ŷD) − rγ(ŷ̇D + ŷḊ);  ∂γ = Σ gz ŷ̇;  ∂β = 0
#pragma once

#include <cstdint>

namespace mkdt {

// B·C planes of H·W values with their parameters; plane i has channel i mod C.
template <typename T>
struct NormPlanes {
  int64_t channels, height, width;
  const T* x;      // [B,C,H,W]
  const T* gamma;  // [C]
  const T* beta;   // [C]
  T* mean;         // [B,C] μ, set by pooled_planes
  T* rstd;         // [B,C] r, set by pooled_planes
};

// Each function computes the planes begin … end−1 of its results.
void pooled_planes(const NormPlanes<float>& planes, float eps, float* pooled, int64_t begin,
                   int64_t end);
void pooled_planes(const NormPlanes<double>& planes, double eps, double* pooled, int64_t begin,
                   int64_t end);

template <typename T>
struct PlaneGradients {
  const T* gp;  // [B,C,⌊H/2⌋,⌊W/2⌋]
  T* gx;        // [B,C,H,W]
  T* ggamma;    // [B,C] Σ gz ŷ of each plane
  T* gbeta;     // [B,C] Σ gz
};
void gradient_planes(const NormPlanes<float>& planes, const PlaneGradients<float>& gradients,
                     int64_t begin, int64_t end);
void gradient_planes(const NormPlanes<double>& planes, const PlaneGradients<double>& gradients,
                     int64_t begin, int64_t end);

template <typename T>
struct PlaneSecondGradients {
  const T* gp;      // [B,C,⌊H/2⌋,⌊W/2⌋]
  const T* v;       // [B,C,H,W] cotangent of gx
  const T* vgamma;  // [C] cotangent of gγ
  const T* vbeta;   // [C] cotangent of gβ
  T* ggp;           // [B,C,⌊H/2⌋,⌊W/2⌋]
  T* gx;            // [B,C,H,W]
  T* ggamma;        // [B,C] Σ gz ŷ̇ of each plane
};
void second_gradient_planes(const NormPlanes<float>& planes,
                            const PlaneSecondGradients<float>& gradients, int64_t begin,
                            int64_t end);
void second_gradient_planes(const NormPlanes<double>& planes,
                            const PlaneSecondGradients<double>& gradients, int64_t begin,
                            int64_t end);

}  // namespace mkdt
