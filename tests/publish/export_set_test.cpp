#include "mkdt/publish/export_set.h"

#include <cstring>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/data/image_file.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/npy.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;

SyntheticSet example_set(int64_t count = 3) {
  at::Generator generator = make_generator(1, "test/export");
  SyntheticSet set;
  set.normalisation = {{0.5F, 0.4F, 0.3F}, {0.2F, 0.25F, 0.3F}};
  set.images =
      (torch::rand({count, 3, 6, 6}, generator) - torch::tensor({0.5, 0.4, 0.3}).view({3, 1, 1})) /
      torch::tensor({0.2, 0.25, 0.3}).view({3, 1, 1});
  set.images = set.images.to(torch::kFloat32);
  set.targets = torch::randn({count, 4}, generator);
  set.syn_lr = 0.125;
  set.provenance = {{"seed", "7"}};
  return set;
}

SyntheticSet example_with_recipe() {
  SyntheticSet set = example_set();
  set.recipe = SetRecipe{{/*batch=*/256, {0.05, 0.9, 0}}, /*steps=*/1500, 0.75};
  set.provenance = {{"dataset", "Blüten d\xE9j\xE0"}};  // not all of it is UTF-8
  return set;
}

uint32_t little_endian(const std::string& bytes, size_t at, int size) {
  uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + static_cast<size_t>(i)]);
  }
  return value;
}

// Entries of a zip of stored files, from its central directory: name → contents.
std::map<std::string, std::string> stored_entries(const std::string& zip) {
  std::map<std::string, std::string> entries;
  const size_t tail = zip.rfind("PK\x05\x06");
  size_t at = little_endian(zip, tail + 16, 4);
  for (uint32_t i = 0; i < little_endian(zip, tail + 10, 2); ++i) {
    EXPECT_EQ(zip.substr(at, 4), "PK\x01\x02");
    EXPECT_EQ(little_endian(zip, at + 10, 2), 0u) << "stored, not compressed";
    const uint32_t size = little_endian(zip, at + 24, 4);
    const uint32_t name_length = little_endian(zip, at + 28, 2);
    const size_t local = little_endian(zip, at + 42, 4);
    const size_t contents =
        local + 30 + little_endian(zip, local + 26, 2) + little_endian(zip, local + 28, 2);
    entries[zip.substr(at + 46, name_length)] = zip.substr(contents, size);
    at += 46 + name_length + little_endian(zip, at + 30, 2) + little_endian(zip, at + 32, 2);
  }
  return entries;
}

torch::Tensor values_of(const std::string& npy, const std::vector<int64_t>& shape) {
  const size_t begin = 10 + little_endian(npy, 8, 2);
  const torch::Tensor values = torch::empty(shape);
  EXPECT_EQ(npy.size() - begin, values.nbytes());
  std::memcpy(values.data_ptr(), npy.data() + begin, values.nbytes());
  return values;
}

TEST(ExportSet, NpzHoldsTheArrays) {
  const testing::TemporaryFolder folder;
  const SyntheticSet set = example_set();
  export_set(set, folder / "set.npz", ExportFormat::kNpz);
  const auto entries = stored_entries(read_text(folder / "set.npz"));
  ASSERT_EQ(entries.size(), 6u);
  EXPECT_TRUE(torch::equal(values_of(entries.at("images.npy"), {3, 3, 6, 6}), set.images));
  EXPECT_TRUE(torch::equal(values_of(entries.at("targets.npy"), {3, 4}), set.targets));
  EXPECT_EQ(values_of(entries.at("syn_lr.npy"), {}).item<float>(), 0.125F);
  EXPECT_EQ(values_of(entries.at("mean.npy"), {3})[1].item<float>(), 0.4F);
  EXPECT_EQ(values_of(entries.at("std.npy"), {3})[2].item<float>(), 0.3F);

  export_set(set, folder / "again.npz", ExportFormat::kNpz);
  EXPECT_EQ(read_text(folder / "again.npz"), read_text(folder / "set.npz"));
}

TEST(ExportSet, PngFolderIsReadBack) {
  const testing::TemporaryFolder folder;
  const SyntheticSet set = example_set();
  export_set(set, folder / "png", ExportFormat::kPng);
  for (int64_t i = 0; i < 3; ++i) {
    const torch::Tensor pixels =
        read_image(folder.path() / "png" / ("00000" + std::to_string(i) + ".png"));
    const torch::Tensor error = set.normalisation.apply(pixels) - set.images[i];
    const torch::Tensor scaled = error * torch::tensor(set.normalisation.std).view({3, 1, 1});
    EXPECT_LT(scaled.abs().max().item<float>(), 1.0 / 255);
  }
  const std::string npy = read_text(folder / "png/targets.npy");
  EXPECT_TRUE(torch::equal(values_of(npy, {3, 4}), set.targets));
  EXPECT_EQ(read_image(folder / "png/contact_sheet.png").size(0), 3);
  const auto metadata = nlohmann::json::parse(read_text(folder / "png/metadata.json"));
  EXPECT_EQ(metadata["images"], 3);
  EXPECT_EQ(metadata["syn_lr"], 0.125);
  EXPECT_EQ(metadata["provenance"]["seed"], "7");
  // Nothing else is left behind.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(ExportSet, ReplacesItsOwnFolderButNoOther) {
  const testing::TemporaryFolder folder;
  export_set(example_set(5), folder / "png", ExportFormat::kPng);
  export_set(example_set(2), folder / "png", ExportFormat::kPng);
  EXPECT_FALSE(fs::exists(folder / "png/000004.png"));
  EXPECT_TRUE(fs::exists(folder / "png/000001.png"));

  fs::create_directory(folder / "empty");
  export_set(example_set(), folder / "empty", ExportFormat::kPng);
  EXPECT_TRUE(fs::exists(folder / "empty/000001.png"));

  write_text_atomically(folder / "mine/thesis.txt", "years of work");
  write_text_atomically(folder / "mine/metadata.json", "{\"written_by\": 3}");
  for (const fs::path& target : {folder / "mine", folder / "mine/thesis.txt"}) {
    try {
      export_set(example_set(), target, ExportFormat::kPng);
      FAIL() << "expected an Error";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).rfind(target.string(), 0), 0u) << error.what();
    }
  }
  EXPECT_EQ(read_text(folder / "mine/thesis.txt"), "years of work");
}

