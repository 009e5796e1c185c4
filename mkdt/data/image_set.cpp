#include "mkdt/data/image_set.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/io/checksum.h"

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

torch::Tensor first_rows(int64_t size, int64_t limit) {
  return torch::arange(limit > 0 ? std::min(size, limit) : size, torch::kInt64);
}

ImagesOnDevice::ImagesOnDevice(const ImageSet& images, torch::Device device)
    : device_(device),
      pixels_(images.images.numel() <= kMostBytes ? images.images.to(device) : images.images),
      to_normalised_(images.normalisation.map_on(device)) {}

torch::Tensor ImagesOnDevice::pixels(const torch::Tensor& rows) const {
  return pixels_.index_select(0, rows.to(pixels_.device())).to(device_);
}

}  // namespace mkdt
