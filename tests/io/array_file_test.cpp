#include "mkdt/io/array_file.h"

#include <cstring>

#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include "mkdt/io/npy.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/io/torch_file.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/valid_files.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

std::string pickled(const torch::IValue& value) {
  const std::vector<char> bytes = torch::jit::pickle_save(value);
  return {bytes.begin(), bytes.end()};
}

TEST(ArrayFile, IsReadByItsEnding) {
  const TemporaryFolder folder;
  const torch::Tensor values = torch::randn({3, 2});
  TensorFile file;
  file.tensors = {{"z", values}, {"other", torch::zeros({1})}};
  file.metadata = {{"encoder", "e"}};
  write_safetensors(folder / "a.safetensors", file);
  write_npy(folder / "a.NPY", values);
  write_text_atomically(folder / "a.pt", pickled(values));
  write_text_atomically(folder / "a.pth", pickled(values));
  for (const char* name : {"a.safetensors", "a.NPY", "a.pt", "a.pth"}) {
    EXPECT_TRUE(torch::equal(read_array(folder / name, "z").values, values)) << name;
  }
  EXPECT_EQ(read_array(folder / "a.safetensors", "z").metadata.at("encoder"), "e");
  expect_error([&] { read_array(folder / "a.safetensors", "y"); }, {"'y'", "2 tensors"});
  for (const char* name : {"a.csv", "a", ".npy"}) {
    expect_error([&] { read_array(folder / name, "z"); },
                 {(folder / name).string(), ".safetensors, .npy, .pt or .pth"});
  }
}

// Beside the matrix, what mkdt has no type for.
TEST(ArrayFile, PassesOverTensorsOfUnknownTypes) {
  const TemporaryFolder folder;
  const std::string header = R"({"ids":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},)"
                             R"("scales":{"dtype":"F8_E5M2","shape":[4],"data_offsets":[8,12]},)"
                             R"("features":{"dtype":"F32","shape":[1,2],"data_offsets":[12,20]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  const float values[] = {0, 0, 0, 1.5F, -2};
  bytes += header + std::string(reinterpret_cast<const char*>(values), sizeof(values));
  write_text_atomically(folder / "z.safetensors", bytes);
  for (const char* name : {"features", "representations"}) {
    EXPECT_TRUE(torch::equal(read_array(folder / "z.safetensors", name).values,
                             torch::tensor({{1.5, -2.0}}, torch::kFloat32)));
  }
  expect_error([&] { read_array(folder / "z.safetensors", "scales"); }, {"'scales'", "F8_E5M2"});
}

