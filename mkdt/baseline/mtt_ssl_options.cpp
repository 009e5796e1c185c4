#include "mkdt/baseline/mtt_ssl_options.h"

namespace mkdt {

MttSslOptions::MttSslOptions() {
  matching.engine = "autograd";
  matching.lr_targets = 0;  // there are none
  matching.iterations = 300;
  matching.syn_steps = 10;
  matching.batch = 64;
  matching.syn_lr = 0.5;  // few plain steps for the many of an expert, which have momentum
}

void MttSslOptions::declare(OptionSection& section) {
  section.add("experts", experts, 1, 100'000,
              "Students to train by self-supervision on the real images, as the trajectories to "
              "match; published style: 100.");
  section.add("train_batch", train_batch, 2, 65'536, "Real images a step of an expert's training.");
  section.add("train_lr", train_lr, 1e-8, 1e3, "Learning rate of the experts' SGD.");
  section.add("train_momentum", train_momentum, 0, 0.999, "Momentum of the experts' SGD.");
  section.add("train_weight_decay", train_weight_decay, 0, 1, "Weight decay of the experts' SGD.");
  section.add("projector_hidden", projector_hidden, 1, 65'536,
              "Width of the hidden layer between the student's features and the embeddings.");
  section.add("projector_output", projector_output, 1, 65'536,
              "Dimension of the embeddings that Barlow Twins compares.");
  section.add("lambda", lambda, 0, 1,
              "Weight of the off-diagonal part of the cross-correlation of Barlow Twins.");
  matching.declare_matching(section);
}

SslOptions MttSslOptions::ssl() const {
  SslOptions options;
  options.projector_hidden = projector_hidden;
  options.projector_output = projector_output;
  options.lambda = lambda;
  return options;
}

}  // namespace mkdt
