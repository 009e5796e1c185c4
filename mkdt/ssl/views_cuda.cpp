#include "mkdt/ssl/views_cuda.h"

#include <algorithm>
#include <string_view>

#include "mkdt/base/cuda_program.h"
#include "mkdt/ssl/views.h"
#include "mkdt/ssl/views_kernel.h"

namespace mkdt {

extern const std::string_view kViewsKernel;

bool can_make_views_on(torch::Device device) {
  return device.is_cuda() && cuda_program_fault().empty();
}

torch::Tensor make_views_on_cuda(const torch::Tensor& pixels,
                                 const std::vector<ViewParameters>& views,
                                 const Normalisation& normalisation) {
  static CudaProgram program("views_kernel.h", kViewsKernel);
  const auto to_float = torch::TensorOptions(torch::kFloat32).device(pixels.device());
  const torch::Tensor result = torch::empty(pixels.sizes(), to_float);
  if (result.numel() == 0) return result;
  std::vector<mkdt_kernel::View> drawn;
  drawn.reserve(views.size());
  for (const ViewParameters& view : views) drawn.push_back(kernel_view(view));
  const auto bytes = static_cast<int64_t>(drawn.size() * sizeof(mkdt_kernel::View));
  const torch::Tensor there =
      torch::from_blob(drawn.data(), {bytes}, torch::kUInt8).to(pixels.device());
  const torch::Tensor source = pixels.contiguous();
  const bool blurs = std::any_of(views.begin(), views.end(),
                                 [](const ViewParameters& view) { return view.blur_sigma > 0; });
  const torch::Tensor scratch = blurs ? torch::empty_like(result) : result;

  mkdt_kernel::ViewBatch batch{};
  batch.pixels = source.data_ptr<uint8_t>();
  batch.views = reinterpret_cast<const mkdt_kernel::View*>(there.data_ptr<uint8_t>());
  batch.scratch = scratch.data_ptr<float>();
  batch.out = result.data_ptr<float>();
  batch.size = static_cast<int>(pixels.size(2));
  batch.taps = static_cast<int>(gaussian_taps(1, pixels.size(2)).size());
  std::copy_n(normalisation.mean.begin(), 3, batch.mean);
  std::copy_n(normalisation.std.begin(), 3, batch.std);
  program.launch("make_views", pixels.device(), {pixels.size(0), 1, 256}, {&batch});
  return result;
}

}  // namespace mkdt
