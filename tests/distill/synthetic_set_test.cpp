#include "mkdt/distill/synthetic_set.h"

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/safetensors.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

SyntheticSet example() {
  SyntheticSet set;
  set.images = torch::arange(24, torch::kFloat32).view({2, 3, 2, 2});
  set.targets = torch::ones({2, 5});
  set.syn_lr = 0.1;
  set.normalisation = {{0.1F, 0.2F, 0.3F}, {0.4F, 0.5F, 0.6F}};
  set.provenance = {{"seed", "7"}};
  return set;
}

TEST(SyntheticSet, ReadsWhatItWrote) {
  const testing::TemporaryFolder folder;
  write_synthetic_set(folder / "set", example());
  const SyntheticSet read = read_synthetic_set(folder / "set");
  EXPECT_TRUE(torch::equal(read.images, example().images));
  EXPECT_TRUE(torch::equal(read.targets, example().targets));
  EXPECT_EQ(read.syn_lr, 0.1);
  EXPECT_EQ(read.normalisation.mean, example().normalisation.mean);
  EXPECT_EQ(read.normalisation.std, example().normalisation.std);
  EXPECT_EQ(read.provenance.at("seed"), "7");
}

// As a version wrote them that had recipes among the provenance.
TEST(SyntheticSet, RecipesAreReadAndWrittenToTheSameBytes) {
  const testing::TemporaryFolder folder;
  std::map<std::string, std::string> metadata = {
      {"recipe_lr", "0.1"},       {"recipe_steps", "320"},           {"recipe_batch", "256"},
      {"recipe_momentum", "0.9"}, {"recipe_weight_decay", "0.0001"}, {"seed", "7"}};
  const auto expect_same_bytes = [&] {
    write_synthetic_set(folder / "plain", example());
    TensorFile file = read_safetensors(folder / "plain");
    metadata["kind"] = file.metadata.at("kind");
    file.metadata = metadata;
    write_safetensors(folder / "before", file);
    const SyntheticSet set = read_synthetic_set(folder / "before");
    write_synthetic_set(folder / "after", set);
    EXPECT_EQ(read_text(folder / "after"), read_text(folder / "before"));
    return set;
  };
  SyntheticSet set = expect_same_bytes();
  ASSERT_TRUE(set.recipe);
  EXPECT_EQ(set.recipe->training.batch, 256);
  EXPECT_EQ(set.recipe->training.sgd.lr, 0.1);
  EXPECT_EQ(set.recipe->training.sgd.momentum, 0.9);
  EXPECT_EQ(set.recipe->training.sgd.weight_decay, 1e-4);
  EXPECT_FALSE(set.recipe->training.short_batches);
  EXPECT_EQ(set.recipe->steps, 320);
  EXPECT_FALSE(set.recipe->validation_loss);
  EXPECT_EQ(set.provenance.count("recipe_lr"), 0U);

  metadata["recipe_short_batches"] = "true";
  metadata["recipe_validation_loss"] = "0.73219";
  set = expect_same_bytes();
  EXPECT_TRUE(set.recipe->training.short_batches);
  EXPECT_EQ(set.recipe->validation_loss, 0.73219);

  for (const auto& [key, text] :
       std::vector<std::pair<std::string, std::string>>{{"recipe_lr", "high"},
                                                        {"recipe_lr", "-0.1"},
                                                        {"recipe_steps", "0"},
                                                        {"recipe_momentum", "nan"}}) {
    const auto whole = metadata;
    metadata[key] = text;
    set = expect_same_bytes();
    EXPECT_FALSE(set.recipe) << key;
    EXPECT_EQ(set.provenance.at(key), text);
    metadata = whole;
  }
  metadata.erase("recipe_steps");
  set = expect_same_bytes();
  try {
    carried_recipe(set, "set.safetensors");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "set.safetensors: it has no metadata entry 'recipe_steps'");
  }
}

TEST(SyntheticSet, RefusesWhatDoesNotFit) {
  const testing::TemporaryFolder folder;
  const auto expect_error = [&](const SyntheticSet& set, const std::string& part) {
    write_synthetic_set(folder / "set", set);
    try {
      read_synthetic_set(folder / "set");
      FAIL() << "expected an Error about " << part;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  SyntheticSet set = example();
  set.targets = torch::ones({3, 5});
  expect_error(set, "'targets'");
  set = example();
  set.images[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  expect_error(set, "not finite");
  set = example();
  set.targets[1][4] = std::numeric_limits<float>::infinity();
  expect_error(set, "not finite");
  for (const double rate : {std::numeric_limits<double>::quiet_NaN(), -0.1}) {
    set = example();
    set.syn_lr = rate;
    expect_error(set, "'syn_lr'");
  }
  set = example();
  set.normalisation.std[2] = 0;
  expect_error(set, "above 0 in 'std'");
  set = example();
  set.normalisation.mean[0] = std::numeric_limits<float>::quiet_NaN();
  expect_error(set, "finite values in 'mean'");
  set = example();
  set.images = set.images.slice(1, 0, 1).contiguous();
  expect_error(set, "'mean' and 'std'");
  set = example();
  set.images = torch::empty({0, 3, 2, 2});
  set.targets = torch::empty({0, 5});
  expect_error(set, "no images");
}

}  // namespace
}  // namespace mkdt
