#include "mkdt/io/safetensors.h"

#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::TemporaryFolder;

TensorFile example() {
  TensorFile file;
  file.tensors["floats"] = torch::arange(6, torch::kFloat32).view({2, 3}) / 7;
  file.tensors["doubles"] = torch::tensor({1.0, -2.5}, torch::kFloat64);
  file.tensors["halves"] = torch::tensor({0.5, 3.0}, torch::kBFloat16);
  file.tensors["integers"] = torch::tensor({-1, 2, 3}, torch::kInt64);
  file.tensors["bytes"] = torch::tensor({1, 255}, torch::kUInt8);
  file.tensors["scalar"] = torch::tensor(4.0);
  file.tensors["empty"] = torch::empty({0, 3});
  file.metadata = {{"steps", "12"}, {"rate", "0.25"}, {"text", "ü \"quoted\"\n"}};
  return file;
}

std::string error_of(const std::filesystem::path& path) {
  try {
    read_safetensors(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// A file with this header and `values` bytes of zeros.
void write_raw(const std::filesystem::path& path, const std::string& header, size_t values) {
  std::ofstream stream(path, std::ios::binary);
  const uint64_t size = header.size();
  stream.write(reinterpret_cast<const char*>(&size), sizeof(size));
  stream << header << std::string(values, '\0');
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  const TensorFile written = example();
  write_safetensors(folder / "a.safetensors", written);
  const TensorFile read = read_safetensors(folder / "a.safetensors");
  EXPECT_EQ(read.metadata, written.metadata);
  ASSERT_EQ(read.tensors.size(), written.tensors.size());
  for (const auto& [name, tensor] : written.tensors) {
    EXPECT_EQ(read.tensor(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(read.tensor(name), tensor)) << name;
  }
  EXPECT_EQ(read.integer("steps"), 12);
  EXPECT_EQ(read.real("rate"), 0.25);
}

TEST(Safetensors, SameContentsSameBytes) {
  const TemporaryFolder folder;
  write_safetensors(folder / "a", example());
  write_safetensors(folder / "b", example());
  EXPECT_EQ(file_checksum(folder / "a"), file_checksum(folder / "b"));
}

TEST(Safetensors, StreamedValuesGiveTheSameBytes) {
  const TemporaryFolder folder;
  const TensorFile file = example();
  std::map<std::string, TensorLayout> layouts;
  for (const auto& [name, tensor] : file.tensors) {
    layouts[name] = {tensor.scalar_type(), tensor.sizes().vec()};
  }
  write_safetensors(folder / "whole", file);
  write_safetensors(folder / "streamed", layouts, file.metadata, [&](std::ostream& stream) {
    for (const auto& [name, tensor] : file.tensors) {
      for (const torch::Tensor& value : tensor.view({-1}).split(1)) write_values(stream, value);
    }
  });
  EXPECT_EQ(read_text(folder / "streamed"), read_text(folder / "whole"));
}

TEST(Safetensors, StreamedValuesMustBeAsManyAsTheShapeNeeds) {
  const TemporaryFolder folder;
  const TensorLayout layout = {torch::kFloat32, {3}};
  for (const int64_t count : {0, 2, 4}) {
    const auto write = [&](std::ostream& stream) { write_values(stream, torch::zeros({count})); };
    EXPECT_THROW(write_safetensors(folder / "a", {{"x", layout}}, {}, write), c10::Error) << count;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Safetensors, TensorsOutliveTheFileObjectAndDoNotWriteBack) {
  const TemporaryFolder folder;
  write_safetensors(folder / "a", example());
  const std::string before = file_checksum(folder / "a");
  torch::Tensor tensor = read_safetensors(folder / "a").tensor("floats");
  tensor.fill_(9);
  EXPECT_EQ(tensor.sum().item<float>(), 54);
  EXPECT_EQ(file_checksum(folder / "a"), before);
}

TEST(Safetensors, NamesTheMissingEntry) {
  const TemporaryFolder folder;
  write_safetensors(folder / "a", example());
  const TensorFile file = read_safetensors(folder / "a");
  EXPECT_THROW(file.tensor("nothing"), Error);
  EXPECT_THROW(file.text("nothing"), Error);
  EXPECT_THROW(file.integer("text"), Error);
  EXPECT_THROW(file.real("text"), Error);
}

// What other programs keep beside the tensor that is wanted.
TEST(Safetensors, PassesOverTensorsOfUnknownTypes) {
  const TemporaryFolder folder;
  const auto path = folder / "many";
  write_raw(path,
            R"({"a":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},)"
            R"("b":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[8,12]},)"
            R"("c":{"dtype":"F4","shape":[2],"data_offsets":[16,17]},)"
            R"("x":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})",
            17);
  const TensorFile file = read_safetensors(path);
  EXPECT_EQ(file.tensors.size(), 1U);
  EXPECT_EQ(file.tensor("x").sizes(), at::IntArrayRef({1}));
  EXPECT_EQ(file.passed_over,
            (std::map<std::string, std::string>{{"a", "U64"}, {"b", "F8_E4M3"}, {"c", "F4"}}));
  try {
    file.tensor("b");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'b' has dtype 'F8_E4M3'"), std::string::npos);
  }
}

TEST(Safetensors, RefusesMalformedFiles) {
  const TemporaryFolder folder;
  const auto path = folder / "bad";
  EXPECT_NE(error_of(path), "");  // missing
  EXPECT_NE(error_of(folder.path()), "");
  write_text_atomically(path, "short");
  EXPECT_NE(error_of(path).find("shorter"), std::string::npos);
  write_text_atomically(path, std::string(16, '\xff'));
  EXPECT_NE(error_of(path).find("header"), std::string::npos);
  write_raw(path, "[1, 2]", 0);
  EXPECT_NE(error_of(path).find("object"), std::string::npos);
  write_raw(path, R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", 12);
  EXPECT_NE(error_of(path).find("truncated"), std::string::npos);
  write_raw(path, R"({"x":{"dtype":"F32","shape":[5],"data_offsets":[0,16]}})", 16);
  EXPECT_NE(error_of(path).find("its shape needs"), std::string::npos);
  write_raw(path, R"({"x":{"dtype":8,"shape":[4],"data_offsets":[0,16]}})", 16);
  EXPECT_NE(error_of(path).find("header"), std::string::npos);
  write_raw(path, R"({"x":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}})", 16);
  EXPECT_NE(error_of(path).find("belong to no tensor"), std::string::npos);
  write_raw(path, R"({"x":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})", 16);
  EXPECT_NE(error_of(path).find("negative"), std::string::npos);
  write_raw(path, R"({"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
            0);
  EXPECT_NE(error_of(path).find("overflows"), std::string::npos);
  write_raw(path, R"({"x":{"dtype":"F32"}})", 16);
  EXPECT_NE(error_of(path), "");
}

// Whatever bytes change, the reader either succeeds or says what is wrong.
TEST(Safetensors, SurvivesMutations) {
  const TemporaryFolder folder;
  write_safetensors(folder / "good", example());
  const std::string good = read_text(folder / "good");
  std::mt19937 random(7);
  for (int trial = 0; trial < 200; ++trial) {
    std::string bad = good.substr(0, trial % 3 == 0 ? random() % good.size() : good.size());
    for (int change = 0; change < 3 && !bad.empty(); ++change) {
      bad[random() % std::min<size_t>(bad.size(), 600)] = static_cast<char>(random());
    }
    std::ofstream(folder / "bad", std::ios::binary) << bad;
    try {
      for (const auto& [name, tensor] : read_safetensors(folder / "bad").tensors) {
        tensor.to(torch::kFloat64).sum();
      }
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace mkdt
