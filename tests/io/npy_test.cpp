#include "mkdt/io/npy.h"

#include <cstring>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

// A file of that version with this header, not padded, and `values` bytes counting from zero.
std::string raw(const std::string& header, size_t values, char version = 1) {
  std::string bytes("\x93NUMPY", 6);
  bytes += {version, '\0'};
  const size_t length = version == 1 ? 2 : 4;
  for (size_t i = 0; i < length; ++i) bytes += static_cast<char>(header.size() >> 8 * i & 0xFFU);
  bytes += header;
  for (size_t i = 0; i < values; ++i) bytes += static_cast<char>(i);
  return bytes;
}

class Npy : public ::testing::Test {
 protected:
  torch::Tensor read(const std::string& bytes) {
    write_text_atomically(path_, bytes);
    return read_npy(path_);
  }
  void expect_refused(const std::string& bytes, const std::string& part) {
    expect_error([&] { read(bytes); }, {path_.string() + ": ", part});
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "a.npy";
};

TEST_F(Npy, HeaderIsAsSpecified) {
  const std::string bytes = npy_bytes(torch::ones({2, 3}).t());
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const size_t header = static_cast<uint8_t>(bytes[8]) + 256U * static_cast<uint8_t>(bytes[9]);
  EXPECT_EQ((10 + header) % 64, 0u);
  EXPECT_EQ(bytes[10 + header - 1], '\n');
  EXPECT_NE(bytes.find("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"),
            std::string::npos);
  EXPECT_EQ(bytes.size(), 10 + header + 24u);
  EXPECT_NE(npy_bytes(torch::ones({5}, torch::kLong))
                .find("'<i8', 'fortran_order': False, 'shape': (5,), "),
            std::string::npos);
  EXPECT_NE(npy_bytes(torch::tensor(1.0F)).find("'shape': (), "), std::string::npos);
}

TEST_F(Npy, ReadsWhatItWrote) {
  for (const auto dtype : {torch::kFloat16, torch::kFloat32, torch::kFloat64, torch::kInt64,
                           torch::kInt32, torch::kUInt8}) {
    for (const std::vector<int64_t>& shape :
         {std::vector<int64_t>{3, 4}, {12}, {2, 3, 2}, {}, {0, 3}, {1, 1}}) {
      const torch::Tensor values = (torch::rand(shape) * 100).to(dtype);
      write_npy(path_, values);
      const torch::Tensor read = read_npy(path_);
      EXPECT_EQ(read.scalar_type(), dtype);
      EXPECT_EQ(read.sizes(), values.sizes());
      EXPECT_TRUE(torch::equal(read, values));
    }
  }
}

TEST_F(Npy, ReadsAllVersionsAndSpellingsOfTheHeader) {
  const torch::Tensor values = torch::arange(6, torch::kUInt8).view({2, 3});
  for (const char version : {1, 2, 3}) {
    for (const char* header :
         {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }\n",
          "{\"shape\":(2,3),\"descr\":\"|u1\",\"fortran_order\":False}",
          "  { 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , 'descr' : '|u1' }   \n"}) {
      EXPECT_TRUE(torch::equal(read(raw(header, 6, version)), values)) << header;
    }
  }
  // Values that are not aligned in the file are copied.
  const std::string odd = raw("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", 24);
  const torch::Tensor doubles = read(odd);
  EXPECT_EQ(std::memcmp(doubles.data_ptr(), odd.data() + odd.size() - 24, 24), 0);
}

TEST_F(Npy, FortranOrderHasTheFirstIndexFastest) {
  const torch::Tensor read =
      this->read(raw("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", 24));
  ASSERT_EQ(read.sizes(), torch::IntArrayRef({2, 3, 4}));
  for (int64_t i = 0; i < 24; ++i) {
    EXPECT_EQ(read[i % 2][i / 2 % 3][i / 6].item<int64_t>(), i);
  }
}

TEST_F(Npy, RefusesOtherTypes) {
  const auto header = [](const std::string& descr) {
    return "{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }";
  };
  for (const char* descr : {">f4", "<c8", "|b1", "|O", "<U3", "<f16", "<u2"}) {
    expect_refused(raw(header("'" + std::string(descr) + "'"), 16), std::string("'") + descr + "'");
    expect_refused(raw(header("'" + std::string(descr) + "'"), 16), "array.astype('float32')");
  }
  expect_refused(raw(header("[('a', '<f4'), ('b', '<f4')]"), 8), "arrays of records");
}

