#include "mkdt/ssl/algorithm_options.h"

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
  section.add("ema", ema, 0, 1,
              "BYOL: what the target network keeps of itself at the first step; rises to 1 along a "
              "cosine.");
}

}  // namespace mkdt
