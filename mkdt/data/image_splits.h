// What every format's reader gives: the splits of a set as they lie on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <torch/types.h>

#include "mkdt/data/image_set.h"

namespace mkdt {

constexpr int64_t kLargestImage = 512;  // H = W of what a data set is made of

struct ReadOptions {
  int64_t image_size = 0;  // H = W to resize to; 0: as the files are
  int64_t limit = 0;       // at most that many training images; 0: all
  int64_t test_limit = 0;  // the same for test images
  // Of folders of images, as list_images takes them:
  bool labels = true;
  bool classes_of_train = false;
};

// The sets carry no normalisation yet.
struct ImageSplits {
  ImageSet train;
  std::optional<ImageSet> test;
  torch::Tensor train_rows;  // int64 [train.size()]: the images' places in the full training split
  int64_t source_rows = 0;   // images in that full training split
  // The same of the test split; undefined and 0 where all of it was read.
  torch::Tensor test_rows;
  int64_t source_test_rows = 0;
  std::string published_normalisation;  // name of the published constants for it; may be empty
};

// The first `limit` images (all, if `limit` is 0) of a training split of `size`: int64.
torch::Tensor first_rows(int64_t size, int64_t limit);

}  // namespace mkdt
