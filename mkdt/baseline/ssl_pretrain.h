// Pre-training an encoder by self-supervision, on real or on synthetic images: no targets.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/baseline/ssl_student.h"
#include "mkdt/eval/pretraining.h"

namespace mkdt {

// Trains initial_encoder(network, seed) behind a fresh projector, with Barlow Twins, for `steps`
// batches of successive random permutations; `seed` decides all that is random. What is left of a
// permutation and would not fill a batch is dropped. `after_step(step, theta)`, step = 1 … steps,
// gets what is returned: the network's θ [P], whose head is as it was, on the source's device.
// Throws Error for fewer than two images, DivergedError as soon as a batch's loss, or the last θ,
// is not finite.
torch::Tensor ssl_pretrain(const NetworkPtr& network, const SslSource& images, int64_t steps,
                           const PretrainOptions& options, const SslOptions& ssl, uint64_t seed,
                           const AfterStep& after_step = nullptr);

// The same as a method's pre-training.
Pretraining ssl_pretraining(const SslSource& images, const SslOptions& ssl);

}  // namespace mkdt
