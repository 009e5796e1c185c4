// Readers of core before files that someone has damaged on purpose (docs/design/reliability.md).
#include <fstream>

#include <gtest/gtest.h>

#include "mkdt/base/options.h"
#include "mkdt/base/text.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/folders.h"
#include "mkdt/io/json.h"
#include "mkdt/io/npy.h"
#include "mkdt/io/regular_file.h"
#include "mkdt/io/safetensors.h"
#include "tests/fixtures/hostile.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/valid_files.h"

namespace mkdt {
namespace {

using testing::expect_refuses_what_is_no_file;
using testing::expect_survives;

class HostileFiles : public ::testing::Test {
 protected:
  void survive(const std::string& parser, const std::function<void()>& read) {
    const auto files = testing::valid_files();
    for (const std::string& bytes : files.at(parser)) {
      expect_survives(path_, bytes, read);
    }
  }
  std::string error_of(const std::string& bytes, const std::function<void()>& read) {
    write_text_atomically(path_, bytes);
    try {
      read();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  void expect_error(const std::string& bytes, const std::function<void()>& read,
                    const std::string& part) {
    const std::string message = error_of(bytes, read);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  void expect_safetensors_error(const std::string& header, size_t values, const std::string& part) {
    std::string bytes(8, '\0');
    for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i));
    expect_error(
        bytes + header + std::string(values, '\2'), [&] { read_safetensors(path_); }, part);
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "file";
};

struct Options {
  bool flag = false;
  int64_t steps = 10;
  double rate = 0.5;
  std::string name;
  std::string choice = "x";
  std::vector<double> rates;
  std::vector<int64_t> sizes;
  std::vector<std::string> names;
  OptionTable table;

  Options() {
    OptionSection section = table.section("data");
    section.add("flag", flag, "");
    section.add("steps", steps, 1, 1e6, "");
    section.add("rate", rate, 0, 1e300, "");
    section.add("name", name, "");
    section.add("choice", choice, {"x", "y"}, "");
    section.add("rates", rates, 0, 1e300, "");
    section.add("sizes", sizes, 0, 1e18, "");
    section.add("names", names, "");
  }
};

void read_options(const std::filesystem::path& path) {
  Options().table.read_toml(read_text(path), path.string());
}

TEST_F(HostileFiles, Safetensors) {
  const auto read = [&] {
    for (const auto& [name, tensor] : read_safetensors(path_).tensors) {
      tensor.to(torch::kFloat64).sum();
    }
  };
  survive("safetensors", read);
  expect_refuses_what_is_no_file(path_, read);
}

TEST_F(HostileFiles, Npy) {
  const auto read = [&] { read_npy(path_).to(torch::kFloat64).sum(); };
  survive("npy", read);
  expect_refuses_what_is_no_file(path_, read);
}

TEST_F(HostileFiles, Toml) {
  const std::string text =
      "[data]\nflag = true\nsteps = 20\nrate = 1e-3\nname = \"a\\tb\"\nchoice = 'y'\n"
      "rates = [0.5, 1, 2.5]\nsizes = [1, 0x10]\nnames = [\"a\", '''b''']\n";
  expect_survives(path_, text, [&] { read_options(path_); });
}

TEST_F(HostileFiles, NothingButRegularFilesIsRead) {
  // An empty file is a text and has a checksum.
  const auto refuse_empty = [&] {
    if (std::filesystem::is_empty(path_)) throw Error(path_.string());
  };
  expect_refuses_what_is_no_file(path_, [&] {
    read_text(path_);
    refuse_empty();
  });
  expect_refuses_what_is_no_file(path_, [&] {
    file_checksum(path_);
    refuse_empty();
  });
}

TEST_F(HostileFiles, FilesAreReadWholeAndUpToABound) {
  EXPECT_NE(read_text("/proc/self/status").find("Pid:"), std::string::npos);
  const std::string bytes(10'000, 'x');
  write_text_atomically(path_, bytes);
  EXPECT_EQ(read_regular_file(path_, 10'000), bytes);
  EXPECT_THROW(read_regular_file(path_, 9'999), Error);
  EXPECT_THROW(read_regular_file("/proc/self/status", 10), Error);
}

TEST_F(HostileFiles, TensorsShareNoBytes) {
  const std::string x = R"("x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})";
  const auto with = [&](const std::string& other) { return "{" + x + "," + other + "}"; };
  expect_safetensors_error(with(R"("y":{"dtype":"U8","shape":[8],"data_offsets":[4,12]})"), 12,
                           "tensor 'y' overlaps");
  expect_safetensors_error(with(R"("y":{"dtype":"U8","shape":[8],"data_offsets":[0,8]})"), 8,
                           "overlaps");
  expect_safetensors_error(with(R"("y":{"dtype":"U8","shape":[2],"data_offsets":[10,12]})"), 12,
                           "tensor 'y' leaves a hole");
  expect_safetensors_error("{" + x + "}", 9, "1 bytes at its end belong to no tensor");
  expect_safetensors_error("{}", 1, "1 bytes at its end");
  expect_safetensors_error(R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,27e43]}})", 1,
                           "number");
  expect_safetensors_error(
      R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}})", 1,
      "lies outside the file");
  EXPECT_EQ(error_of(std::string("\2\0\0\0\0\0\0\0{}", 10), [&] { read_safetensors(path_); }), "");
}

