#include "mkdt/data/representations.h"

#include <limits>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/core/safetensors.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

class RepresentationsFile : public ::testing::Test {
 protected:
  void write(const std::map<std::string, torch::Tensor>& tensors) {
    TensorFile file;
    file.tensors = tensors;
    write_safetensors(path_, file);
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "z.safetensors";
};

TEST_F(RepresentationsFile, RoundTrip) {
  const Representations written{torch::randn({6, 4}), "images", "encoder", "standardise"};
  write_representations(path_, written);
  for (const int64_t images : {6, -1}) {
    const Representations read = read_representations(path_, images);
    EXPECT_TRUE(torch::equal(read.values, written.values));
    EXPECT_EQ(read.image_fingerprint, "images");
    EXPECT_EQ(read.encoder, "encoder");
    EXPECT_EQ(read.processing, "standardise");
    EXPECT_EQ(read.dim(), 4);
  }
}

TEST_F(RepresentationsFile, OneTensorOfOthersIsTaken) {
  const torch::Tensor values = torch::arange(12).view({3, 4});
  for (const auto dtype : {torch::kFloat16, torch::kBFloat16, torch::kFloat32, torch::kFloat64}) {
    write({{"features", values.to(dtype)}});
    const Representations read = read_representations(path_, 3);
    EXPECT_EQ(read.values.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::equal(read.values, values.to(torch::kFloat32)));
    EXPECT_EQ(read.image_fingerprint, "");
    EXPECT_EQ(read.processing, "none");
  }
  write({{"representations", values.to(torch::kFloat32)}, {"other", torch::zeros({2})}});
  EXPECT_EQ(read_representations(path_, 3).dim(), 4);
}

TEST_F(RepresentationsFile, Errors) {
  const std::string name = path_.string();
  write({{"z", torch::zeros({500, 2})}});
  expect_error([&] { read_representations(path_, 6000); },
               {name + ": 500 rows, but the data set has 6000 images"});
  write({{"z", torch::zeros({5, 2, 2})}});
  expect_error([&] { read_representations(path_, 5); },
               {name, "[images, dimensions]", "[5, 2, 2]"});
  write({{"z", torch::zeros({5, 2}, torch::kInt64)}});
  expect_error([&] { read_representations(path_, 5); }, {name, "Long"});
  write({{"z", torch::zeros({0, 2})}});
  expect_error([&] { read_representations(path_, -1); }, {name, "[0, 2]"});
  write({{"a", torch::zeros({5, 2})}, {"b", torch::zeros({5, 2})}});
  expect_error([&] { read_representations(path_, 5); }, {name, "'representations'", "2 tensors"});
  expect_error([&] { read_representations(folder_ / "none.safetensors", 5); },
               {"none.safetensors"});
}

TEST_F(RepresentationsFile, NonFiniteValuesAreNamedByRow) {
  for (const double bad :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 1e300}) {
    torch::Tensor values = torch::zeros({9, 3}, torch::kFloat64);
    values[4][1] = bad;
    values[7][0] = bad;
    write({{"z", values}});
    expect_error([&] { read_representations(path_, 9); }, {path_.string() + ": row 4"});
  }
}

}  // namespace
}  // namespace mkdt
