#include "mkdt/data/image_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/checksum.h"

namespace mkdt {
namespace {

std::vector<float> three_times(const std::vector<float>& values) {
  return values.size() == 1 ? std::vector<float>(3, values[0]) : values;
}

}  // namespace

torch::Tensor ImageSet::normalised(const torch::Tensor& indices, torch::Device device) const {
  return normalisation.apply(images.index_select(0, indices.to(torch::kCPU)).to(device));
}

torch::Tensor ImageSet::normalised(torch::Device device) const {
  return normalisation.apply(images.to(device));
}

ImageSet ImageSet::subset(const torch::Tensor& indices) const {
  const torch::Tensor rows = indices.to(torch::kCPU);
  ImageSet part = *this;
  part.images = images.index_select(0, rows);
  if (labelled()) part.labels = labels.index_select(0, rows);
  return part;
}

std::string ImageSet::fingerprint() const {
  return checksum(fmt::format("{} mean {} std {}", checksum(images),
                              fmt::join(normalisation.mean, ","),
                              fmt::join(normalisation.std, ",")));
}

ImageSet with_three_channels(const ImageSet& set) {
  if (set.channels() == 3) return set;
  ImageSet colour = set;
  colour.images = set.images.expand({-1, 3, -1, -1}).contiguous();
  colour.normalisation.mean = three_times(set.normalisation.mean);
  colour.normalisation.std = three_times(set.normalisation.std);
  return colour;
}

}  // namespace mkdt
