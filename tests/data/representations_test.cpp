#include "mkdt/data/representations.h"

#include <algorithm>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/pickle.h>
#include <torch/types.h>

#include "mkdt/io/durable_file.h"
#include "mkdt/io/npy.h"
#include "mkdt/io/safetensors.h"
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
  const Representations written{{"images", "encoder", "standardise"}, torch::randn({6, 4})};
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

TEST_F(RepresentationsFile, NonFiniteRowsAreFoundBeyondTheFirstChunk) {
  torch::Tensor values = torch::zeros({3000, 1000});
  values[2999][999] = std::numeric_limits<float>::quiet_NaN();
  write({{"z", values}});
  expect_error([&] { read_representations(path_, 3000); }, {path_.string() + ": row 2999"});
}

TEST_F(RepresentationsFile, AreReadFromOtherFormats) {
  const torch::Tensor values = torch::randn({5, 3}, torch::kFloat64);
  write_npy(folder_ / "z.npy", values);
  const std::vector<char> pickled = torch::jit::pickle_save(values);
  write_text_atomically(folder_ / "z.pt", {pickled.begin(), pickled.end()});
  for (const char* name : {"z.npy", "z.pt"}) {
    const Representations read = read_representations(folder_ / name, 5);
    EXPECT_TRUE(torch::equal(read.values, values.to(torch::kFloat32))) << name;
    EXPECT_EQ(read.processing, "none");
    expect_error([&] { read_representations(folder_ / name, 6); }, {name, "5 rows", "6 images"});
  }
  write_npy(folder_ / "z.npy", torch::zeros({5}));
  expect_error([&] { read_representations(folder_ / "z.npy", 5); }, {"z.npy", "[5]"});
}

// A private mapping shows a change of the file in the pages that the process has not written to.
TEST_F(RepresentationsFile, AFloatMatrixStaysMapped) {
  const torch::Tensor values = torch::ones({64, 1024});
  write({{"z", values}});
  write_npy(folder_ / "z.npy", values);
  for (const std::string& name : {std::string("z.safetensors"), std::string("z.npy")}) {
    const Representations read = read_representations(folder_ / name, 64);
    std::fstream file(folder_ / name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4, std::ios::end);
    const float two = 2;
    file.write(reinterpret_cast<const char*>(&two), sizeof(two));
    file.close();
    EXPECT_EQ(read.values[63][1023].item<float>(), 2) << name;
  }
}

class StreamedRepresentations : public RepresentationsFile {
 protected:
  std::string write(const torch::Tensor& values, int64_t batch) {
    const RepresentationsInfo info = {"images", "encoder", "none"};
    const auto rows_at = [&](int64_t begin, int64_t end) {
      most_ = std::max(most_, end - begin);
      return values.slice(0, begin, end);
    };
    write_representations(path_, info, {values.size(0), values.size(1), rows_at}, batch);
    return read_text(path_);
  }

  int64_t most_ = 0;  // rows asked for at once
};

TEST_F(StreamedRepresentations, AreTheSameBytes) {
  const torch::Tensor all = torch::randn({7, 10});
  // A transposed and a sliced matrix too: the values of a chunk need not lie together.
  for (const torch::Tensor& values : {all, all.t(), all.slice(1, 2, 5), all.slice(0, 0, 0)}) {
    write_representations(folder_ / "whole", {{"images", "encoder", "none"}, values});
    const std::string whole = read_text(folder_ / "whole");
    for (const int64_t batch : {1, 3, 7, 4096}) EXPECT_EQ(write(values, batch), whole) << batch;
  }
  most_ = 0;
  write(all, 3);
  EXPECT_EQ(most_, 3);
  EXPECT_EQ(read_representations(path_, 7).encoder, "encoder");
}

TEST_F(StreamedRepresentations, NameTheRowThatIsNotFiniteAndLeaveTheOldFile) {
  const std::string before = write(torch::ones({9, 2}), 4);
  torch::Tensor values = torch::ones({9, 2});
  values[6][1] = std::numeric_limits<float>::infinity();
  for (const int64_t batch : {1, 4, 9}) {
    expect_error([&] { write(values, batch); }, {path_.string() + ": row 6", "not finite"});
  }
  EXPECT_EQ(read_text(path_), before);
}

TEST_F(StreamedRepresentations, RefuseChunksOfAnotherShapeOrType) {
  const auto give = [&](const torch::Tensor& chunk) {
    write_representations(path_, {}, {4, 2, [&](int64_t, int64_t) { return chunk; }});
  };
  EXPECT_NO_THROW(give(torch::zeros({4, 2})));
  EXPECT_THROW(give(torch::zeros({3, 2})), c10::Error);
  EXPECT_THROW(give(torch::zeros({2, 4})), c10::Error);
  EXPECT_THROW(give(torch::zeros({8})), c10::Error);
  EXPECT_THROW(give(torch::zeros({4, 2}, torch::kFloat64)), c10::Error);
}

}  // namespace
}  // namespace mkdt
