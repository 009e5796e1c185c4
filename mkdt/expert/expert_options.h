// [experts]: the students whose training is recorded.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/core/options.h"
#include "mkdt/nn/network.h"

namespace mkdt {

// Defaults are the published protocol (MKDT, arXiv 2410.02116, section 5).
struct ExpertOptions {
  int64_t count = 100;
  int64_t epochs = 0;
  std::string architecture = "convnet";
  int64_t width = 128;
  int64_t depth = 3;
  std::string norm = "instance";
  std::string activation = "relu";
  std::string pooling = "average";
  int64_t batch = 256;
  double lr = 0.1;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  std::string dtype = "float32";

  void declare(OptionSection& section);
  // The student for such images and targets. Error if an option does not go with the architecture;
  // the depth, which every configuration has, is just not read for a ResNet.
  NetworkPtr student(int64_t channels, int64_t image_size, int64_t outputs) const;
  // The same Error, before there are images.
  void check() const;
};

}  // namespace mkdt
