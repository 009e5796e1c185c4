// Reads a folder of JPEG and PNG images as a set.
#pragma once

#include <filesystem>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

// The layout is that of list_images. All threads decode. Images of several sizes, or that are not
// square, need options.image_size, to which they are resized and cropped: Error asks for it. Grey
// images among colour ones get three channels. As files are sorted by class, options.limit takes
// training images evenly spaced over all of them, and test_limit test images. Throws Error that
// names the first ten files that cannot be read, and says how many there are.
ImageSplits read_image_folder(const std::filesystem::path& root, const ReadOptions& options,
                              Observer& observer);

}  // namespace mkdt
