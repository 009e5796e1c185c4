#include "mkdt/ssl/teacher.h"

#include <cmath>

#include <gtest/gtest.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/nn/backbones/backbone.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/ssl/noise_images.h"

namespace mkdt {
namespace {

Teacher make_teacher(int64_t image_size) {
  at::Generator generator = make_generator(1, "test/teacher");
  Teacher teacher;
  teacher.shape = resolved({"resnet18", image_size, 4, 0});
  teacher.encoder = make_backbone(teacher.shape, generator);
  teacher.encoder->eval();
  teacher.normalisation = {{.5F, .4F, .3F}, {.2F, .25F, .3F}};
  teacher.provenance = {{"seed", "1"}};
  return teacher;
}

ImageSet plain_images(int64_t count, int64_t size) {
  return testing::noise_images(count, size, {{0, 0, 0}, {1, 1, 1}});
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Teacher, RoundTripsThroughAFile) {
  const testing::TemporaryFolder folder;
  const Teacher teacher = make_teacher(16);
  write_teacher(folder / "teacher.safetensors", teacher);
  const Teacher read = read_teacher(folder / "teacher.safetensors");
  EXPECT_EQ(read.fingerprint(), teacher.fingerprint());
  EXPECT_EQ(read.provenance, teacher.provenance);
  EXPECT_EQ(read.normalisation.std, teacher.normalisation.std);
  EXPECT_FALSE(read.encoder->is_training());
  Observer silent;
  const ImageSet images = plain_images(3, 16);
  EXPECT_TRUE(torch::equal(embed(image_encoder(read, torch::kCPU), images, 8, silent),
                           embed(image_encoder(teacher, torch::kCPU), images, 8, silent)));
}

TEST(Teacher, FilesHoldEveryArchitecture) {
  const testing::TemporaryFolder folder;
  at::Generator generator = make_generator(1, "test/teacher");
  for (const std::string& architecture : backbone_architectures()) {
    Teacher teacher = make_teacher(16);
    teacher.shape = resolved({architecture, 16, 12, 0});
    teacher.encoder = make_backbone(teacher.shape, generator);
    write_teacher(folder / architecture, teacher);
    EXPECT_EQ(read_teacher(folder / architecture).fingerprint(), teacher.fingerprint());
  }
}

TEST(Teacher, FingerprintsTellEncodersApart) {
  const Teacher teacher = make_teacher(16);
  const std::string before = teacher.fingerprint();
  EXPECT_EQ(before.rfind("resnet18 width 4, 16 pixels, ", 0), 0U) << before;
  const torch::NoGradGuard no_grad;
  teacher.encoder->parameters()[0].view(-1)[0] += 1e-3;
  EXPECT_NE(teacher.fingerprint(), before);
}

TEST(Teacher, EmbedsWithItsOwnNormalisationWhateverTheBatch) {
  const Teacher teacher = make_teacher(16);
  const ImageSet images = plain_images(7, 16);
  Observer silent;
  const ImageEncoder encoder = image_encoder(teacher, torch::kCPU);
  EXPECT_EQ(encoder.dim, 32);
  EXPECT_EQ(encoder.fingerprint, teacher.fingerprint());
  const torch::Tensor all = embed(encoder, images, 100, silent);
  EXPECT_EQ(all.sizes(), at::IntArrayRef({7, 32}));
  EXPECT_FALSE(all.requires_grad());
  const torch::Tensor expected =
      teacher.encoder->features(teacher.normalisation.apply(images.images));
  EXPECT_TRUE(torch::allclose(all, expected, 1e-5, 1e-6));
  for (const int64_t batch : {1, 3}) {
    EXPECT_TRUE(torch::allclose(embed(encoder, images, batch, silent), all, 1e-5, 1e-5)) << batch;
  }
}

TEST(Teacher, RejectsOtherImages) {
  const Teacher teacher = make_teacher(16);
  Observer silent;
  const ImageEncoder encoder = image_encoder(teacher, torch::kCPU);
  EXPECT_EQ(message_of([&] { embed(encoder, plain_images(2, 8), 2, silent); }),
            "the teacher expects colour images of 16 pixels, got 3 channels of 8 pixels");
}

// The first of those with two dimensions or more.
std::string teacher_parameter(const TensorFile& file) {
  for (const auto& [name, tensor] : file.tensors) {
    if (tensor.dim() > 1) return name;
  }
  return "";
}

TEST(Teacher, RejectsFilesThatAreNone) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "teacher.safetensors";
  write_safetensors(path, {{{"x", torch::zeros({1})}}, {}, {}, ""});
  EXPECT_NE(message_of([&] { read_teacher(path); }).find("architecture"), std::string::npos);

  write_teacher(path, make_teacher(16));
  TensorFile file = read_safetensors(path);
  file.metadata["width"] = "8";
  write_safetensors(folder / "wider.safetensors", file);
  EXPECT_NE(message_of([&] { read_teacher(folder / "wider.safetensors"); }).find("expected Float"),
            std::string::npos);
  file.metadata["width"] = "-3";
  write_safetensors(folder / "negative.safetensors", file);
  EXPECT_NE(message_of([&] { read_teacher(folder / "negative.safetensors"); }), "");

  file = read_safetensors(path);
  const std::string name = teacher_parameter(file);
  file.tensors[name] = torch::full_like(file.tensors[name], NAN);
  write_safetensors(folder / "nan.safetensors", file);
  EXPECT_EQ(message_of([&] { read_teacher(folder / "nan.safetensors"); }),
            (folder / "nan.safetensors").string() + ": tensor '" + name +
                "' has values that are not finite numbers");
  file = read_safetensors(path);
  file.tensors["std"] = torch::zeros({3});
  write_safetensors(folder / "zero.safetensors", file);
  EXPECT_NE(message_of([&] { read_teacher(folder / "zero.safetensors"); }).find("above 0 in 'std'"),
            std::string::npos);
}

}  // namespace
}  // namespace mkdt
