#include "mkdt/publish/dataset/dataset_export.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/compare/methods.h"
#include "mkdt/data/image_file.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/npy.h"
#include "mkdt/publish/results.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kHostileName =
    "<script>alert(1)</script>\n---\nlicense: mit\n'\"| a | b |\t# [x](http://y) `c` \\ "
    "\xE2\x80\xAE "
    "\xC2\x85 \xFF" +
    std::string(10'000, 'x');

PublishedSet example(int64_t count = 3, int64_t channels = 3, int64_t dim = 4) {
  at::Generator generator = make_generator(1, "test/dataset");
  PublishedSet published;
  SyntheticSet& set = published.set;
  set.normalisation = {std::vector<float>(static_cast<size_t>(channels), 0.4F),
                       std::vector<float>(static_cast<size_t>(channels), 0.25F)};
  set.images = (torch::rand({count, channels, 6, 6}, generator) - 0.4) / 0.25;
  set.targets = torch::randn({count, dim}, generator);
  set.syn_lr = 0.125;
  set.provenance = {{"config",
                     "[data]\nroot = '/home/ann/secret/cifar10/' # it's here\n\n"
                     "[evaluate]\ndatasets = [\"/srv/\\\"signs\\\"\", 'mnist']\nseeds = 3\n"},
                    {"dataset", "cifar10"},
                    {"image_fingerprint", "69cc2a9b6e270bfa"},
                    {"iterations", "300"},
                    {"mkdt_version", "0.1.0"},
                    {"objective", "trajectory"},
                    {"seed", "7"},
                    {"start", "/home/ann/secret/start.safetensors"},
                    {"student_architecture", "convnet"},
                    {"student_width", "64"},
                    {"teacher", "resnet18 width 16, 16 pixels, 42bffee31c397602"}};
  set.recipe = SetRecipe{{/*batch=*/2, {0.1, 0.9, 1e-4}}, /*steps=*/7, 0.42};
  published.source_images = 47500;
  return published;
}

std::vector<ComparisonRow> results(const std::string& dataset = "cifar10") {
  std::vector<ComparisonRow> rows;
  for (const std::string method : {"random", "distilled"}) {
    for (int64_t seed = 0; seed < 3; ++seed) {
      ComparisonRow row;
      row.method = method;
      row.encoder = "convnet";
      row.dataset = dataset;
      row.labels = LabelBudget::part(0.01);
      row.seed = seed;
      row.accuracy = (method == "random" ? 0.4 : 0.43) + 0.001 * static_cast<double>(seed);
      row.representation_loss = method == "random" ? 0.58 : 0.41;
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::set<std::string> files_below(const fs::path& folder) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.insert(fs::relative(entry.path(), folder).string());
  }
  return files;
}

// Lines of code: neither empty nor a comment, nor a text that only documents.
int64_t lines_of_code(const std::string& python) {
  const std::vector<std::string> lines = lines_of(python);
  return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    const size_t begin = line.find_first_not_of(' ');
    return begin != std::string::npos && line[begin] != '#' &&
           line.compare(begin, 3, "\"\"\"") != 0;
  });
}

class DatasetExport : public ::testing::Test {
 protected:
  void write(const PublishedSet& published) const { export_dataset(published, path_); }

  std::string text(const std::string& file) const { return read_text(path_ / file); }

