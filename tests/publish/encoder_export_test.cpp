#include "mkdt/publish/encoder_export.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <torch/script.h>

#include "mkdt/base/random.h"
#include "mkdt/io/npy.h"
#include "mkdt/nn/network_spec.h"
#include "mkdt/ssl/portable_encoder.h"
#include "mkdt/ssl/script_encoder.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

const Normalisation kNormalisation = {{0.5F, 0.4F, 0.3F}, {0.2F, 0.25F, 0.3F}};

Encoder student(const std::string& spec, int64_t image_size = 16) {
  at::Generator generator = make_generator(1, "test/student");
  Encoder encoder;
  encoder.network = make_network_from_spec(spec, 3, image_size, 5);
  encoder.theta = encoder.network->initialise(generator);
  encoder.theta += 0.1 * torch::randn(encoder.theta.sizes(), generator);  // biases are not 0
  encoder.provenance = {{"recipe", "lr 0.1"}, {"synthetic_set", "Blüten"}};
  encoder.mean = kNormalisation.mean;
  encoder.std = kNormalisation.std;
  return encoder;
}

Teacher teacher(const std::string& architecture) {
  at::Generator generator = make_generator(2, "test/teacher");
  Teacher result;
  result.shape.architecture = architecture;
  result.shape.image_size = 16;
  result.shape.width = architecture.rfind("vit", 0) == 0 ? 24 : 4;
  result.encoder = make_backbone(result.shape, generator);
  result.encoder->eval();
  result.normalisation = kNormalisation;
  return result;
}

torch::Tensor images(int64_t count, int64_t size = 16) {
  at::Generator generator = make_generator(3, "test/images");
  return torch::randint(0, 256, {count, 3, size, size}, generator,
                        torch::TensorOptions(torch::kUInt8));
}

// Pixels are normalised in another order of operations. MobileNetV2 has instance norms over planes
// of one pixel at this size, which make up to 300 times as much of each rounding error.
void expect_close(const torch::Tensor& got, const torch::Tensor& expected,
                  const std::string& what) {
  const double bound = what.rfind("mobilenet", 0) == 0 ? 1e-2 : 1e-4;
  ASSERT_EQ(got.sizes(), expected.sizes()) << what;
  EXPECT_LT((got - expected).abs().max().item<double>(),
            bound * expected.abs().max().item<double>() + 1e-6)
      << what;
}

// All three files say of images what the encoder itself says.
void expect_exports_agree(const PortableEncoder& encoder, const std::string& what) {
  const torch::NoGradGuard no_grad;
  const TemporaryFolder folder;
  for (const int64_t count : {1, 3}) {
    const torch::Tensor pixels = images(count);
    const torch::Tensor expected = encoder.features(kNormalisation.apply(pixels));
    ASSERT_GT(expected.std().item<double>(), 0) << what;
    for (const char* format : {"pt", "torchscript", "safetensors"}) {
      const std::filesystem::path path = folder / format;
      export_encoder(encoder, path, encoder_format(format));
      const FileEncoder read = read_encoder_file(path, torch::kCPU);
      EXPECT_EQ(read.image_size, 16);
      EXPECT_EQ(read.channels, 3);
      EXPECT_EQ(read.normalisation.std, kNormalisation.std);
      EXPECT_EQ(read.encoder.dim, encoder.dim);
      expect_close(read.encoder.encode(pixels), expected, what + " " + format);
    }
    torch::jit::Module program = torch::jit::load((folder / "torchscript").string());
    expect_close(program.forward({pixels.to(torch::kFloat32) / 255}).toTensor(), expected, what);
  }
}

TEST(EncoderExport, StudentsOfEveryArchitecture) {
  for (const std::string& architecture : network_architectures()) {
    const std::string spec = architecture + (architecture == "vit-tiny" ? " width=12" : " width=4");
    expect_exports_agree(portable_encoder(student(spec), {}, "", torch::kCPU), spec);
  }
  for (const char* block : {"norm=group activation=swish pooling=max",
                            "norm=layer activation=sigmoid", "norm=none activation=leaky-relu"}) {
    const std::string spec = std::string("convnet width=8 depth=2 ") + block;
    expect_exports_agree(portable_encoder(student(spec), {}, "", torch::kCPU), spec);
  }
}

TEST(EncoderExport, TeachersOfEveryArchitecture) {
  for (const std::string& architecture : backbone_architectures()) {
    expect_exports_agree(portable_encoder(teacher(architecture), torch::kCPU), architecture);
  }
}

TEST(EncoderExport, AProgramSaysWhatItTakes) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "program.pt";
  export_encoder(portable_encoder(student("convnet width=8 depth=2"), {}, "", torch::kCPU), path,
                 EncoderFormat::kTorchscript);
  torch::jit::ExtraFilesMap extra = {{"metadata.json", ""}};
  torch::jit::Module program = torch::jit::load(path.string(), torch::kCPU, extra);
  EXPECT_NE(extra.at("metadata.json").find("\"recipe\": \"lr 0.1\""), std::string::npos);
  EXPECT_EQ(program.attr("image_size").toInt(), 16);
  // Grey images feed all channels; another size is refused.
  const torch::Tensor grey = images(2).slice(1, 0, 1);
  expect_close(program.forward({grey}).toTensor(),
               program.forward({grey.expand({2, 3, 16, 16})}).toTensor(), "grey");
  try {
    program.forward({images(2, 8)});
    FAIL() << "expected an exception";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("expected images [N,3,16,16]"), std::string::npos)
        << error.what();
  }
}

