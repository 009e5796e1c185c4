// [data]: which images, and how they are made fit for the networks.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/core/options.h"

namespace mkdt {

struct DataOptions {
  std::string format = "auto";
  std::string root;
  int64_t image_size = 0;
  std::string normalisation = "auto";
  double validation_fraction = 0.1;
  int64_t limit = 0;
  int64_t test_limit = 0;
  bool labels = true;
  std::string classes = "same";
  int64_t shapes_train = 4000;
  int64_t shapes_test = 1000;

  void declare(OptionSection& section);
};

}  // namespace mkdt
