// The options [teacher]: the encoder whose representations students regress, trained here or given.
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

// Returns barlow-twins, simclr, vicreg, byol.
const std::vector<std::string>& ssl_algorithms();

// The self-supervised objective and the modules between it and the encoder.
struct AlgorithmOptions {
  std::string algorithm = "barlow-twins";
  // 0 stands for the algorithm's own.
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

// How the views are drawn on which a teacher is trained.
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
  std::vector<double> solarise;  // for the first and the second view; empty: the algorithm's own
  std::vector<double> blur;

  void declare(OptionSection& section);
  // Throws Error unless `solarise` and `blur` are empty or name both views.
  void check() const;

  // Returns the views for an algorithm ("byol", "simclr", …) and images of `image_size` pixels. The
  // algorithm's own solarisation is BYOL's (arXiv 2006.07733, appendix B), 0 and 0.2, for "byol"
  // and none for others. Its own blur is none below 96 pixels (arXiv 2002.05709, appendix B.9, does
  // without for CIFAR-10); from there on 0.5 for "simclr" (appendix A) and BYOL's, 1 and 0.1, for
  // "byol", "barlow-twins" and "vicreg". Amplitudes are held to 1, that of hue to 0.5.
  ViewPair views(const std::string& algorithm, int64_t image_size) const;
};

// How the encoder's parameters are updated.
struct OptimiserOptions {
  std::string optimiser = "adamw";
  double lr = 0;  // peak; 0: peak_lr's
  double momentum = 0.9;
  double weight_decay = 1e-5;
  int64_t warmup_epochs = 10;

  void declare(OptionSection& section);
  // Returns lr, or a rate that suits the optimiser: 1e-3 for AdamW; for SGD 0.06 and for LARS 0.3
  // for each 256 images of a batch (our own choice; arXiv 2002.05709, section 2.2).
  double peak_lr(int64_t batch) const;
};

// An encoder, or its representations, from outside.
struct OutsideOptions {
  std::string representations;       // a file to read instead of training
  std::string test_representations;  // the same for the test images
  std::string torchscript;           // an encoder to run instead of training one
  // The rest is for the TorchScript encoder.
  int64_t input_size = 0;          // pixels; 0: the images'
  std::vector<double> input_mean;  // for pixel values in [0, 1]; empty: the images'
  std::vector<double> input_std;
  std::string output;            // which part of its result; empty: all
  std::string pooling = "none";  // over positions

  // Tells whether anything replaces the teacher that would be trained.
  bool given() const { return !representations.empty() || !torchscript.empty(); }

  void declare(OptionSection& section);
  // Throws Error for options that exclude each other, or lists of a wrong length.
  void check() const;
};

// All options on which a trained encoder depends.
struct TeacherTrainingOptions {
  BackboneShape backbone;  // image_size is not an option; it is the images'
  AlgorithmOptions objective;
  AugmentationOptions augmentation;
  OptimiserOptions optimiser;
  int64_t epochs = 200;
  int64_t batch = 256;
  std::string precision = "float32";

  void declare(OptionSection& section);
  // Throws Error where rules that tie several options together are broken.
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

// Returns all of them, "teacher.epochs" → "200", in TOML notation: equal where the trainings are.
std::map<std::string, std::string> option_entries(TeacherTrainingOptions options);

}  // namespace mkdt