// As a teacher from outside it needs no other option: it normalises, and is given its own size.
TEST(EncoderExport, AProgramIsATeacherWithoutOptions) {
  const TemporaryFolder folder;
  const PortableEncoder encoder =
      portable_encoder(student("convnet width=8 depth=2"), {}, "", torch::kCPU);
  OutsideOptions options;
  options.torchscript = (folder / "program.pt").string();
  export_encoder(encoder, options.torchscript, EncoderFormat::kTorchscript);
  ImageSet sample;
  sample.images = images(4);
  sample.normalisation = {{0.1F, 0.1F, 0.1F}, {0.9F, 0.9F, 0.9F}};  // not the encoder's
  const ImageEncoder teacher = script_encoder(options, sample, torch::kCPU);
  const torch::NoGradGuard no_grad;
  expect_close(teacher.encode(sample.images), encoder.features(kNormalisation.apply(sample.images)),
               "as a teacher");
  EXPECT_EQ(teacher.encode(images(2, 32)).size(1), encoder.dim);
  options.input_mean = {0.5, 0.5, 0.5};
  options.input_std = {0.5, 0.5, 0.5};
  expect_error([&] { script_encoder(options, sample, torch::kCPU); },
               {"program.pt", "normalises pixels by itself", "teacher.input_mean"});
}

TEST(EncoderExport, FilesOfEarlierVersionsTakeTheNormalisationOfTheirRun) {
  const TemporaryFolder folder;
  Encoder old = student("convnet width=8 depth=2");
  old.mean.clear();
  old.std.clear();
  write_encoder(folder / "old.safetensors", old);
  const TensorFile file = read_safetensors(folder / "old.safetensors");
  EXPECT_EQ(file.metadata.count("mean"), 0u);
  expect_exports_agree(portable_encoder(file, kNormalisation, torch::kCPU), "old");
  expect_error([&] { read_encoder_file(folder / "old.safetensors", torch::kCPU); },
               {"old.safetensors", "without mean and std"});
}

TEST(EncoderExport, NamesWhatIsNoEncoder) {
  const TemporaryFolder folder;
  TensorFile other;
  other.tensors = {{"images", torch::zeros({1})}};
  write_safetensors(folder / "set.safetensors", other);
  expect_error([&] { read_encoder_file(folder / "set.safetensors", torch::kCPU); },
               {"set.safetensors", "neither an encoder nor a teacher"});
  torch::jit::Module foreign("Foreign");
  foreign.define("def forward(self, x: Tensor) -> Tensor:\n  return x.flatten(1)\n");
  foreign.save((folder / "foreign.pt").string());
  expect_error([&] { read_encoder_file(folder / "foreign.pt", torch::kCPU); },
               {"foreign.pt", "teacher.torchscript"});
  expect_error([&] { read_encoder_file(folder / "none.pt", torch::kCPU); }, {"none.pt"});
  EXPECT_THROW(encoder_format("npz"), Error);
  // Metadata that someone has changed.
  write_encoder(folder / "e.safetensors", student("convnet width=8 depth=2"));
  for (const char* mean : {"0.5,0.5", "0.5,0.5,x", "0.5,0.5,0.5,", "0.5,nan,0.5", ""}) {
    TensorFile file = read_safetensors(folder / "e.safetensors");
    file.metadata["mean"] = mean;
    expect_error([&] { encoder_of(file); }, {"e.safetensors", "'mean'", "3 numbers"});
  }
}

// examples/load_encoder.py, and torch.jit.load.
TEST(EncoderExport, PythonGivesTheSameFeatures) {
  MKDT_PYTHON_OR_SKIP("torch", "numpy");
  const TemporaryFolder folder;
  const torch::Tensor pixels = images(3);
  write_npy(folder / "pixels.npy", pixels);
  int64_t number = 0;
  for (const char* block :
       {"norm=instance", "norm=group activation=swish pooling=max",
        "norm=layer activation=sigmoid pooling=none", "norm=none activation=leaky-relu"}) {
    const std::string stem = (folder / std::to_string(number++)).string();
    const Encoder encoder = student(std::string("convnet width=8 depth=2 ") + block);
    const PortableEncoder portable = portable_encoder(encoder, {}, "", torch::kCPU);
    write_npy(stem + ".npy", portable.features(kNormalisation.apply(pixels)));
    export_encoder(portable, stem + ".pt", EncoderFormat::kPt);
    export_encoder(portable, stem + "-program", EncoderFormat::kTorchscript);
  }
  export_encoder(portable_encoder(teacher("resnet10"), torch::kCPU), folder / "teacher.pt",
                 EncoderFormat::kPt);
  testing::run_python(R"(
import sys, numpy, torch
sys.path.insert(0, sys.argv[1])
from load_encoder import load
folder = sys.argv[2] + "/"
pixels = torch.from_numpy(numpy.load(folder + "pixels.npy"))
for stem in sys.argv[3:]:
    expected = torch.from_numpy(numpy.load(folder + stem + ".npy"))
    program = torch.jit.load(folder + stem + "-program")
    for encode in load(folder + stem + ".pt"), program:
        error = (encode(pixels.float() / 255) - expected).abs().max()
        assert error < 1e-4 * expected.abs().max(), (stem, error)
    assert (program(pixels) - expected).abs().max() < 1e-4 * expected.abs().max(), stem
data = torch.load(folder + "teacher.pt", weights_only=True)
assert data["parameters"]["layer1.0.conv1.weight"].shape == (4, 4, 3, 3)
assert data["metadata"]["architecture"] == "resnet10" and data["std"].shape == (3,)
)",
                      {std::string(std::getenv("MKDT_SOURCE_DIR")) + "/examples",
                       folder.path().string(), "0", "1", "2", "3"});
}

}  // namespace
}  // namespace mkdt
