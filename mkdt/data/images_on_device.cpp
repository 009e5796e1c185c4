#include "mkdt/data/images_on_device.h"

namespace mkdt {

ImagesOnDevice::ImagesOnDevice(const ImageSet& images, torch::Device device)
    : device_(device),
      pixels_(images.images.numel() <= kMostBytes ? images.images.to(device) : images.images),
      to_normalised_(images.normalisation.map_on(device)) {}

torch::Tensor ImagesOnDevice::pixels(const torch::Tensor& rows) const {
  return pixels_.index_select(0, rows.to(pixels_.device())).to(device_);
}

}  // namespace mkdt
