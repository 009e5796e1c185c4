#include "mkdt/distill/synthetic_set.h"

#include <limits>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
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
