#include "mkdt/ssl/outside_options.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"

namespace mkdt {

void OutsideOptions::declare(OptionSection& section) {
  section.add("representations", representations,
              "A .safetensors, .npy or .pt file with one representation per image, in data set "
              "order, to use instead of training a teacher; empty trains one.");
  section.add("test_representations", test_representations,
              "The same for the test images, for representation losses and the teacher's probe.");
  section.add("torchscript", torchscript,
              "A TorchScript encoder to use instead of training one. Such a file is a program: run "
              "only what you trust.");
  section.add("input_size", input_size, 0, 4096,
              "Height and width that images are resized to for the TorchScript encoder; 0 leaves "
              "them as they are.");
  section.add("input_mean", input_mean, -1e3, 1e3,
              "What the TorchScript encoder's inputs are shifted by, one value a channel, for "
              "pixels from 0 to 1; empty is the images' mean.");
  section.add("input_std", input_std, 1e-6, 1e3,
              "What they are then divided by; empty is the images' standard deviation.");
  section.add(
      "output", output,
      "Which output of the TorchScript encoder is the representation: an index into a tuple "
      "or list, or a key of a dictionary; empty where it returns one tensor.");
  section.add("pooling", pooling, {"none", "mean", "first"},
              "What makes one vector of an output [images, channels, height, width] or [images, "
              "tokens, channels]: the mean over positions, or the first token.");
}

void OutsideOptions::check() const {
  if (!representations.empty() && !torchscript.empty()) {
    throw Error(
        "teacher.representations and teacher.torchscript are both set; a teacher comes from one "
        "of them");
  }
  if (!test_representations.empty() && representations.empty()) {
    throw Error("teacher.test_representations has no effect without teacher.representations");
  }
  if (torchscript.empty() && (input_size != 0 || !input_mean.empty() || !input_std.empty() ||
                              !output.empty() || pooling != "none")) {
    throw Error(
        "teacher.input_size, input_mean, input_std, output and pooling have no effect without "
        "teacher.torchscript");
  }
  if (input_mean.empty() != input_std.empty()) {
    throw Error("teacher.input_mean and teacher.input_std belong together; set both or none");
  }
  for (const auto& [name, values] :
       {std::pair("input_mean", input_mean), {"input_std", input_std}}) {
    if (values.empty() || values.size() == 3) continue;
    throw Error(
        fmt::format("teacher.{}: expected 3 values, one a channel, got {}", name, values.size()));
  }
}

}  // namespace mkdt
