#include "mkdt/ssl/image_encoder.h"

#include <algorithm>

#include "mkdt/core/stopped.h"

namespace mkdt {

torch::Tensor embed(const ImageEncoder& encoder, const ImageSet& images, int64_t batch,
                    Observer& observer) {
  torch::Tensor values = torch::empty({images.size(), encoder.dim});
  observer.begin("embed " + images.name, images.size(), "images");
  for (int64_t begin = 0; begin < images.size(); begin += batch) {
    const int64_t end = std::min(begin + batch, images.size());
    values.slice(0, begin, end).copy_(encoder.encode(images.images.slice(0, begin, end)));
    observer.advance(end, "");
    throw_if_stopped(observer);
  }
  observer.end();
  return values;
}

}  // namespace mkdt
