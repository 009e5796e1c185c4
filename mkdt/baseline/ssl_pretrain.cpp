#include "mkdt/baseline/ssl_pretrain.h"

#include <cmath>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/finite.h"
#include "mkdt/core/random.h"
#include "mkdt/data/batches.h"

namespace mkdt {
namespace {

DivergedError diverged(int64_t step, double lr) {
  return DivergedError(
      fmt::format("self-supervised pre-training diverged at step {} with learning rate {}: "
                  "expected a lower one",
                  step, lr));
}

}  // namespace

torch::Tensor ssl_pretrain(const NetworkPtr& network, const SslSource& images, int64_t steps,
                           const PretrainOptions& options, const SslOptions& ssl, uint64_t seed,
                           const AfterStep& after_step) {
  if (images.size < 2) {
    throw Error(
        fmt::format("self-supervised pre-training needs two images or more, got {}", images.size));
  }
  at::Generator projector = make_generator(seed, "ssl/projector");
  at::Generator order = make_generator(seed, "ssl/order");
  at::Generator views = make_generator(seed, "ssl/views");
  const SslStudent student(network, ssl);
  const torch::Tensor initial = initial_encoder(*network, seed, images.device);
  Student state;
  state.theta = student.join(initial, projector);
  int64_t step = 0;
  for (const torch::Tensor& batch : batches_for_steps(images.size, options.batch, steps, order)) {
    const double loss = ssl_step(student, state, images, batch, ssl, options.sgd, views);
    ++step;
    if (!std::isfinite(loss)) throw diverged(step, options.sgd.lr);
    if (after_step) after_step(step, student.body_into(initial, state.theta));
  }
  if (!all_finite(state.theta)) throw diverged(step, options.sgd.lr);
  return student.body_into(initial, state.theta);
}

Pretraining ssl_pretraining(const SslSource& images, const SslOptions& ssl) {
  Pretraining pretraining;
  pretraining.train = [images, ssl](const NetworkPtr& network, int64_t steps,
                                    const PretrainOptions& options, uint64_t seed,
                                    const AfterStep& after_step) {
    return ssl_pretrain(network, images, steps, options, ssl, seed, after_step);
  };
  pretraining.set_size = images.size;
  pretraining.regresses_targets = false;
  return pretraining;
}

}  // namespace mkdt
