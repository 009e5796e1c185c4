#include "mkdt/ssl/optimiser_options.h"

namespace mkdt {

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

}  // namespace mkdt
