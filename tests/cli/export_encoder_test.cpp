// examples/export_encoder.py, and what `mkdt embed` makes of its file.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/cli/program.h"
#include "tests/fixtures/python.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

std::string examples() { return std::string(std::getenv("MKDT_SOURCE_DIR")) + "/examples"; }

// Libraries that cannot be had here, with what the script uses of them: names, options, and models
// that do what the real ones do with attention and with outputs.
constexpr const char* kTimm = R"py(
import torch
from torch import nn
class data:
    @staticmethod
    def resolve_model_data_config(model):
        return {"input_size": (3, 16, 16), "mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25)}
class layers:
    fused = True
    @staticmethod
    def set_fused_attn(fused):
        layers.fused = fused
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.fused, self.qkv = layers.fused, nn.Linear(12, 36)
    def forward(self, x):
        q, k, v = self.qkv(x).reshape(x.shape[0], -1, 3, 12).unbind(2)
        if self.fused:
            raise RuntimeError("aten::scaled_dot_product_attention is not in libtorch 1.13")
        return (q @ k.transpose(1, 2) * 12 ** -0.5).softmax(-1) @ v
class Tokens(nn.Module):
    def forward(self, x):
        return x.flatten(2).transpose(1, 2)
class First(nn.Module):
    def forward(self, x):
        return x[:, 0]
def create_model(name, pretrained, num_classes, img_size=None):
    if name != "vit_small_patch14_dinov2.lvd142m":
        raise RuntimeError("Unknown model\n(" + name + ")")
    assert num_classes == 0
    return nn.Sequential(nn.Conv2d(3, 12, 4, 4), Tokens(), Attention(), First())
)py";

constexpr const char* kTransformers = R"(
import torch
from torch import nn
class Output:
    def __init__(self, tokens, pooled):
        self.last_hidden_state, self.pooler_output = tokens, pooled
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 10, 4, 4)
    def forward(self, pixel_values):
        tokens = self.patches(pixel_values).flatten(2).transpose(1, 2)
        return Output(tokens, None)
class Clip(Model):
    def get_image_features(self, pixel_values):
        return self.patches(pixel_values).mean((2, 3))[:, :7]
class AutoConfig:
    @staticmethod
    def from_pretrained(name):
        return name
class AutoModel:
    @staticmethod
    def from_config(name):
        return Clip() if "clip" in name else Model()
    from_pretrained = from_config
class Processor:
    image_mean, image_std = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
class AutoImageProcessor:
    @staticmethod
    def from_pretrained(name):
        processor = Processor()
        processor.size = {"shortest_edge": 16}
        if "clip" in name:
            processor.crop_size = {"height": 16, "width": 16}
        return processor
)";

