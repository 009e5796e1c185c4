#include "mkdt/baseline/ssl_source.h"

#include <torch/utils.h>

#include "mkdt/baseline/differentiable_views.h"

namespace mkdt {

SslSource ssl_source(const ImageSet& images, torch::Device device) {
  // Of three equal channels the views' channels are equal: one is enough.
  const ImageSet colour = with_three_channels(images);
  const int64_t channels = images.channels();
  return {images.size(), images.image_size(), device,
          [=](const torch::Tensor& rows, const std::vector<ViewParameters>& views) {
            return make_views(colour.images.index_select(0, rows), views, colour.normalisation)
                .narrow(1, 0, channels)
                .to(device);
          }};
}

SslSource ssl_source(const torch::Tensor& images, const Normalisation& normalisation,
                     torch::Device device) {
  const torch::Tensor there = images.to(device);
  return {images.size(0), images.size(2), device,
          [=](const torch::Tensor& rows, const std::vector<ViewParameters>& views) {
            const torch::NoGradGuard no_grad;
            return differentiable_views(there.index_select(0, rows.to(device)), views,
                                        normalisation);
          }};
}

ViewPairs draw_pairs(int64_t count, int64_t image_size, const ViewOptions& options,
                     at::Generator& generator) {
  ViewPairs pairs;
  pairs.first = draw_views(count, image_size, options, generator);
  pairs.second = draw_views(count, image_size, options, generator);
  return pairs;
}

}  // namespace mkdt