  std::string error(const PublishedSet& published) const {
    try {
      export_dataset(published, path_);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  testing::TemporaryFolder folder_;
  fs::path path_ = folder_ / "dataset";
};

TEST_F(DatasetExport, IsCompleteAndLeavesNothingElse) {
  PublishedSet published = example();
  published.results = results();
  write(published);
  EXPECT_EQ(files_below(folder_.path()),
            (std::set<std::string>{
                "dataset/README.md", "dataset/config.toml", "dataset/contact_sheet.png",
                "dataset/images.npy", "dataset/images/000000.png", "dataset/images/000001.png",
                "dataset/images/000002.png", "dataset/images/metadata.jsonl",
                "dataset/load_numpy.py", "dataset/load_torch.py", "dataset/recipe.json",
                "dataset/results.csv", "dataset/results.json", "dataset/targets.npy"}));
  const std::string card = text("README.md");
  for (const char* part :
       {"3 synthetic images of 6×6 pixels, each with a target representation of 4 numbers",
        "47500 images of cifar10", "arxiv.org/abs/2410.02116", "contact_sheet.png",
        "resnet18 width 16, 16 pixels, 42bffee31c397602", "convnet, width 64",
        "learning rate 0.1, momentum 0.9 and weight decay 0.0001, 7 steps of 2 images",
        "float32 [3, 3, 6, 6]", "float32 [3, 4]", "mkdt run config.toml", "@inproceedings",
        "### cifar10, convnet, linear probe, 3 seeds", "| **43.1 ± 0.1** |", "against random"}) {
    EXPECT_NE(card.find(part), std::string::npos) << part << "\n" << card;
  }
}

TEST_F(DatasetExport, TheExampleKeepsTheShortBatchWhereTheRecipeDoes) {
  PublishedSet published = example();
  write(published);
  EXPECT_NE(text("README.md").find("drop_last=True"), std::string::npos);
  EXPECT_FALSE(json::parse(text("recipe.json"))["pretrain"].contains("short_batches"));
  published.set.recipe->training.short_batches = true;
  write(published);
  EXPECT_NE(text("README.md").find("drop_last=False"), std::string::npos);
  EXPECT_EQ(json::parse(text("recipe.json"))["pretrain"]["short_batches"], true);
}

TEST_F(DatasetExport, PicturesAreRoundedArraysExact) {
  const PublishedSet published = example();
  write(published);
  EXPECT_TRUE(torch::equal(read_npy(path_ / "images.npy"), published.set.images));
  EXPECT_TRUE(torch::equal(read_npy(path_ / "targets.npy"), published.set.targets));
  const std::vector<std::string> metadata = lines_of(text("images/metadata.jsonl"));
  ASSERT_EQ(metadata.size(), 3u);
  for (int64_t i = 0; i < 3; ++i) {
    const auto entry = json::parse(metadata[static_cast<size_t>(i)]);
    EXPECT_EQ(entry["index"], i);
    const torch::Tensor pixels = read_image(path_ / "images" / std::string(entry["file_name"]));
    EXPECT_TRUE(torch::equal(pixels, published.set.normalisation.invert(published.set.images[i])));
  }
  const auto recipe = json::parse(text("recipe.json"));
  EXPECT_EQ(recipe["images"], json({3, 3, 6, 6}));
  EXPECT_EQ(recipe["syn_lr"], 0.125);
  EXPECT_EQ(recipe["pretrain"]["lr"], 0.1);
  EXPECT_EQ(recipe["pretrain"]["steps"], 7);
  EXPECT_EQ(recipe["pretrain"]["validation_loss"], 0.42);
}

TEST_F(DatasetExport, FoldersOfTheMakerStayOut) {
  write(example());
  EXPECT_EQ(text("config.toml"),
            "[data]\nroot = 'cifar10' # it's here\n\n"
            "[evaluate]\ndatasets = [\"\\\"signs\\\"\", 'mnist']\nseeds = 3\n");
  for (const std::string& file : files_below(path_)) {
    EXPECT_EQ(text(file).find("/home/ann"), std::string::npos) << file;
  }
  EXPECT_NE(text("README.md").find("| start.safetensors |"), std::string::npos);
}

TEST_F(DatasetExport, ASetWithoutComparisonSaysSo) {
  write(example());
  EXPECT_NE(text("README.md").find("It was not compared with anything"), std::string::npos);
  EXPECT_FALSE(fs::exists(path_ / "results.json"));
}

TEST_F(DatasetExport, ASetWithoutTargetsRecipeOrProvenance) {
  PublishedSet published = example(2, 1, 0);
  published.set.provenance = {{"method", "mtt-ssl"}, {"dataset", "cifar10"}};
  published.set.recipe.reset();
  published.source_images.reset();
  write(published);
  EXPECT_EQ(read_npy(path_ / "targets.npy").sizes(), (std::vector<int64_t>{2, 0}));
  EXPECT_TRUE(json::parse(text("recipe.json"))["pretrain"].is_null());
  const std::string card = text("README.md");
  EXPECT_NE(card.find("There are no targets"), std::string::npos);
  EXPECT_NE(card.find("MTT-SSL"), std::string::npos);
  EXPECT_FALSE(fs::exists(path_ / "config.toml"));

  published.set.provenance = {{"recipe_lr", "high"}};
  published.set.targets = torch::zeros({2, 4});
  write(published);
  EXPECT_NE(text("README.md").find("carries no recipe"), std::string::npos);
}

TEST_F(DatasetExport, EveryMethodWithRowsIsExplained) {
  PublishedSet published = example();
  published.results.clear();
  for (const MethodEntry& entry : method_table()) {
    ComparisonRow row;
    row.method = entry.name;
    row.representation_loss = 0.5;
    published.results.push_back(row);
  }
  write(published);
  const std::string card = text("README.md");
  for (const MethodEntry& entry : method_table()) {
    EXPECT_NE(card.find(fmt::format("- {}: {}\n", entry.name, entry.meaning)), std::string::npos)
        << entry.name;
  }
}

TEST_F(DatasetExport, FrontMatterIsYaml) {
  MKDT_PYTHON_OR_SKIP("yaml");
  for (const std::string& name : {std::string("cifar10"), kHostileName}) {
    PublishedSet published = example();
    published.set.provenance["dataset"] = name;
    published.license = "cc-by-4.0";
    write(published);
    testing::run_python(R"(
import sys, yaml
_, head, body = open(sys.argv[1] + "/README.md", encoding="utf-8").read().split("---\n", 2)
card = yaml.safe_load(head)
assert set(card) == {"license", "pretty_name", "task_categories", "tags", "size_categories",
                     "configs"}, card
assert card["license"] == "cc-by-4.0", card
assert "distilled to 3 images" in card["pretty_name"] and "\n" not in card["pretty_name"], card
assert card["task_categories"] == ["image-feature-extraction"], card
assert card["size_categories"] == ["n<1K"], card
assert card["configs"] == [{"config_name": "default", "data_files": [
    {"split": "train", "path": "images/*"}]}], card
assert body.startswith("\n# "), body[:100]
)",
                        {path_.string()});
  }
}

TEST_F(DatasetExport, HostileNamesBreakNothing) {
  PublishedSet published = example();
  for (auto& [key, value] : published.set.provenance) {
    if (key != "config") value = kHostileName;
  }
  published.results = results(kHostileName);
  // What a file cannot hold (JSON is UTF-8) does not come out of one.
  for (ComparisonRow& row : published.results) {
    row.dataset.erase(std::remove(row.dataset.begin(), row.dataset.end(), '\xFF'),
                      row.dataset.end());
    row.encoder = row.dataset;
  }
  write(published);
  const std::string card = text("README.md");
  const std::string body = card.substr(card.find("\n# "));
  EXPECT_EQ(body.find("<script"), std::string::npos);
  EXPECT_EQ(card.find("\xE2\x80\xAE"), std::string::npos);
  EXPECT_EQ(card.find("\xFF"), std::string::npos);
  EXPECT_EQ(body.find("](http://y)"), std::string::npos);
  size_t rules = 0;
  size_t columns = 0;  // of the table that the line is in
  for (const std::string& line : lines_of(card)) {
    EXPECT_LT(line.size(), 2000u) << line;
    if (line == "---") ++rules;
    EXPECT_NE(line, "license: mit");
    const auto bars = static_cast<size_t>(std::count(line.begin(), line.end(), '|'));
    if (line.rfind('|', 0) == 0) {
      EXPECT_TRUE(columns == 0 || bars == columns) << line;
      columns = bars;
    } else {
      columns = 0;
    }
  }
  EXPECT_EQ(rules, 2u);
}

TEST_F(DatasetExport, LoadersAreShortAndGiveTheSet) {
  MKDT_PYTHON_OR_SKIP("numpy", "torch");
  for (const int64_t dim : {4, 0}) {
    const PublishedSet published = example(3, 3, dim);
    write(published);
    EXPECT_LE(lines_of_code(text("load_torch.py")), 15);
    EXPECT_LE(lines_of_code(text("load_numpy.py")), 15);
    testing::run_python(R"(
import subprocess, sys
sys.path.insert(0, sys.argv[1])
import load_numpy, load_torch, numpy, torch
images, targets, recipe = load_numpy.load()
dataset, same = load_torch.load(sys.argv[1])
assert isinstance(dataset, torch.utils.data.TensorDataset) and len(dataset) == 3
assert recipe == same and recipe["pretrain"]["steps"] == 7, recipe
for array, tensor in zip((images, targets), dataset.tensors):
    assert array.dtype == numpy.float32 and tensor.dtype == torch.float32
    assert numpy.array_equal(array, tensor.numpy())
images.tofile(sys.argv[2] + "/images.raw")
targets.tofile(sys.argv[2] + "/targets.raw")
for program in ("load_torch.py", "load_numpy.py"):
    subprocess.run(["/usr/bin/python3", sys.argv[1] + "/" + program], check=True)
)",
                        {path_.string(), folder_.path().string()});
    const auto raw = [&](const char* file, const torch::Tensor& expected) {
      const std::string bytes = read_text(folder_ / file);
      EXPECT_EQ(bytes, std::string(static_cast<const char*>(expected.contiguous().data_ptr()),
                                   static_cast<size_t>(expected.nbytes())));
    };
    raw("images.raw", published.set.images);
    if (dim > 0) raw("targets.raw", published.set.targets);
  }
}