TEST_F(HostileFiles, SafetensorsHeadersAreBounded) {
  expect_safetensors_error(std::string(1 << 20, '['), 0, "nests too deep");
  expect_safetensors_error(R"({"x":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", 1,
                           "nests too deep");
  std::string ones = "1";
  for (int i = 0; i < 32; ++i) ones += ",1";
  expect_safetensors_error(R"({"x":{"dtype":"U8","shape":[)" + ones + R"(],"data_offsets":[0,1]}})",
                           1, "33 dimensions");
  expect_safetensors_error(R"({"x":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", 1,
                           "booleans");
  expect_safetensors_error(R"({"a\u001b[2J\nb":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}})",
                           1, "a?[2J?b");
}

TEST_F(HostileFiles, NpyHeadersAreBounded) {
  const auto npy = [](const std::string& shape) {
    const std::string header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }";
    std::string bytes("\x93NUMPY\2\0", 8);
    for (size_t i = 0; i < 4; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
    return bytes + header + "v";
  };
  const auto read = [&] { read_npy(path_); };
  std::string ones = "1";
  for (int i = 1; i < 32; ++i) ones += ",1";
  EXPECT_EQ(error_of(npy(ones), read), "");
  expect_error(npy(ones + ",1"), read, "at most 32 extents");
  expect_error(npy("1" + std::string(70'000, ' ')), read, "its header would have");
}

// Tables are destroyed recursively: a key of a hundred thousand parts took the stack.
TEST_F(HostileFiles, TomlNestsNoDeeperThanItsParserCanBear) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  const auto read = [&] { read_options(path_); };
  for (const std::string& text :
       {key + " = 1", "[" + key + "]", "[[" + key + "]]",
        "x = {y = \"\"\"q\"\"\"\", " + key + " = 1}", "x = '''\n''' # \"\"\"\n" + key + " = 1"}) {
    expect_error(text, read, "dots are too many for options");
  }
  expect_error("x = " + std::string(100'000, '['), read, "line 1");
  expect_error("x = " + std::string(100'000, '{'), read, "line 1");
  expect_error("#" + std::string(1 << 20, ' '), read, "too many for options");
}

TEST_F(HostileFiles, TomlKeysDoNotPassForOptions) {
  const auto read = [&] { read_options(path_); };
  expect_error("\"data.steps\" = 3", read, "'data.steps' is written without quotes");
  expect_error("\"data.steps\" = [3]", read, "without quotes");
  expect_error("[data]\nsteps.more = 3", read, "must be a whole number");
  // Comparing it with every known key took time for each of its letters.
  expect_error(std::string(900'000, 'k') + " = 1", read, "unknown key 'kkk");
  expect_error("\"a\\nb\" = 1", read, "unknown key 'a?b'");
}

TEST_F(HostileFiles, JsonIsBounded) {
  const auto read = [&] { read_json_text(path_); };
  EXPECT_EQ(error_of(std::string(64, '['), read), "");
  expect_error(std::string(65, '['), read, "65 levels");
  write_text_atomically(path_, "");
  std::filesystem::resize_file(path_, (64 << 20) + 1);
  EXPECT_THROW(read(), Error);
}

TEST(Nesting, OfJson) {
  EXPECT_EQ(json_depth(""), 0U);
  EXPECT_EQ(json_depth(R"({"a": [1, {"b": 2}], "c": []})"), 3U);
  EXPECT_EQ(json_depth(R"("[[[\"[[[")"), 0U);
  EXPECT_EQ(json_depth("]]]["), 1U);
}

TEST(Printable, IsOneShortLine) {
  EXPECT_EQ(printable("plain – text"), "plain – text");
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a?b?[2J?");
  EXPECT_EQ(printable("a\u009b2J\u202eb\u2028c\u2066d"), "a?2J?b?c?d");
  EXPECT_EQ(printable("a\u200eb\u00adc\ufeffd\uffff"), "a?b?c?d?");
  EXPECT_EQ(printable("\u200d\u0301猫"), "\u200d\u0301猫");
  EXPECT_EQ(printable("\u00a0\u2027\u2030 \xC2"), "\u00a0\u2027\u2030 \xC2");
  EXPECT_EQ(printable("aééé", 4), "aé…");
}

TEST(StaysInside, RefusesWaysOut) {
  for (const char* name : {"distill/set.safetensors", "a", "..a/b..", "./a"}) {
    EXPECT_TRUE(stays_inside(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("/etc/passwd"), std::string(".."), std::string("a/../../b"),
        std::string("a/.."), std::string("a\0b", 3)}) {
    EXPECT_FALSE(stays_inside(name)) << name;
  }
}

}  // namespace
}  // namespace mkdt
