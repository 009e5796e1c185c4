#include "mkdt/data/exif.h"

#include <cstring>
#include <libexif/exif-data.h>
#include <memory>

namespace mkdt {

int exif_orientation(const uint8_t* data, unsigned size) {
  if (size < 6 || std::memcmp(data, "Exif\0\0", 6) != 0) return 0;
  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> exif(
      exif_data_new_from_data(data, size), &exif_data_unref);
  if (!exif) return 0;
  const ExifEntry* entry = exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 0;
  const int value = exif_get_short(entry->data, exif_data_get_byte_order(exif.get()));
  return value >= 1 && value <= 8 ? value : 0;
}

torch::Tensor upright(const torch::Tensor& image, int orientation) {
  switch (orientation) {
    case 2:
      return image.flip({2});
    case 3:
      return image.flip({1, 2});
    case 4:
      return image.flip({1});
    case 5:
      return image.transpose(1, 2).contiguous();
    case 6:
      return image.transpose(1, 2).flip({2}).contiguous();
    case 7:
      return image.transpose(1, 2).flip({1, 2}).contiguous();
    case 8:
      return image.transpose(1, 2).flip({1}).contiguous();
    default:
      return image;
  }
}

}  // namespace mkdt
