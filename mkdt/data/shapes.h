// The built-in set: one textured shape on a textured ground among fragments of other shapes.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/core/observer.h"
#include "mkdt/data/image_splits.h"

namespace mkdt {

struct ShapesOptions {
  int64_t train = 4000;
  int64_t test = 1000;
  int64_t image_size = 32;
};

// Ten balanced classes of RGB images. Only the outline tells the class: colours, textures,
// position, size, rotation and clutter are drawn without regard to it. Image i of a split depends
// on (seed, split, i) alone.
ImageSplits make_shapes(const ShapesOptions& options, uint64_t seed, Observer& observer);

}  // namespace mkdt