class TorchFile : public ::testing::Test {
 protected:
  torch::Tensor read(const std::string& bytes) {
    write_text_atomically(path_, bytes);
    return read_torch_tensor(path_);
  }
  void expect_refused(const std::string& bytes, const std::string& part) {
    expect_error(
        [&] { read(bytes); },
        {path_.string() + ": expected one tensor saved with torch.save(tensor, path)", part});
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "z.pt";
};

TEST_F(TorchFile, HoldsATensorOfAnyTypeAndStrides) {
  const torch::Tensor all = torch::randn({6, 5});
  for (const torch::Tensor& values :
       {all, all.t(), all.slice(0, 2, 4), all.select(1, 3), all.to(torch::kFloat64),
        all.to(torch::kFloat16), all.to(torch::kInt64), torch::tensor(2.5), torch::zeros({0, 3})}) {
    const torch::Tensor read = this->read(pickled(values));
    EXPECT_EQ(read.scalar_type(), values.scalar_type());
    EXPECT_TRUE(torch::equal(read, values)) << values;
  }
}

// PyTorch names the archive's folder after the file: that of data.pt has the name of the storages'.
TEST_F(TorchFile, IsReadWhateverItWasCalled) {
  const std::string values(24, '\x3F');
  const std::string pickle = testing::tensor_pickle_bytes();
  for (const std::string& root :
       {std::string("data"), std::string("byteorder"), std::string("version"),
        std::string("data.pkl"), std::string(".data"), std::string(255, 'n')}) {
    const torch::Tensor read = this->read(testing::stored_zip({{root + "/data.pkl", pickle},
                                                               {root + "/.format_version", "1"},
                                                               {root + "/byteorder", "little"},
                                                               {root + "/data/0", values},
                                                               {root + "/version", "3\n"},
                                                               {root + "/.data/id", "40"}}));
    EXPECT_EQ(read.sizes(), at::IntArrayRef({3, 2})) << root;
    EXPECT_EQ(std::memcmp(read.contiguous().data_ptr(), values.data(), values.size()), 0) << root;
  }
  expect_refused(testing::stored_zip({{"data/data.pkl", pickle}, {"other/data/0", values}}),
                 "0 tensors");
  expect_refused(testing::stored_zip({{"data.pkl", pickle}, {"data/0", values}}), "no entry");
  expect_refused(
      testing::stored_zip(
          {{"data/data.pkl", pickle}, {"data/byteorder", "big"}, {"data/data/0", values}}),
      "byte order is 'big'");
}

TEST_F(TorchFile, RefusesWhatIsNotOneTensor) {
  expect_error([&] { read_torch_tensor(path_); }, {path_.string(), "cannot read"});
  expect_error([&] { read_torch_tensor(folder_.path()); }, {"cannot read"});
  const torch::Tensor values = torch::randn({4, 2});
  expect_refused("", "no zip archive");
  expect_refused("text that is no archive", "no zip archive");
  expect_refused(std::string("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9", 9), "before PyTorch 1.6");
  expect_refused(pickled(c10::IValue(3)), "0 tensors");
  expect_refused(pickled(c10::impl::toList<at::Tensor>(c10::List<at::Tensor>({values}))),
                 "it holds");
  c10::Dict<std::string, torch::Tensor> two;
  two.insert("a", values);
  two.insert("b", values + 1);
  expect_refused(pickled(two), "2 tensors");
  expect_refused(pickled(torch::ones({1}).expand({1000})), "contiguous");
}

TEST_F(TorchFile, RefusesDamagedArchives) {
  const torch::Tensor values = torch::randn({64, 16});
  const std::string good = pickled(values);
  for (const size_t size : {good.size() - 200, good.size() / 2, size_t{10}}) {
    expect_refused(good.substr(0, size), "truncated");
  }
  const std::string bytes(static_cast<const char*>(values.data_ptr()), values.nbytes());
  const size_t at = good.find(bytes);
  ASSERT_NE(at, std::string::npos);
  std::string bad = good;
  bad[at + 100] = static_cast<char>(bad[at + 100] ^ 1);
  expect_refused(bad, "damaged");
  testing::expect_survives(path_, good, [&] { read_torch_tensor(path_).sum(); });
}

TEST_F(TorchFile, ReadsWhatPyTorchWrites) {
  MKDT_PYTHON_OR_SKIP("torch");
  testing::run_python(R"(
import sys, torch, zipfile
folder = sys.argv[1] + "/"
values = (torch.arange(35).view(5, 7) - 11).double() / 8
torch.save(values.float(), folder + "float.pt")
torch.save(values, folder + "double.pt")
torch.save(values.half(), folder + "half.pth")
for name in ["data", "byteorder", "version", "data.pkl", "n" * 252]:
    torch.save(values, folder + name + ".pt")
torch.save(values.float().t(), folder + "transposed.pt")
torch.save(values.float()[1::2, 2:5], folder + "slice.pt")
torch.save(torch.nn.Parameter(values.float()), folder + "parameter.pt")
torch.save({"z": values}, folder + "dictionary.pt")
torch.save([values, values + 1], folder + "list.pt")
torch.save({"lr": 0.1}, folder + "numbers.pt")
torch.save(values[:1].expand(1000, 7), folder + "expanded.pt")
torch.save(values, folder + "old.pt", _use_new_zipfile_serialization=False)
torch.save(values.to_sparse(), folder + "sparse.pt")

# Archives that no checksum speaks against, with one entry replaced.
def alter(name, change):
    with zipfile.ZipFile(folder + "double.pt") as old, zipfile.ZipFile(folder + name, "x") as new:
        for entry in old.namelist():
            new.writestr(entry, change(entry, old.read(entry)))
        assert any(old.read(entry) != new.read(entry) for entry in old.namelist()), name
alter("cuda.pt", lambda entry, data: data.replace(b"\3\0\0\0cpu", b"\6\0\0\0cuda:0"))
alter("short.pt", lambda entry, data: data[:-1] if entry.endswith("/0") else data)
alter("other.pt", lambda entry, data: data.replace(b"\1\0\0\0" + b"0", b"\1\0\0\0" + b"9"))
alter("shape.pt", lambda entry, data: data.replace(b"K\7K\1\x86", b"K\xffK\1\x86"))
alter("cut.pt", lambda entry, data: data[:40] if entry.endswith("data.pkl") else data)
)",
                      {folder_.path().string()});
  const torch::Tensor values = (torch::arange(35, torch::kFloat64).view({5, 7}) - 11) / 8;
  const torch::Tensor floats = values.to(torch::kFloat32);
  const auto read = [&](const char* name) { return read_array(folder_ / name, "z").values; };
  EXPECT_TRUE(torch::equal(read("float.pt"), floats));
  EXPECT_TRUE(torch::equal(read("double.pt"), values));
  EXPECT_TRUE(torch::equal(read("half.pth"), values.to(torch::kFloat16)));
  for (const std::string& name :
       {std::string("data"), std::string("byteorder"), std::string("version"),
        std::string("data.pkl"), std::string(252, 'n')}) {
    EXPECT_TRUE(torch::equal(read((name + ".pt").c_str()), values)) << name;
  }
  EXPECT_TRUE(torch::equal(read("transposed.pt"), floats.t()));
  EXPECT_TRUE(torch::equal(read("slice.pt"), floats.slice(0, 1, 5, 2).slice(1, 2, 5)));
  EXPECT_TRUE(torch::equal(read("cuda.pt"), values));
  for (const auto& [name, reason] :
       std::map<std::string, std::string>{{"short.pt", "more values than the file"},
                                          {"shape.pt", "does not lie in its storage"}}) {
    expect_error([&, name = name] { read(name.c_str()); }, {name, reason});
  }
  for (const char* name : {"other.pt", "cut.pt", "parameter.pt", "dictionary.pt", "list.pt",
                           "numbers.pt", "expanded.pt", "old.pt", "sparse.pt"}) {
    expect_error([&] { read(name); },
                 {name, "expected one tensor saved with torch.save(tensor, path)"});
  }
}

}  // namespace
}  // namespace mkdt
