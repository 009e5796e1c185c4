#include "mkdt/distill/parity.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/io/safetensors.h"
#include "tests/fixtures/shared_folder.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/test_device.h"

namespace mkdt {
namespace {

class ParityTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ParityTest, EveryEngineAgreesInFloat64) {
  MKDT_SHARED_OR_SKIP(path, std::string("parity/") + GetParam());
  const torch::Device device = testing::test_device();
  for (const std::string& engine : meta_gradient_engines()) {
    if (engine == "native" && !device.is_cpu()) continue;
    const auto quantities = check_parity(path, engine, torch::kFloat64, device);
    EXPECT_EQ(quantities.size(), 9U);
    for (const ParityQuantity& quantity : quantities) {
      EXPECT_LE(quantity.relative_error, 1e-9) << engine << ", " << quantity.name;
    }
  }
}

// The check would notice: one input is changed, and what depends on it is off.
TEST_P(ParityTest, NoticesAChangedInput) {
  MKDT_SHARED_OR_SKIP(path, std::string("parity/") + GetParam());
  TensorFile file = read_safetensors(path);
  file.tensors["images"] = file.tensor("images") * 1.01;
  const testing::TemporaryFolder folder;
  write_safetensors(folder / "changed", file);
  double worst = 0;
  for (const auto& quantity :
       check_parity(folder / "changed", "autograd", torch::kFloat64, torch::kCPU)) {
    worst = std::max(worst, quantity.relative_error);
  }
  EXPECT_GT(worst, 1e-4);
}

TEST_P(ParityTest, NamesWhatDoesNotFit) {
  MKDT_SHARED_OR_SKIP(path, std::string("parity/") + GetParam());
  TensorFile file = read_safetensors(path);
  file.metadata["width"] = "5";
  const testing::TemporaryFolder folder;
  write_safetensors(folder / "changed", file);
  EXPECT_THROW(check_parity(folder / "changed", "autograd", torch::kFloat64, torch::kCPU), Error);
  EXPECT_THROW(check_parity(folder / "missing", "autograd", torch::kFloat64, torch::kCPU), Error);
  EXPECT_THROW(check_parity(path, "magic", torch::kFloat64, torch::kCPU), Error);
}

INSTANTIATE_TEST_SUITE_P(Files, ParityTest,
                         ::testing::Values("convnet_d3_w8_32px.safetensors",
                                           "convnet_d4_w6_64px.safetensors"));

}  // namespace
}  // namespace mkdt
