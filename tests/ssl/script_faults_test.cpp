#include "mkdt/ssl/script_faults.h"

#include <caffe2/serialize/inline_container.h>

#include <gtest/gtest.h>
#include <torch/script.h>
#include <torch/version.h>

#include "mkdt/base/error.h"
#include "mkdt/ssl/script_encoder.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/ssl/noise_images.h"

namespace mkdt {
namespace {

// Whether this libtorch's own writer marks an archive as one of PyTorch 2.1 or newer.
constexpr bool kWritesByteOrder = TORCH_VERSION_MAJOR > 2 ||
                                  (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR > 0);

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ScriptFaults : public ::testing::Test {
 protected:
  // What is said of an encoder with that body of forward(x), in which "new_op" may be one that no
  // libtorch has; `format` is what its archive claims, `newer` whether it has what PyTorch adds.
  std::string message(const std::string& body, uint64_t format = 0, bool newer = false,
                      torch::ScalarType type = torch::kFloat32) const {
    torch::jit::Module module("Encoder");
    module.register_parameter("weight", torch::ones({2, 3, 1, 1}), false);
    module.define("def forward(self, x):\n    return " + body + "\n");
    module.to(type);
    module.save((folder_ / "first.pt").string());
    rewrite(format, newer);
    OutsideOptions options;
    options.torchscript = (folder_ / "encoder.pt").string();
    try {
      script_encoder(options, testing::noise_images(5, 8, {{.5F, .4F, .3F}, {.2F, .25F, .3F}}),
                     torch::kCPU);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

 private:
  void rewrite(uint64_t format, bool newer) const {
    caffe2::serialize::PyTorchStreamReader reader((folder_ / "first.pt").string());
    caffe2::serialize::PyTorchStreamWriter writer((folder_ / "encoder.pt").string());
    for (const std::string& name : reader.getAllRecords()) {
      // The writer's own, and what is added here.
      if (name == "version" || name.rfind(".data/", 0) == 0 || name == "byteorder") continue;
      const auto [data, size] = reader.getRecord(name);
      std::string text(static_cast<const char*>(data.get()), size);
      const size_t found = name.rfind("code/", 0) == 0 ? text.find("torch.selu(") : text.npos;
      if (found != text.npos) text.replace(found, 11, "torch.new_op(");
      writer.writeRecord(name, text.data(), text.size());
    }
    if (newer && !kWritesByteOrder) writer.writeRecord("byteorder", "little", 6);
    if (format > 0) writer.setMinVersion(format);
    writer.writeEndOfFile();
  }

  testing::TemporaryFolder folder_;
};

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_TRUE(contains(text, part)) << part << ": " << text;
  EXPECT_EQ(text.find('\n'), text.npos) << text;
  EXPECT_EQ(text.find(" ()"), text.npos) << text;  // a reason that is empty
}

TEST_F(ScriptFaults, AMissingOperatorIsNamedWithTheVersions) {
  expect_parts(message("torch.selu(x).flatten(1)", 4, true),
               {"encoder.pt: it calls aten::new_op, which this libtorch does not have",
                "the archive has format ", ", of PyTorch 2.1 or newer",
                "this libtorch is " TORCH_VERSION, "export it with PyTorch"});
  const std::string of_this_writer = message("torch.selu(x).flatten(1)", 4);
  EXPECT_EQ(contains(of_this_writer, "of PyTorch 2.1 or newer"), kWritesByteOrder)
      << of_this_writer;
}

TEST_F(ScriptFaults, ANewerFormatIsNamed) {
  expect_parts(message("torch.relu(x).flatten(1)", 1000),
               {"it is too new; the archive has format 1000", "reads formats up to "});
}

TEST_F(ScriptFaults, HalfPrecisionIsToldFloat) {
  // libtorch 1.13 has no convolution for it, and newer ones no singular values.
  expect_parts(message("torch.linalg_svd(torch.conv2d(x, self.weight))[1].flatten(1)", 0, false,
                       torch::kHalf),
               {"it fails on images [4, 3, 8, 8]", "half precision", "model.float()"});
}

TEST_F(ScriptFaults, AFixedBatchIsNamed) {
  // Other batches fail, or give another number of vectors.
  expect_parts(message("x.view(16, 3, 8, 8).flatten(1)"),
               {"it fails on images [4, 3, 8, 8]", "batches of 16 images", "x.flatten(1)"});
  expect_parts(message("x.view([1, -1])"),
               {"it returns 1 vectors for 4 images", "batches of one size", "x.flatten(1)"});
  EXPECT_EQ(message("x.flatten(1)"), "");
}

}  // namespace
}  // namespace mkdt
