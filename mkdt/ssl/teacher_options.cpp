#include "mkdt/ssl/teacher_options.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/base/error.h"

namespace mkdt {

const std::vector<std::string>& ssl_algorithms() {
  static const std::vector<std::string> names = {"barlow-twins", "simclr", "vicreg", "byol"};
  return names;
}

void AlgorithmOptions::declare(OptionSection& section) {
  section.add("algorithm", algorithm, ssl_algorithms(),
              "The self-supervised objective that the encoder is trained with.");
  section.add("projector_layers", projector_layers, 0, 10,
              "Linear layers of the projector that the objective looks through; 0 is the "
              "algorithm's own: 3, for simclr and byol 2.");
  section.add("projector_dim", projector_dim, 0, 65536,
              "Width of the projector's hidden layers, and of BYOL's predictor; 0 is the "
              "algorithm's own: 2048, for byol 4096.");
  section.add("projector_output", projector_output, 0, 65536,
              "Dimension of the embeddings that are compared; 0 is the algorithm's own: as wide as "
              "the hidden layers, for simclr 128, for byol 256.");
  section.add("lambda", lambda, 0, 1,
              "Barlow Twins: weight of the off-diagonal part of the cross-correlation.");
  section.add("temperature", temperature, 1e-3, 100,
              "SimCLR: what similarities are divided by; 0.5 suits small images.");
  section.add("invariance", invariance, 0, 1e6,
              "VICReg: weight of the squared distance between the two embeddings of an image.");
  section.add("variance", variance, 0, 1e6,
              "VICReg: weight of the hinge that keeps every dimension's deviation at 1.");
  section.add("covariance", covariance, 0, 1e6,
              "VICReg: weight of the squared covariances between dimensions.");
  section.add(
      "ema", ema, 0, 1,
      "BYOL: share of itself that the target network keeps at the first step; rises to 1 along a "
      "cosine.");
}

namespace {

constexpr int64_t kBlurFrom = 96;  // pixels

using Probabilities = std::vector<double>;  // of the first and the second view

Probabilities own_solarise(const std::string& algorithm) {
  return algorithm == "byol" ? Probabilities{0, 0.2} : Probabilities{0, 0};
}

Probabilities own_blur(const std::string& algorithm, int64_t image_size) {
  if (image_size < kBlurFrom) return {0, 0};
  if (algorithm == "simclr") return {0.5, 0.5};
  const bool as_byol = algorithm == "byol" || algorithm == "barlow-twins" || algorithm == "vicreg";
  return as_byol ? Probabilities{1, 0.1} : Probabilities{0, 0};
}

void check_two_views(const char* key, const Probabilities& values) {
  if (values.empty() || values.size() == 2) return;
  throw Error(
      fmt::format("{}: expected two probabilities, of the first and the second view, or "
                  "none for the algorithm's own, got {}",
                  key, values.size()));
}

}  // namespace

void AugmentationOptions::declare(OptionSection& section) {
  section.add("min_crop", min_crop, 0.01, 1,
              "Area of the smallest crop that a view may show, as a part of the image.");
  section.add("flip", flip, 0, 1, "Probability that a view is mirrored, left for right.");
  section.add("jitter", jitter, 0, 2.5,
              "Strength of a view's colour jitter: what brightness, contrast, saturation and hue "
              "are multiplied by.");
  section.add("brightness", brightness, 0, 1,
              "A jittered view's values are scaled by a factor in 1 ± this; at most 1 with the "
              "strength.");
  section.add("contrast", contrast, 0, 1,
              "The same for the distance to the view's mean luminance.");
  section.add("saturation", saturation, 0, 1,
              "The same for the distance to the pixel's luminance.");
  section.add("hue", hue, 0, 0.5,
              "A jittered view's hue is turned by up to this part of the circle; at most 0.5 with "
              "the strength.");
  section.add("jitter_probability", jitter_probability, 0, 1,
              "Probability that a view's colours are jittered.");
  section.add("grey", grey, 0, 1, "Probability that a view is grey.");
  section.add("solarise", solarise, 0, 1,
              "Probabilities that the first and the second view are solarised: bright values v "
              "become 1 − v. Empty is the algorithm's own: 0, 0.2 for byol, else none.");
  section.add("blur", blur, 0, 1,
              "Probabilities that the first and the second view are blurred. Empty is the "
              "algorithm's own: none for images below 96 pixels, from there on 1, 0.1 for byol, "
              "barlow-twins and vicreg and 0.5, 0.5 for simclr.");
}

void AugmentationOptions::check() const {
  check_two_views("teacher.solarise", solarise);
  check_two_views("teacher.blur", blur);
}

ViewPair AugmentationOptions::views(const std::string& algorithm, int64_t image_size) const {
  check();
  ViewOptions both;
  both.min_area = min_crop;
  both.flip_probability = flip;
  both.jitter_probability = jitter_probability;
  both.brightness = std::min(jitter * brightness, 1.0);
  both.contrast = std::min(jitter * contrast, 1.0);
  both.saturation = std::min(jitter * saturation, 1.0);
  both.hue = std::min(jitter * hue, 0.5);
  both.grey_probability = grey;
  ViewPair pair{both, both};
  const Probabilities solarised = solarise.empty() ? own_solarise(algorithm) : solarise;
  const Probabilities blurred = blur.empty() ? own_blur(algorithm, image_size) : blur;
  pair.first.solarise_probability = solarised[0];
  pair.second.solarise_probability = solarised[1];
  pair.first.blur_probability = blurred[0];
  pair.second.blur_probability = blurred[1];
  return pair;
}

void OptimiserOptions::declare(OptionSection& section) {
  section.add("optimiser", optimiser, {"adamw", "sgd", "lars"},
              "What updates the encoder; lars is for batches of a thousand images and more.");
  section.add(
      "lr", lr, 0, 1000,
      "Peak learning rate; 0 is the optimiser's own: 1e-3 for adamw, for each 256 images of "
      "a batch 0.06 for sgd and 0.3 for lars.");
  section.add("momentum", momentum, 0, 0.9999, "Momentum of sgd and lars.");
  section.add("weight_decay", weight_decay, 0, 1, "Weight decay; norms and biases have none.");
  section.add("warmup_epochs", warmup_epochs, 0, 100'000,
              "Epochs during which the learning rate rises, at most a quarter of them all; after "
              "that it falls along a cosine to zero.");
}

double OptimiserOptions::peak_lr(int64_t batch) const {
  if (lr > 0) return lr;
  if (optimiser == "adamw") return 1e-3;
  return (optimiser == "sgd" ? 0.06 : 0.3) * static_cast<double>(batch) / 256;
}

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
              "Images per step, of two views each; the rest of a pass that would not fill a "
              "batch is left out.");
  section.add("precision", precision, {"float32", "bfloat16"},
              "Arithmetic of the encoder during training; parameters stay float32. bfloat16 pays "
              "on processors that have instructions for it, most of all where mkdt info shows amx: "
              "there ResNets for images below 64 pixels, and the projector, have kernels of their "
              "own.");
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
