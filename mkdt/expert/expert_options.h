// [experts]: the students whose training is recorded.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/core/options.h"

namespace mkdt {

// Defaults are the published protocol (MKDT, arXiv 2410.02116, section 5).
struct ExpertOptions {
  int64_t count = 100;
  int64_t epochs = 0;
  int64_t width = 128;
  int64_t depth = 3;
  int64_t batch = 256;
  double lr = 0.1;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  std::string dtype = "float32";

  void declare(OptionSection& section);
};

}  // namespace mkdt
