#include "mkdt/ssl/script_encoder.h"

#include <fstream>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/data/representations.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/ssl/noise_images.h"

namespace mkdt {
namespace {

ImageSet make_images(int64_t count, int64_t size) {
  return testing::noise_images(count, size, {{.5F, .4F, .3F}, {.2F, .25F, .3F}});
}

// Encoders as Python's PyTorch writes them. Arguments: the folder to write to.
constexpr const char* kWriteEncoders = R"(
import copy, sys, torch
from torch import nn
folder = sys.argv[1] + "/"
torch.manual_seed(0)
body = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
                     nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.ReLU())
vector = nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5))
flat = nn.Sequential(body, nn.Flatten(), nn.Linear(12 * 8 * 8, 5))    # for 32 pixels only

class Outputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.vector = vector
        self.body = body
class Tuple(Outputs):
    def forward(self, x):
        return self.body(x), self.vector(x)
class Dictionary(Outputs):
    def forward(self, x):
        return {"map": self.body(x), "vector": self.vector(x)}
class Tokens(Outputs):
    def forward(self, x):
        return self.body(x).flatten(2).transpose(1, 2)
class NotANumber(Outputs):
    def forward(self, x):
        return self.vector(x) * float("nan")
class Squeezed(Outputs):
    def forward(self, x):
        return self.vector(x).squeeze()
class BatchNormed(Outputs):
    def forward(self, x):
        y = self.vector(x)
        return y - y.mean(0)
class FirstForAll(Outputs):
    def forward(self, x):
        y = self.vector(x)
        return y[:1].expand(y.size(0), -1)
class NearlyConstant(Outputs):                                  # and of the first one's for all
    def forward(self, x):
        y = self.vector(x)
        return 10 + y[:1].expand(y.size(0), -1)
class Reversed(Outputs):
    def forward(self, x):
        return self.vector(x).flip(0)
class OtherThanPairs(Outputs):
    def forward(self, x):
        y = self.vector(x)
        return y.roll(1, 0) if y.size(0) == 2 else y
class Constant(Outputs):
    def forward(self, x):
        return torch.ones(x.size(0), 12)
class Number(Outputs):
    def forward(self, x):
        return 3

torch.jit.script(vector).save(folder + "vector.pt")                   # in training mode
torch.jit.trace(flat.eval(), torch.zeros(2, 3, 32, 32)).save(folder + "flat.pt")
for module in [Tuple(), Dictionary(), Tokens(), NotANumber(), Squeezed(), BatchNormed(), FirstForAll(),
               NearlyConstant(), Reversed(), OtherThanPairs(), Constant(), Number()]:
    torch.jit.script(module).save(folder + type(module).__name__ + ".pt")
vector.eval()
body.eval()
torch.jit.script(copy.deepcopy(vector).bfloat16()).save(folder + "bfloat16.pt")
pixels = torch.arange(6 * 3 * 32 * 32).mul(7).remainder(256).to(torch.uint8).view(6, 3, 32, 32)
x = pixels.float() / 255
mean = torch.tensor([.5, .4, .3]).view(1, 3, 1, 1)
std = torch.tensor([.2, .25, .3]).view(1, 3, 1, 1)
larger = nn.functional.interpolate(x, size=(48, 48), mode="bilinear", align_corners=False, antialias=True)
with torch.no_grad():
    torch.save(vector((x - mean) / std), folder + "expected.pt")
    torch.save(vector((larger - 0.5) / 0.25), folder + "expected_larger.pt")
    torch.save(body((x - mean) / std).mean((2, 3)), folder + "expected_map.pt")
)";

class ScriptEncoderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    MKDT_PYTHON_OR_SKIP("torch");
    testing::run_python(kWriteEncoders, {folder_.path().string()});
  }

  OutsideOptions options(const std::string& file) const {
    OutsideOptions made;
    made.torchscript = (folder_ / file).string();
    return made;
  }

  // The six images that the script knows, with the numbers that it computed of them.
  static ImageSet known_images() {
    ImageSet set = make_images(6, 32);
    set.images =
        torch::arange(6 * 3 * 32 * 32).mul(7).remainder(256).to(torch::kUInt8).view({6, 3, 32, 32});
    return set;
  }

  torch::Tensor expected(const std::string& file) const {
    return read_representations(folder_ / file, -1).values;
  }

  static torch::Tensor embedded(const OutsideOptions& options) {
    Observer silent;
    const ImageSet images = known_images();
    return embed(script_encoder(options, images, torch::kCPU), images, 4, silent);
  }

  static std::string message(const OutsideOptions& options, int64_t image_size = 32) {
    try {
      script_encoder(options, make_images(5, image_size), torch::kCPU);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  testing::TemporaryFolder folder_;
};

TEST_F(ScriptEncoderTest, GivesPythonsNumbers) {
  EXPECT_LT((embedded(options("vector.pt")) - expected("expected.pt")).abs().max().item<double>(),
            1e-5);
}

TEST_F(ScriptEncoderTest, ResizesAndNormalisesAsTold) {
  OutsideOptions larger = options("vector.pt");
  larger.input_size = 48;
  larger.input_mean = {0.5, 0.5, 0.5};
  larger.input_std = {0.25, 0.25, 0.25};
  EXPECT_LT((embedded(larger) - expected("expected_larger.pt")).abs().max().item<double>(), 1e-5);
}

TEST_F(ScriptEncoderTest, PicksAndPoolsOutputs) {
  for (const auto& [file, output, pooling, numbers] :
       {std::tuple("Tuple.pt", "1", "none", "expected.pt"),
        {"Tuple.pt", "0", "mean", "expected_map.pt"},
        {"Dictionary.pt", "vector", "none", "expected.pt"},
        {"Dictionary.pt", "map", "mean", "expected_map.pt"},
        {"Tokens.pt", "", "mean", "expected_map.pt"}}) {
    OutsideOptions picked = options(file);
    picked.output = output;
    picked.pooling = pooling;
    EXPECT_LT((embedded(picked) - expected(numbers)).abs().max().item<double>(), 1e-5) << file;
  }
  OutsideOptions first = options("Tokens.pt");
  first.pooling = "first";
  EXPECT_EQ(embedded(first).sizes(), at::IntArrayRef({6, 12}));
}

TEST_F(ScriptEncoderTest, SaysWhichOutputsThereAre) {
  EXPECT_NE(message(options("Tuple.pt")).find("returns a Tuple"), std::string::npos);
  EXPECT_NE(message(options("Tuple.pt")).find("an index from 0 to 1"), std::string::npos);
  EXPECT_NE(message(options("Dictionary.pt")).find("map, vector"), std::string::npos);
  EXPECT_NE(message(options("Number.pt")).find("takes no tensor"), std::string::npos);
  EXPECT_NE(message(options("Tokens.pt")).find("teacher.pooling"), std::string::npos);
  OutsideOptions picked = options("vector.pt");
  picked.output = "0";
  EXPECT_NE(message(picked).find("leave teacher.output empty"), std::string::npos);
  OutsideOptions crooked = options("Tuple.pt");
  crooked.output = "1x";
  EXPECT_NE(message(crooked).find("an index from 0 to 1"), std::string::npos);
}

TEST_F(ScriptEncoderTest, SaysWhenTheInputSizeDoesNotFit) {
  const std::string text = message(options("flat.pt"), 16);
  EXPECT_NE(text.find("flat.pt: it fails on images [4, 3, 16, 16]"), std::string::npos) << text;
  EXPECT_NE(text.find("teacher.input_size"), std::string::npos) << text;
  EXPECT_LT(text.size(), 600U) << text;
  OutsideOptions resized = options("flat.pt");
  resized.input_size = 32;
  EXPECT_EQ(message(resized, 16), "");
}

TEST_F(ScriptEncoderTest, SaysWhenVectorsDependOnTheBatch) {
  EXPECT_NE(message(options("BatchNormed.pt")).find("when others are in the batch"),
            std::string::npos);
  EXPECT_NE(message(options("Squeezed.pt")).find("expected floating-point vectors [1, dimensions]"),
            std::string::npos);
}

TEST_F(ScriptEncoderTest, EveryImageHasItsOwnVectorInEveryBatch) {
  for (const char* file :
       {"FirstForAll.pt", "NearlyConstant.pt", "Reversed.pt", "OtherThanPairs.pt"}) {
    EXPECT_NE(message(options(file)).find("or in another order"), std::string::npos) << file;
  }
  for (const char* file : {"vector.pt", "bfloat16.pt", "Constant.pt"}) {
    EXPECT_EQ(message(options(file)), "") << file;
  }
}

TEST_F(ScriptEncoderTest, FeedsProgramsTheirOwnType) {
  const torch::Tensor exact = expected("expected.pt");
  const torch::Tensor rough = embedded(options("bfloat16.pt"));
  EXPECT_EQ(rough.scalar_type(), torch::kFloat32);
  EXPECT_LT((rough - exact).norm().item<double>(), 0.05 * exact.norm().item<double>());
}

TEST_F(ScriptEncoderTest, SaysWhenNumbersAreNotFinite) {
  EXPECT_NE(message(options("NotANumber.pt")).find("not finite"), std::string::npos);
}

TEST_F(ScriptEncoderTest, NamesFilesThatAreNoPrograms) {
  std::ifstream whole(folder_ / "vector.pt", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(whole)), {});
  for (const size_t size : {size_t{0}, size_t{100}, bytes.size() / 2, bytes.size() - 30}) {
    std::ofstream(folder_ / "cut.pt", std::ios::binary) << bytes.substr(0, size);
    const std::string text = message(options("cut.pt"));
    EXPECT_NE(text.find("cut.pt: not a TorchScript file"), std::string::npos) << size << text;
    EXPECT_LT(text.size(), 700U) << text;
  }
  // A tensor is no program.
  EXPECT_NE(message(options("expected.pt")).find("not a TorchScript file"), std::string::npos);
}

TEST(ScriptEncoder, NamesAFileThatIsNotThere) {
  OutsideOptions options;
  options.torchscript = "/nowhere/encoder.pt";
  try {
    script_encoder(options, make_images(2, 16), torch::kCPU);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/nowhere/encoder.pt"), std::string::npos);
  }
}

}  // namespace
}  // namespace mkdt
