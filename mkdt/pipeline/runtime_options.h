// [runtime]: seed, device, threads, cores, precision, what is checked beforehand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/core/options.h"

namespace mkdt {

struct RuntimeOptions {
  int64_t seed = 0;
  std::string device = "cpu";
  int64_t threads = 0;
  std::vector<int64_t> cores;
  bool tf32 = false;
  double checkpoint_minutes = 5;
  bool check_resources = true;

  void declare(OptionSection& section);
  // Error, which says why, if nothing can be computed there.
  torch::Device torch_device() const;
};

}  // namespace mkdt
