// Fine-tunes a whole encoder, with a classifier on top of it, on labelled images.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/nn/network.h"

namespace mkdt {

// The defaults are those of the published protocol (MKDT, arXiv 2410.02116, section 5): SGD with
// momentum, both rates decaying to 0 along a cosine.
struct FinetuneOptions {
  int64_t epochs = 50;
  int64_t batch = 64;
  double lr = 0.005;      // of the encoder
  double head_lr = 0.05;  // of the classifier
  double momentum = 0.9;
  double weight_decay = 0;
};

struct FinetunedEncoder {
  torch::Tensor theta;   // [P]; the head that regressed the targets is as it was
  torch::Tensor weight;  // [classes,F], of the classifier
  torch::Tensor bias;    // [classes]
};

// Minimises the cross-entropy on the images `rows` (int64 [n], on the CPU) of a labelled set, from
// `theta` [P] and a classifier of zeros, on theta's device and without augmentation; `seed` decides
// the order. Throws DivergedError if the loss, or the result, is not finite, and Stopped, within a
// step, once the observer wants to stop.
FinetunedEncoder finetune(const Network& network, const torch::Tensor& theta,
                          const ImageSet& images, const torch::Tensor& rows, int64_t classes,
                          const FinetuneOptions& options, uint64_t seed,
                          const Observer& observer = Observer());

// Returns the scores of all images, float [N,classes].
torch::Tensor class_scores(const Network& network, const FinetunedEncoder& encoder,
                           const ImageSet& images, const Observer& observer = Observer());

}  // namespace mkdt
