#include "mkdt/ssl/teacher_options.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"

namespace mkdt {

void TeacherTrainingOptions::declare(OptionSection& section) {
  section.add("architecture", backbone.architecture, backbone_architectures(),
              "The encoder's architecture.");
  section.add(
      "width", backbone.width, 0, 4096,
      "Channels of a ResNet's first stage (representations have 8 times as many "
      "dimensions, of resnet50 32 times), of a ConvNet's blocks, or of a ViT's tokens; 0 is "
      "the architecture's own: 64, 128, and 192 or 384.");
  section.add("patch", backbone.patch, 0, 4096,
              "Side of a ViT's patches in pixels; 0 is an eighth of the image, at most 16, or the "
              "next smaller size that fits.");
  objective.declare(section);
  augmentation.declare(section);
  optimiser.declare(section);
  section.add("epochs", epochs, 0, 100'000,
              "Passes over the training images; 0 leaves a random encoder.");
  section.add("batch", batch, 2, 65536,
              "Images per step, of two views each; what is left of a pass and would not fill a "
              "batch is left out.");
  section.add("precision", precision, {"float32", "bfloat16"},
              "Arithmetic of the encoder during training; parameters stay float32. bfloat16 pays "
              "on processors that have instructions for it.");
}

void TeacherTrainingOptions::check() const {
  augmentation.check();
  if (backbone.architecture == "convnet" && precision != "float32") {
    throw Error(
        fmt::format("teacher.precision is {}, but a convnet computes in float32; set it to float32",
                    precision));
  }
}

void TeacherOptions::declare(OptionSection& section) {
  outside.declare(section);
  processing.declare(section);
  section.add("embed_batch", embed_batch, 1, 65536,
              "Images per batch when representations are computed.");
  training.declare(section);
  section.add("probe_every", probe_every, 0, 100'000,
              "Where there are labels, every so many epochs of training the encoder's k-NN and "
              "linear probe accuracy on the validation images is measured; 0 is never.");
}

void TeacherOptions::check() const {
  outside.check();
  training.check();
}

std::map<std::string, std::string> option_entries(TeacherTrainingOptions options) {
  OptionTable table;
  OptionSection section = table.section("teacher");
  options.declare(section);
  std::map<std::string, std::string> entries;
  for (const Option& option : table.options()) entries[option.key()] = option.value();
  return entries;
}

}  // namespace mkdt