TEST_F(Npy, RefusesMalformedFiles) {
  expect_error([&] { read_npy(path_); }, {path_.string(), "cannot read"});
  expect_error([&] { read_npy(folder_.path()); }, {folder_.path().string(), "regular"});
  expect_refused("", "begin");
  expect_refused("\x93NUMP", "begin");
  expect_refused("\x93NUMPY", "begin");
  expect_refused("PK\x03\x04 no array here", "begin");
  expect_refused(raw("{}", 0, 4), "version 4.0");
  expect_refused(raw("{}", 0, '\x80'), "version 128.0");
  expect_refused(std::string("\x93NUMPY\x02\x00\x01", 9), "ends before");
  expect_refused(std::string("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12), "4294967295 bytes");

  const std::string start = "{'descr': '<f4', 'fortran_order': False, ";
  for (const char* rest :
       {"'shape': (2, 3)", "'shape': (2, 3), } x", "'shape': (2 3), }", "'shape': (-2, 3), }",
        "'shape': 6, }", "'shape': (6), }", "'shape': [2, 3], }", "'shape': (2, 1+2), }",
        "'shape': (2, 3", "'shape': (,), }", "'shape': (2, 3), 'shape': (2, 3), }",
        "'shape': (2, 3), 'more': 1, }", "shape: (2, 3), }", "'shape: (2, 3), }", "}", "",
        "'shape': (2, 99999999999999999999), }", "'shape': (2., 3), }"}) {
    expect_refused(raw(start + rest, 24), "header");
  }
  expect_refused(raw("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }", 24),
                 "True or False");
  expect_refused(raw(start + "'shape': (2, 3), }", 23), "(is it truncated?)");
  expect_refused(raw(start + "'shape': (2, 3), }", 0), "(is it truncated?)");
  expect_refused(raw(start + "'shape': (2, 3), }", 25), "25 bytes of values");
  expect_refused(raw(start + "'shape': (4294967296, 4294967296), }", 0), "overflows");
  expect_refused(raw(start + "'shape': (4611686018427387904, 2), }", 8), "overflows");
  expect_refused(raw(start + "'shape': (0, 4611686018427387904, 2), }", 0), "overflows");
  expect_refused(raw(start + "'shape': (1000000000, 1000000), }", 8), "(is it truncated?)");
}

TEST_F(Npy, SurvivesDamage) {
  testing::expect_survives(path_, npy_bytes(torch::randn({4, 5})),
                           [&] { read_npy(path_).to(torch::kFloat64).sum(); });
}

TEST_F(Npy, ReadsWhatNumpyWrites) {
  MKDT_PYTHON_OR_SKIP("numpy");
  testing::run_python(R"(
import sys, numpy as np
values = (np.arange(35).reshape(5, 7) - 11) / 8
np.save(sys.argv[1] + "/c.npy", values.astype(np.float32))
np.save(sys.argv[1] + "/f.npy", np.asfortranarray(values.astype(np.float32)))
np.save(sys.argv[1] + "/half.npy", values.astype(np.float16))
np.save(sys.argv[1] + "/double.npy", values[::2, ::-1])
np.save(sys.argv[1] + "/big.npy", values.astype(">f4"))
np.lib.format.write_array(open(sys.argv[1] + "/two.npy", "wb"), values, version=(2, 0))
np.lib.format.write_array(open(sys.argv[1] + "/three.npy", "wb"), values, version=(3, 0))
)",
                      {folder_.path().string()});
  const torch::Tensor values = (torch::arange(35, torch::kFloat64).view({5, 7}) - 11) / 8;
  const auto read = [&](const char* name) { return read_npy(folder_ / name); };
  EXPECT_TRUE(torch::equal(read("c.npy"), values.to(torch::kFloat32)));
  EXPECT_TRUE(torch::equal(read("f.npy"), values.to(torch::kFloat32)));
  EXPECT_EQ(read("f.npy").stride(0), 1);
  EXPECT_TRUE(torch::equal(read("half.npy"), values.to(torch::kFloat16)));
  EXPECT_TRUE(torch::equal(read("double.npy"), values.slice(0, 0, 5, 2).flip(1)));
  EXPECT_TRUE(torch::equal(read("two.npy"), values));
  EXPECT_TRUE(torch::equal(read("three.npy"), values));
  expect_error([&] { read("big.npy"); }, {"big.npy", "'>f4'"});
}

TEST_F(Npy, NumpyReadsWhatItWrote) {
  MKDT_PYTHON_OR_SKIP("numpy");
  write_npy(path_, torch::arange(6, torch::kFloat32).view({2, 3}) / 4);
  testing::run_python(R"(
import sys, numpy as np
read = np.load(sys.argv[1])
assert read.dtype == np.float32 and np.array_equal(read, np.arange(6).reshape(2, 3) / 4), read
)",
                      {path_.string()});
}

}  // namespace
}  // namespace mkdt
