// norm_relu_pool on a CUDA device: launches the kernels of norm_relu_pool_kernel.h, in the layout
// of x (planes or channels-last), which their results have too.
#include <algorithm>
#include <string>

#include "mkdt/base/cuda_program.h"
#include "mkdt/nn/ops/norm_relu_pool_kernel.h"
#include "mkdt/nn/ops/norm_relu_pool_parts.h"

namespace mkdt {

extern const std::string_view kNormReluPoolKernel;

namespace {

using torch::Tensor;

CudaProgram& program() {
  static CudaProgram result("norm_relu_pool_kernel.h", kNormReluPoolKernel);
  return result;
}

// The sizes of x, and how threads are given to them.
struct Layout {
  explicit Layout(const Tensor& x)
      : format(x.suggest_memory_format()),
        images(static_cast<int>(x.size(0))),
        planes{static_cast<int>(x.size(1)), static_cast<int>(x.size(2)),
               static_cast<int>(x.size(3)), format == at::MemoryFormat::ChannelsLast ? 1 : 0} {}

  CudaProgram::Grid grid() const {
    constexpr int64_t kLanes = 32, kWarps = 8;
    if (planes.channels_last != 0) {
      const int64_t windows = ((planes.height + 1) / 2) * ((planes.width + 1) / 2);
      return {(planes.channels + kLanes - 1) / kLanes, images, kLanes * std::min(kWarps, windows)};
    }
    const int64_t units = int64_t{images} * planes.channels;
    return {(units + kWarps - 1) / kWarps, 1, kLanes * kWarps};
  }

  at::MemoryFormat format;
  int images;
  mkdt_kernel::Planes planes;
};

Tensor pooled_like(const Tensor& x, at::MemoryFormat format) {
  return at::empty({x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2},
                   x.options().memory_format(format));
}
Tensor per_plane(const Tensor& x, int64_t how_many = 1) {
  return at::empty({how_many, x.size(0), x.size(1)}, x.options());
}

template <typename T>
mkdt_kernel::NormInputs<T> inputs_of(const NormReluPoolSaved& saved) {
  return {saved.x.data_ptr<T>(), saved.gamma.data_ptr<T>(), saved.beta.data_ptr<T>(),
          saved.mean.data_ptr<T>(), saved.rstd.data_ptr<T>()};
}

// Launches a kernel; `rest` are its arguments behind planes, images and inputs.
template <typename T>
void launch(const std::string& name, const Layout& layout, const NormReluPoolSaved& saved,
            std::vector<void*> rest) {
  if (saved.x.numel() == 0) return;
  const std::string type = std::is_same_v<T, double> ? "double" : "float";
  const std::string order = layout.planes.channels_last != 0 ? "channels" : "planes";
  mkdt_kernel::Planes planes = layout.planes;
  int images = layout.images;
  mkdt_kernel::NormInputs<T> in = inputs_of<T>(saved);
  rest.insert(rest.begin(), {&planes, &images, &in});
  program().launch(name + "_" + type + "_" + order, saved.x.device(), layout.grid(), rest);
}

// Calls work(T()) for the element type of x.
template <typename Work>
void with_type(const Tensor& x, const Work& work) {
  if (x.scalar_type() == torch::kFloat64) return work(double());
  TORCH_CHECK(x.scalar_type() == torch::kFloat32, "norm_relu_pool of ", x.scalar_type());
  work(float());
}

Tensor value(NormReluPoolSaved& saved, double eps) {
  const Layout layout(saved.x);
  const Tensor pooled = pooled_like(saved.x, layout.format);
  const Tensor moments = per_plane(saved.x, 2);
  saved.mean = moments[0];
  saved.rstd = moments[1];
  with_type(saved.x, [&](auto type) {
    using T = decltype(type);
    T epsilon = static_cast<T>(eps);
    T* out = pooled.data_ptr<T>();
    launch<T>("value", layout, saved, {&epsilon, &out});
  });
  return pooled;
}

std::array<Tensor, 3> gradient(const NormReluPoolSaved& saved, const Tensor& gp_any) {
  const Layout layout(saved.x);
  const Tensor gp = gp_any.contiguous(layout.format);
  const Tensor gx = at::empty_like(saved.x), of_planes = per_plane(saved.x, 2);
  with_type(saved.x, [&](auto type) {
    using T = decltype(type);
    mkdt_kernel::Gradients<T> out = {gp.data_ptr<T>(), gx.data_ptr<T>(), of_planes[0].data_ptr<T>(),
                                     of_planes[1].data_ptr<T>()};
    launch<T>("gradient", layout, saved, {&out});
  });
  const Tensor sums = of_planes.sum(1);
  return {gx, sums[0], sums[1]};
}

std::array<Tensor, 3> second_gradient(const NormReluPoolSaved& saved, const Tensor& gp_any,
                                      const Tensor& v_any, const Tensor& vgamma_any,
                                      const Tensor& vbeta_any) {
  const Layout layout(saved.x);
  const Tensor gp = gp_any.contiguous(layout.format), v = v_any.contiguous(layout.format),
               vgamma = vgamma_any.contiguous(), vbeta = vbeta_any.contiguous();
  const Tensor ggp = pooled_like(saved.x, layout.format), gx = at::empty_like(saved.x),
               ggamma = per_plane(saved.x);
  with_type(saved.x, [&](auto type) {
    using T = decltype(type);
    mkdt_kernel::SecondGradients<T> out = {
        gp.data_ptr<T>(),  v.data_ptr<T>(),  vgamma.data_ptr<T>(), vbeta.data_ptr<T>(),
        ggp.data_ptr<T>(), gx.data_ptr<T>(), ggamma.data_ptr<T>()};
    launch<T>("second_gradient", layout, saved, {&out});
  });
  return {ggp, gx, ggamma.sum(at::IntArrayRef({0, 1}))};
}

}  // namespace

const NormReluPoolParts kNormReluPoolCuda = {value, gradient, second_gradient};

}  // namespace mkdt