class ExportEncoder : public ::testing::Test {
 protected:
  // The script's standard output; its standard error is in errors().
  std::string run(const std::string& arguments, int& status) {
    const std::string command = "PYTHONPATH=" + (folder_ / "stubs").string() +
                                " /usr/bin/python3 " + examples() + "/export_encoder.py " +
                                arguments + " >" + (folder_ / "out").string() + " 2>" +
                                (folder_ / "err").string();
    const int code = std::system(command.c_str());
    status = WIFEXITED(code) ? WEXITSTATUS(code) : -1;
    std::string out = read_text(folder_ / "out");
    if (!out.empty()) out.pop_back();
    return out;
  }
  std::string errors() { return read_text(folder_ / "err"); }
  std::string encoder() { return (folder_ / "encoder.pt").string(); }
  void stub(const std::string& module, const std::string& text) {
    write_text_atomically(folder_ / ("stubs/" + module + ".py"), text);
  }
  void expect_complaint(const std::string& arguments, const std::vector<std::string>& parts) {
    int status = 0;
    run(arguments + " --out " + encoder(), status);
    EXPECT_EQ(status, 1) << arguments;
    const std::string text = errors();
    EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
    for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  // The flags that it prints are what the program is given.
  void expect_embeds(const std::string& flags, const std::string& dimensions) {
    write_text_atomically(folder_ / "tiny.toml", tiny_config());
    const ProgramResult result = run_program("embed " + (folder_ / "tiny.toml").string() +
                                             " --out " + (folder_ / "run").string() + " " + flags);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_NE(result.err.find("embed: teacher: " + dimensions + " dimensions"), std::string::npos)
        << result.err;
  }

  TemporaryFolder folder_;
};

TEST_F(ExportEncoder, MakesATeacherOfATorchvisionModel) {
  MKDT_PYTHON_OR_SKIP("torch", "torchvision");
  int status = 0;
  const std::string flags =
      run("--library torchvision resnet18 --weights none --size 48 --out " + encoder(), status);
  ASSERT_EQ(status, 0) << errors();
  expect_embeds(flags, "512");
}

TEST_F(ExportEncoder, TurnsFusedAttentionOff) {
  MKDT_PYTHON_OR_SKIP("torch");
  stub("timm", kTimm);
  int status = 0;
  const std::string flags = run("vit_small_patch14_dinov2.lvd142m --out " + encoder(), status);
  ASSERT_EQ(status, 0) << errors();
  EXPECT_NE(flags.find("teacher.input_mean=0.5,0.5,0.5"), std::string::npos) << flags;
  expect_embeds(flags, "12");
}

TEST_F(ExportEncoder, KnowsHuggingFaceModelsByTheirNames) {
  MKDT_PYTHON_OR_SKIP("torch");
  stub("transformers", kTransformers);
  for (const auto& [name, dimensions] :
       {std::pair("facebook/dinov2-small", "10"), std::pair("openai/clip-vit-base-patch32", "7")}) {
    for (const char* weights : {"", " --weights none"}) {
      int status = 0;
      const std::string flags = run(name + std::string(weights) + " --out " + encoder(), status);
      ASSERT_EQ(status, 0) << errors();
      EXPECT_NE(flags.find("teacher.input_size=16 "), std::string::npos) << flags;
      EXPECT_NE(flags.find("teacher.input_mean=0.48145466,"), std::string::npos) << flags;
      if (*weights == '\0') expect_embeds(flags, dimensions);
    }
    std::filesystem::remove_all(folder_ / "run");
  }
}

TEST_F(ExportEncoder, AttentionIsTheSameWrittenOut) {
  MKDT_PYTHON_OR_SKIP("torch");
  run_python(R"(
import sys, torch
sys.path.insert(0, sys.argv[1])
from export_encoder import written_out_attention
q, k, v = torch.randn(3, 2, 4, 5, 8).unbind()
scores = q @ k.transpose(2, 3) / 8 ** 0.5
mask = torch.rand(5, 5) < 0.7
mask[:, 0] = True
hidden = torch.zeros(5, 5).masked_fill(~mask, float("-inf"))
causal = torch.ones(5, 5).tril().log()
for options, added in ({}, 0), ({"attn_mask": mask}, hidden), ({"attn_mask": hidden}, hidden), ({"is_causal": True}, causal):
    assert torch.allclose(written_out_attention(q, k, v, **options), (scores + added).softmax(-1) @ v, atol=1e-6), options
assert torch.allclose(written_out_attention(q, k, v, scale=1.0), (q @ k.transpose(2, 3)).softmax(-1) @ v, atol=1e-6)
)",
             {examples()});
}

TEST_F(ExportEncoder, EachErrorIsALine) {
  MKDT_PYTHON_OR_SKIP("torch", "torchvision");
  expect_complaint("--library torchvision nothing", {"torchvision.models has no 'nothing'"});
  expect_complaint("--library torchvision resnet18 --weights NOTHING", {"resnet18", "NOTHING"});
  stub("timm", kTimm);
  expect_complaint("nothing",
                   {"export_encoder.py: nothing: RuntimeError: Unknown model (nothing)"});
  stub("timm", "raise ImportError(\"No module named 'timm'\")");
  expect_complaint("vit_small", {"needs timm", "pip install timm"});
  stub("transformers", "raise ImportError(\"No module named 'transformers'\")");
  expect_complaint("openai/clip", {"needs transformers", "pip install transformers"});
  stub("torch", "raise ImportError(\"No module named 'torch'\")");
  expect_complaint("vit_small", {"needs PyTorch", "pip install torch"});
  EXPECT_FALSE(std::filesystem::exists(encoder()));
}

}  // namespace
}  // namespace mkdt::testing
