#include "mkdt/expert/expert_options.h"

namespace mkdt {

void ExpertOptions::declare(OptionSection& section) {
  section.add("count", count, 1, 100'000, "Expert trajectories to record.");
  section.add("epochs", epochs, 0, 10'000,
              "Epochs to train and record each expert; 0 stands for as many as matching can read.");
  section.add("width", width, 1, 4096, "Channels of the student ConvNet's blocks.");
  section.add("depth", depth, 1, 8, "Blocks of the student ConvNet; each halves the image.");
  section.add("batch", batch, 1, 65'536, "Images a training step.");
  section.add("lr", lr, 1e-8, 1e3, "Learning rate of SGD.");
  section.add("momentum", momentum, 0, 0.999, "Momentum of SGD.");
  section.add("weight_decay", weight_decay, 0, 1, "Weight decay of SGD, on all parameters.");
  section.add("dtype", dtype, {"float32", "bfloat16"},
              "How parameters are stored; bfloat16 halves the disk space.");
}

}  // namespace mkdt
