#include "mkdt/eval/regression_set.h"

#include <string>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/stopped.h"
#include "mkdt/data/images_on_device.h"

namespace mkdt {
namespace {

void check_counts(const std::string& what, int64_t images, const torch::Tensor& targets) {
  if (targets.dim() != 2 || targets.size(0) != images || images == 0) {
    throw Error(fmt::format("{}: expected one target representation an image, got {} for {} images",
                            what, targets.dim() == 0 ? 0 : targets.size(0), images));
  }
}

}  // namespace

RegressionSet regression_set(const ImageSet& images, const torch::Tensor& targets,
                             torch::Device device) {
  check_counts(images.name, images.size(), targets);
  return {[there = ImagesOnDevice(images, device)](const torch::Tensor& indices) {
            return there.normalised(indices);
          },
          targets.to(device)};
}

RegressionSet stoppable(RegressionSet set, const Observer& observer) {
  set.images_at = [images_at = set.images_at, &observer](const torch::Tensor& indices) {
    throw_if_stopped(observer);
    return images_at(indices);
  };
  return set;
}

RegressionSet regression_set(const torch::Tensor& images, const torch::Tensor& targets,
                             torch::Device device) {
  check_counts("synthetic set", images.size(0), targets);
  const torch::Tensor there = images.to(device);
  return {[there, device](const torch::Tensor& indices) {
            return there.index_select(0, indices.to(device));
          },
          targets.to(device)};
}

}  // namespace mkdt
