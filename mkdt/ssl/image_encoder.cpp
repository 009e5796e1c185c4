#include "mkdt/ssl/image_encoder.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"

namespace mkdt {

torch::Tensor encode_rows(const ImageEncoder& encoder, const ImageSet& images, int64_t begin,
                          int64_t end) {
  torch::Tensor vectors = encoder.encode(images.images.slice(0, begin, end));
  if (all_finite(vectors)) return vectors;
  const torch::Tensor bad = vectors.isfinite().all(1).logical_not();
  throw Error(fmt::format(
      "{}: the representation of image {} of {} has values that are not finite "
      "numbers",
      encoder.fingerprint, begin + bad.to(torch::kInt64).argmax().item<int64_t>(), images.name));
}

torch::Tensor embed(const ImageEncoder& encoder, const ImageSet& images, int64_t batch,
                    Observer& observer) {
  torch::Tensor values = torch::empty({images.size(), encoder.dim});
  observer.begin("embed " + images.name, images.size(), "images");
  for (int64_t begin = 0; begin < images.size(); begin += batch) {
    const int64_t end = std::min(begin + batch, images.size());
    values.slice(0, begin, end).copy_(encode_rows(encoder, images, begin, end));
    observer.advance(end, "");
    throw_if_stopped(observer);
  }
  observer.end();
  return values;
}

}  // namespace mkdt
