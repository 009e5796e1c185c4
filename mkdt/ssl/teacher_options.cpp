#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

void TeacherOptions::declare(OptionSection& section) {
  section.add("representations", representations,
              "A .safetensors, .npy or .pt file with one representation per image, in data set "
              "order, to use instead of training a teacher; empty trains one.");
  section.add("test_representations", test_representations,
              "The same for the test images, for representation losses and the teacher's probe.");
  section.add("standardise", standardise,
              "Shift and scale every dimension of the representations to mean 0 and deviation 1, "
              "with statistics of the training images.");
  section.add("embed_batch", embed_batch, 1, 65536,
              "Images per batch when representations are computed.");
  section.add("algorithm", algorithm, {"barlow-twins"},
              "The self-supervised objective that the encoder is trained with.");
  section.add("architecture", architecture, {"resnet18"}, "The encoder's architecture.");
  section.add("width", width, 4, 256,
              "Channels of the encoder's first stage; representations have 8 times as many "
              "dimensions.");
  section.add("epochs", epochs, 0, 100'000,
              "Passes over the training images; 0 leaves a random encoder.");
  section.add("batch", batch, 2, 65536,
              "Images per step, of two views each; what is left of a pass and would not fill a "
              "batch is left out.");
  section.add("lr", lr, 1e-8, 10, "Peak learning rate of AdamW.");
  section.add("weight_decay", weight_decay, 0, 1,
              "Weight decay of AdamW; norms and biases have none.");
  section.add("warmup_epochs", warmup_epochs, 0, 100'000,
              "Epochs during which the learning rate rises, at most a quarter of them all; after "
              "that it falls along a cosine to zero.");
  section.add("projector_dim", projector_dim, 2, 65536,
              "Width and output dimension of the projector that the objective looks through.");
  section.add("lambda", lambda, 0, 1,
              "Barlow Twins: weight of the off-diagonal part of the cross-correlation.");
  section.add("min_crop", min_crop, 0.01, 1,
              "Area of the smallest crop that a view may show, as a part of the image.");
  section.add("jitter", jitter, 0, 2.5,
              "Strength of a view's colour jitter; 1 is brightness, contrast and saturation by up "
              "to 0.4, hue by up to 0.1.");
  section.add("grey", grey, 0, 1, "Probability that a view is grey.");
  section.add("precision", precision, {"float32", "bfloat16"},
              "Arithmetic of the encoder during training; parameters stay float32. bfloat16 pays "
              "on processors that have instructions for it.");
}

std::string training_options_text(TeacherOptions options) {
  const TeacherOptions defaults;
  options.representations = defaults.representations;
  options.test_representations = defaults.test_representations;
  options.standardise = defaults.standardise;
  options.embed_batch = defaults.embed_batch;
  OptionTable table;
  OptionSection section = table.section("teacher");
  options.declare(section);
  return table.to_toml("teacher");
}

}  // namespace mkdt
