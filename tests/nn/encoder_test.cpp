#include "mkdt/nn/encoder.h"

#include <limits>
#include <memory>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/nn/convnet.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

Encoder example() {
  at::Generator generator = make_generator(1, "test/encoder");
  Encoder encoder;
  encoder.network = std::make_shared<ConvNet>(ConvNetShape{3, 8, 3, 2, 4});
  encoder.theta = encoder.network->initialise(generator);
  encoder.provenance = {{"recipe", "lr 0.1"}};
  return encoder;
}

TEST(EncoderFile, ReadsWhatItWrote) {
  const testing::TemporaryFolder folder;
  write_encoder(folder / "e.safetensors", example());
  const Encoder read = read_encoder(folder / "e.safetensors");
  EXPECT_TRUE(torch::equal(read.theta, example().theta));
  EXPECT_EQ(read.network->describe(), example().network->describe());
  EXPECT_EQ(read.provenance.at("recipe"), "lr 0.1");
}

TEST(EncoderFile, NamesTheParameterThatIsNotFinite) {
  const testing::TemporaryFolder folder;
  Encoder encoder = example();
  encoder.theta[-1] = std::numeric_limits<float>::infinity();
  write_encoder(folder / "e.safetensors", encoder);
  const std::string last = encoder.network->layout().parameters().back().name;
  try {
    read_encoder(folder / "e.safetensors");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), (folder / "e.safetensors").string() + ": '" + last +
                                "' has values that are not finite numbers");
  }
}

}  // namespace
}  // namespace mkdt
