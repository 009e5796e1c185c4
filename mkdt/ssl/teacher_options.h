// [teacher]: the encoder whose representations students regress, trained here or given.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mkdt/base/options.h"
#include "mkdt/nn/backbones/backbone.h"
#include "mkdt/ssl/target_processing.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

// [teacher]: the self-supervised objective and what lies between it and the encoder.

// barlow-twins, simclr, vicreg, byol.
const std::vector<std::string>& ssl_algorithms();

struct AlgorithmOptions {
  std::string algorithm = "barlow-twins";
  // 0: the algorithm's own.
  int64_t projector_layers = 0;
  int64_t projector_dim = 0;
  int64_t projector_output = 0;
  double lambda = 5e-3;      // Barlow Twins
  double temperature = 0.5;  // SimCLR
  double invariance = 25;    // VICReg
  double variance = 25;
  double covariance = 1;
  double ema = 0.99;  // BYOL

  void declare(OptionSection& section);
};

// How the views that a teacher is trained on are drawn, in [teacher].

struct AugmentationOptions {
  double min_crop = 0.2;
  double flip = 0.5;
  double jitter = 1;  // multiplies the four amplitudes
  double brightness = 0.4;
  double contrast = 0.4;
  double saturation = 0.4;
  double hue = 0.1;
  double jitter_probability = 0.8;
  double grey = 0.2;
  std::vector<double> solarise;  // of the first and the second view; empty: the algorithm's own
  std::vector<double> blur;

  void declare(OptionSection& section);
  // Error unless `solarise` and `blur` are empty or name both views.
  void check() const;

  // What they come to for an algorithm ("byol", "simclr", …) and images of `image_size` pixels.
  // The algorithm's own solarisation is BYOL's (arXiv 2006.07733, appendix B), 0 and 0.2, for
  // "byol" and none for others. Its own blur is none below 96 pixels (arXiv 2002.05709, appendix
  // B.9, does without for CIFAR-10); from there on 0.5 for "simclr" (appendix A) and BYOL's, 1 and
  // 0.1, for "byol", "barlow-twins" and "vicreg". Amplitudes are held to 1, that of hue to 0.5.
  ViewPair views(const std::string& algorithm, int64_t image_size) const;
};

// [teacher]: how the encoder's parameters are updated.

struct OptimiserOptions {
  std::string optimiser = "adamw";
  double lr = 0;  // peak; 0: peak_lr's
  double momentum = 0.9;
  double weight_decay = 1e-5;
  int64_t warmup_epochs = 10;

  void declare(OptionSection& section);
  // lr, or what suits the optimiser: 1e-3 for AdamW; for SGD 0.06 and for LARS 0.3 for each 256
  // images of a batch (our own choice; arXiv 2002.05709, section 2.2).
  double peak_lr(int64_t batch) const;
};

// [teacher]: an encoder, or its representations, from outside.

struct OutsideOptions {
  std::string representations;       // a file to read instead of training
  std::string test_representations;  // the same for the test images
  std::string torchscript;           // an encoder to run instead of training one
  // Of the TorchScript encoder:
  int64_t input_size = 0;          // pixels; 0: the images'
  std::vector<double> input_mean;  // of pixel values in [0, 1]; empty: the images'
  std::vector<double> input_std;
  std::string output;            // which part of what it returns; empty: all
  std::string pooling = "none";  // over positions

  // Whether anything replaces the teacher that would be trained.
  bool given() const { return !representations.empty() || !torchscript.empty(); }

  void declare(OptionSection& section);
  // Error for options that exclude each other, or lists of a wrong length.
  void check() const;
};

// [teacher]: the encoder whose representations students regress, trained here or given.

// What decides what a trained encoder is.
struct TeacherTrainingOptions {
  BackboneShape backbone;  // image_size is not an option; it is the images'
  AlgorithmOptions objective;
  AugmentationOptions augmentation;
  OptimiserOptions optimiser;
  int64_t epochs = 200;
  int64_t batch = 256;
  std::string precision = "float32";

  void declare(OptionSection& section);
  // Rules that tie several options together; throws Error.
  void check() const;
};

struct TeacherOptions {
  OutsideOptions outside;
  TeacherTrainingOptions training;
  ProcessingOptions processing;
  int64_t embed_batch = 256;
  int64_t probe_every = 10;

  void declare(OptionSection& section);
  void check() const;
};

// All of them: "teacher.epochs" → "200", in TOML notation. Equal where the trainings are.
std::map<std::string, std::string> option_entries(TeacherTrainingOptions options);

}  // namespace mkdt
