#include "mkdt/ssl/ssl_algorithm.h"

#include <gtest/gtest.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/nn/module_state.h"

namespace mkdt {
namespace {

// The sizes of what lies between encoder and objective, as the options make it.
std::vector<int64_t> projector_outputs(const AlgorithmOptions& options) {
  at::Generator generator = make_generator(1, "test/algorithm");
  BackboneShape shape;
  shape.architecture = "resnet10";
  shape.image_size = 16;
  shape.width = 4;
  const auto encoder = make_backbone(shape, generator);
  const auto algorithm = make_ssl_algorithm(options, shape, *encoder, generator);
  std::vector<int64_t> outputs;
  for (const auto& item : algorithm->named_parameters()) {
    const bool projector = item.key().rfind("projector.", 0) == 0;
    if (projector && item.value().dim() == 2) outputs.push_back(item.value().size(0));
  }
  return outputs;
}

TEST(SslAlgorithm, HasThePapersProjectors) {
  using Sizes = std::vector<int64_t>;
  AlgorithmOptions options;
  EXPECT_EQ(projector_outputs(options), (Sizes{2048, 2048, 2048}));
  options.algorithm = "simclr";
  EXPECT_EQ(projector_outputs(options), (Sizes{2048, 128}));
  options.algorithm = "vicreg";
  EXPECT_EQ(projector_outputs(options), (Sizes{2048, 2048, 2048}));
  options.algorithm = "byol";
  EXPECT_EQ(projector_outputs(options), (Sizes{4096, 256}));
}

TEST(SslAlgorithm, OptionsChangeTheProjector) {
  using Sizes = std::vector<int64_t>;
  AlgorithmOptions options;
  options.projector_dim = 8;
  EXPECT_EQ(projector_outputs(options), (Sizes{8, 8, 8}));
  options.algorithm = "simclr";
  options.projector_layers = 4;
  options.projector_output = 5;
  EXPECT_EQ(projector_outputs(options), (Sizes{8, 8, 8, 5}));
}

TEST(SslAlgorithm, RejectsOthers) {
  AlgorithmOptions options;
  options.algorithm = "guessing";
  EXPECT_THROW(projector_outputs(options), Error);
}

}  // namespace
}  // namespace mkdt
