#include "mkdt/pipeline/embed_images.h"

#include <string>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/npy.h"
#include "mkdt/data/dataset.h"
#include "mkdt/data/representations.h"
#include "mkdt/ssl/encoder_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

bool is_npy(const fs::path& rows) {
  const std::string ending = rows.extension().string();
  if (ending == ".npy" || ending == ".safetensors") return ending == ".npy";
  throw Error(fmt::format("--out: expected a name that ends in .npy or .safetensors, got '{}'",
                          rows.string()));
}

// All of the training split, as the encoder takes images.
ImageSet images_for(const FileEncoder& file, const fs::path& folder, const Config& config,
                    Observer& observer) {
  DataOptions options;
  options.format = config.data.format;
  options.root = folder.string();
  options.limit = config.data.limit;
  options.labels = config.data.labels;
  options.classes = config.data.classes;
  options.image_size = file.image_size;
  const ImageSplits splits = read_splits(options, observer);
  if (splits.test) {
    observer.warn(
        fmt::format("{}: it has {} test images, too: the rows are those of the {} "
                    "training images; give the test images' own folder for theirs",
                    folder.string(), splits.test->size(), splits.train.size()));
  }
  ImageSet images = file.channels == 1 ? splits.train : with_three_channels(splits.train);
  images.name = folder.string();
  images.normalisation = file.normalisation;
  return images;
}

}  // namespace

void embed_images(const ImagesToEmbed& request, const Config& config, Observer& observer) {
  const bool npy = is_npy(request.rows);
  const FileEncoder file = read_encoder_file(request.encoder, config.runtime.torch_device());
  const ImageSet images = images_for(file, request.images, config, observer);
  const torch::Tensor rows = embed(file.encoder, images, config.teacher.embed_batch, observer);
  if (npy) {
    write_npy(request.rows, rows);
  } else {
    write_representations(
        request.rows, RepresentationsInfo{images.fingerprint(), file.encoder.fingerprint, "none"},
        row_blocks(rows));
  }
  observer.info(fmt::format("{}: {} rows of {} dimensions, by {}", request.rows.string(),
                            rows.size(0), rows.size(1), file.encoder.fingerprint));
}

}  // namespace mkdt
