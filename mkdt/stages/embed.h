// Implements `mkdt embed --images DIR --encoder FILE --out ROWS`: encodes new images with an
// existing encoder.
#pragma once

#include <filesystem>

#include "mkdt/base/observer.h"
#include "mkdt/run/config.h"

namespace mkdt {

struct ImagesToEmbed {
  std::filesystem::path images;   // a folder with whatever data.format finds
  std::filesystem::path encoder;  // a student's or teacher's file, or an export of one
  std::filesystem::path rows;     // .npy or .safetensors, to be written
};

// Writes the file, float32 [N,F], whose row i is of image i of the training split, in the order of
// the data set (docs/guide/your-images.md). Images are brought to the encoder's size and normalised
// as they were when it was trained. data.format, data.limit, teacher.embed_batch and [runtime] of
// `config` count. Throws Error naming the file or option, before images are read where that is
// possible.
void embed_images(const ImagesToEmbed& request, const Config& config, Observer& observer);

}  // namespace mkdt