// The classes and functions that a pickle names. What has no place in one that PyTorch's loader of
// weights takes (torch/_weights_only_unpickler.py, get_globals_in_pkl) is an error.
std::set<std::string> names_in_pickle(const std::string& pickle) {
  static const std::map<char, size_t> sizes = {
      {'\x80', 1}, {'}', 0},    {'(', 0},    {'u', 0},    {'t', 0}, {'Q', 0}, {'R', 0},
      {')', 0},    {'\x89', 0}, {'\x88', 0}, {'\x8A', 9}, {'J', 4}, {'K', 1}, {'M', 2}};
  std::set<std::string> names;
  size_t at = 0;
  while (pickle.at(at) != '.') {
    const char operation = pickle[at++];
    if (operation == 'c') {
      const size_t middle = pickle.find('\n', at), end = pickle.find('\n', middle + 1);
      names.insert(pickle.substr(at, middle - at) + "." +
                   pickle.substr(middle + 1, end - middle - 1));
      at = end + 1;
    } else if (operation == 'X') {
      at += 4 + little_endian(pickle, at, 4);
    } else if (sizes.count(operation) != 0) {
      at += sizes.at(operation);
    } else {
      throw std::runtime_error(std::string("not allowed: ") + operation);
    }
  }
  EXPECT_EQ(at + 1, pickle.size());
  return names;
}

TEST(ExportSet, PtNamesOnlyWhatTheLoaderOfWeightsAllows) {
  const testing::TemporaryFolder folder;
  export_set(example_with_recipe(), folder / "set.pt", ExportFormat::kPt);
  const auto entries = stored_entries(read_text(folder / "set.pt"));
  EXPECT_EQ(entries.at("archive/version"), "3\n");
  EXPECT_EQ(
      names_in_pickle(entries.at("archive/data.pkl")),
      (std::set<std::string>{"collections.OrderedDict", "torch._utils._rebuild_tensor_v2",
                             "torch.FloatStorage", "torch.DoubleStorage", "torch.LongStorage"}));
  export_set(example_with_recipe(), folder / "again.pt", ExportFormat::kPt);
  EXPECT_EQ(read_text(folder / "again.pt"), read_text(folder / "set.pt"));
}

// What a stranger gets in Python, with what a set without targets and recipe lacks.
TEST(ExportSet, PythonLoadsPtAndNpzWithTheRecipe) {
  MKDT_PYTHON_OR_SKIP("torch", "numpy");
  const testing::TemporaryFolder folder;
  const SyntheticSet set = example_with_recipe();
  export_set(set, folder / "set.pt", ExportFormat::kPt);
  export_set(set, folder / "set.npz", ExportFormat::kNpz);
  SyntheticSet bare = example_set(20);
  bare.targets = torch::empty({20, 0});
  export_set(bare, folder / "bare.pt", ExportFormat::kPt);
  write_npy(folder / "images.npy", set.images);
  testing::run_python(R"(
import json, sys, numpy, torch
folder = sys.argv[1]
expected = numpy.load(folder + "/images.npy")
recipe = dict(lr=0.05, steps=1500, batch=256, momentum=0.9, weight_decay=0, validation_loss=0.75)
for data in (torch.load(folder + "/set.pt", weights_only=True), numpy.load(folder + "/set.npz")):
    assert numpy.array_equal(numpy.asarray(data["images"]), expected)
    assert data["targets"].shape == (3, 4), data["targets"].shape
    assert float(data["syn_lr"]) == 0.125
    for name, value in recipe.items():
        assert float(data["recipe_" + name]) == value, name
    metadata = json.loads(str(data["metadata"]))
    assert metadata["pretrain"] == recipe, metadata
    assert metadata["provenance"]["dataset"].startswith("Bl\u00fcten"), metadata
bare = torch.load(folder + "/bare.pt", weights_only=True)
assert bare["images"].shape == (20, 3, 6, 6) and bare["targets"].shape == (20, 0)
assert "recipe_lr" not in bare and json.loads(bare["metadata"])["pretrain"] is None
)",
                      {folder.path().string()});
}

TEST(ExportSet, SafetensorsIsTheSameSet) {
  const testing::TemporaryFolder folder;
  export_set(example_set(), folder / "set.safetensors", ExportFormat::kSafetensors);
  const SyntheticSet read = read_synthetic_set(folder / "set.safetensors");
  EXPECT_TRUE(torch::equal(read.images, example_set().images));
  EXPECT_EQ(read.provenance.at("seed"), "7");
}

TEST(ExportFormatName, IsOneOfFour) {
  EXPECT_EQ(export_format("npz"), ExportFormat::kNpz);
  EXPECT_THROW(export_format("tiff"), Error);
}

}  // namespace
}  // namespace mkdt