TEST_F(DatasetExport, TheCardsExampleTrains) {
  MKDT_PYTHON_OR_SKIP("numpy", "torch");
  write(example(5));
  testing::run_python(R"(
import sys, torch
sys.path.insert(0, sys.argv[1])
torch.manual_seed(0)
encoder = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(108, 4))
before = encoder[1].weight.clone()
card = open(sys.argv[1] + "/README.md", encoding="utf-8").read()
exec(card.split("```python\n")[1].split("```")[0])
assert not torch.equal(before, encoder[1].weight)
assert images.shape == (2, 3, 6, 6) and targets.shape == (2, 4)
)",
                      {path_.string()});
}

TEST_F(DatasetExport, ReplacesAnEarlierExportAlsoOneThatWasUsed) {
  write(example(5));
  write_text_atomically(path_ / "__pycache__/load_torch.cpython-311.pyc", "compiled");
  write(example(2));
  EXPECT_FALSE(fs::exists(path_ / "images/000004.png"));
  EXPECT_TRUE(fs::exists(path_ / "images/000001.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
}

TEST_F(DatasetExport, FoldersWithOtherFilesStay) {
  for (const char* file : {"thesis.txt", ".git/HEAD", "images/mine.png"}) {
    fs::remove_all(path_);
    write(example(2));
    write_text_atomically(path_ / file, "years of work");
    EXPECT_NE(error(example(3)).find("one with other files"), std::string::npos) << file;
    EXPECT_EQ(text(file), "years of work");
    EXPECT_FALSE(fs::exists(path_ / "images/000002.png"));
  }
  fs::remove_all(path_);
  write_text_atomically(path_ / "recipe.json", "{\"written_by\": \"me\"}");
  EXPECT_NE(error(example()).find("one with other files"), std::string::npos);
}

TEST_F(DatasetExport, WhatCannotBePublishedIsRefused) {
  for (const std::string license :
       {"", "MIT\nx: y", "cc by", "-", "\"", std::string(65, 'a').c_str()}) {
    PublishedSet published = example();
    published.license = license;
    EXPECT_EQ(error(published).rfind("--license: ", 0), 0u) << license;
  }
  EXPECT_NE(error(example(0)).find("no images"), std::string::npos);
  EXPECT_FALSE(fs::exists(path_));
}

}  // namespace
}  // namespace mkdt
