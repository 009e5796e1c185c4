// Readers of data before files that someone has damaged on purpose (docs/design/reliability.md).
#include <fstream>

#include <gtest/gtest.h>
#include <zlib.h>

#include "mkdt/data/cifar.h"
#include "mkdt/data/idx.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/image_folder.h"
#include "mkdt/data/image_list.h"
#include "mkdt/data/representations.h"
#include "mkdt/data/resize.h"
#include "mkdt/io/pickle.h"
#include "mkdt/io/torch_file.h"
#include "mkdt/io/zip.h"
#include "tests/data/data_fixture.h"
#include "tests/data/image_encoders.h"
#include "tests/fixtures/mutation.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/valid_files.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::expect_refuses_what_is_no_file;
using testing::expect_survives;

class HostileFiles : public ::testing::Test {
 protected:
  void survive(const std::string& parser, const std::function<void()>& read) {
    const auto files = testing::valid_files();
    for (const std::string& bytes : files.at(parser)) {
      expect_survives(path_, bytes, read, 20);
    }
    expect_refuses_what_is_no_file(path_, read);
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "file";
};

TEST_F(HostileFiles, Png) {
  survive("png", [&] { read_image(path_).sum(); });
}

TEST_F(HostileFiles, Jpeg) {
  survive("jpeg", [&] { read_image(path_).sum(); });
}

TEST_F(HostileFiles, TorchFile) {
  survive("torch_file", [&] {
    try {
      read_torch_tensor(path_).sum();
    } catch (const Error&) {
      read_torch_dictionary(path_);
    }
  });
}

TEST_F(HostileFiles, DictionaryPickle) {
  const std::string pickle = testing::valid_files().at("dictionary_pickle").at(0);
  const DictionaryPickle dictionary = parse_dictionary_pickle(pickle);
  EXPECT_EQ(dictionary.tensors.at("mean").sizes, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(dictionary.texts.at("kind"), "encoder");
  EXPECT_EQ(dictionary.dictionaries.at("metadata").texts.at("a"), "b");
  for (uint64_t number = 0; number < 300; ++number) {
    try {
      parse_dictionary_pickle(testing::mutated(pickle, number));
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
  // Dictionaries within each other would take the stack.
  std::string deep = "\x80\x02}(";
  for (int level = 0; level < 10'000; ++level) deep += std::string("X\0\0\0\0}(", 7);
  expect_error([&] { parse_dictionary_pickle(deep); }, {"fewer dictionaries within each other"});
  expect_error([&] { parse_dictionary_pickle("\x80\x02}(X\xff\xff\xff\xff"); }, {"bytes at byte"});
  expect_error([&] { parse_dictionary_pickle(testing::tensor_pickle_bytes()); },
               {"expected a dictionary"});
}

TEST_F(HostileFiles, RowNames) {
  survive("row_names", [&] { check_row_names(path_, {"train/a/1.png", "train/b/2.png"}); });
}

TEST_F(HostileFiles, Idx) {
  survive("idx", [&] {
    try {
      read_idx_file(path_, 3).sum();
    } catch (const Error&) {
      read_idx_file(path_, 1).sum();
    }
  });
}

TEST_F(HostileFiles, Cifar) {
  path_ = folder_ / "data_batch_1.bin";
  Observer silent;
  const auto read = [&] { read_cifar(folder_.path(), {}, silent); };
  expect_survives(path_, std::string(3 * 3073, '\3'), read);
  expect_refuses_what_is_no_file(path_, read);
  write_text_atomically(path_, std::string(3073, '\1'));
  path_ = folder_ / "batches.meta.txt";
  expect_survives(path_, "apple\nbear\ncat\n", read, 0);
  expect_error(
      [&] {
        std::ofstream(path_) << std::string(2 << 20, '\n');
        read();
      },
      {"batches.meta.txt", "too many"});
}

// The pickle by itself, as the archive's checksum hides it from the mutations above.
TEST_F(HostileFiles, TensorPickle) {
  const std::string pickle = testing::tensor_pickle_bytes();
  const std::string values(24, '\x3F');
  const auto archive = [&](const std::string& bytes) {
    write_text_atomically(path_,
                          testing::stored_zip({{"z/data.pkl", bytes}, {"z/data/0", values}}));
  };
  archive(pickle);
  EXPECT_EQ(read_torch_tensor(path_).sizes(), (torch::IntArrayRef{3, 2}));
  EXPECT_EQ(read_torch_tensor(path_).strides(), (torch::IntArrayRef{1, 3}));
  int refused = 0;
  for (uint64_t number = 0; number < 300; ++number) {
    archive(testing::mutated(pickle, number));
    try {
      const torch::Tensor read = read_torch_tensor(path_);
      EXPECT_LE(read.numel() * static_cast<int64_t>(read.element_size()), 24) << number;
      read.sum();
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 200);
}

// libtorch's reader of pickles takes 64 GB for a reference with that number.
TEST_F(HostileFiles, PicklesAreNotRun) {
  const auto refuse = [&](const std::string& pickle, const std::string& part) {
    write_text_atomically(path_,
                          testing::stored_zip({{"z/data.pkl", pickle}, {"z/data/0", "xxxx"}}));
    expect_error([&] { read_torch_tensor(path_); }, {"file: expected one tensor", part});
  };
  refuse(std::string("\x80\x02]r\xFF\xFF\xFF\xFF.", 9), "it holds no tensor");
  refuse(std::string("\x80\x02") + "cos\nsystem\n.", "it holds a 'os system'");
  refuse(std::string(70'000, '('), "it holds more than a tensor");
  refuse("", "its pickle: expected");
  std::string rank = testing::tensor_pickle_bytes();
  const size_t sizes = rank.find("K\x03K\x02\x86");
  std::string ones;
  for (int i = 0; i < 40; ++i) ones += "K\x01";
  rank.replace(sizes, 5, "(" + ones + "t");
  refuse(rank, "fewer dimensions");
}

TEST_F(HostileFiles, ArchivesAreNoLargerThanTheirFile) {
  std::string archive = testing::stored_zip({{"z/data.pkl", "x"}, {"z/data/0", "four"}});
  const size_t list = archive.find("PK\x01\x02");
  archive.replace(list + 24, 4, std::string("\0\0\0\x7F", 4));
  write_text_atomically(path_, archive);
  expect_error([&] { read_torch_tensor(path_); }, {"'z/data.pkl' would have 2130706432 bytes"});
  archive = testing::stored_zip({{"z/byteorder", "big"}});
  write_text_atomically(path_, archive);
  expect_error([&] { read_torch_tensor(path_); }, {"its byte order is 'big'"});
}

// A chunk of a PNG file with the right checksum.
std::string chunk(const std::string& letters, const std::string& contents) {
  const auto number = [](uLong value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
    return bytes;
  };
  const std::string summed = letters + contents;
  const uLong sum =
      crc32(0, reinterpret_cast<const Bytef*>(summed.data()), static_cast<uInt>(summed.size()));
  return number(contents.size()) + summed + number(sum);
}

// Each text unpacks to 32 MiB; together they took 6 GiB.
TEST_F(HostileFiles, PngTextsAreNotUnpacked) {
  const std::string zeros(32 << 20, ' ');
  uLongf size = compressBound(zeros.size());
  std::string packed(size, '\0');
  ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                      reinterpret_cast<const Bytef*>(zeros.data()), zeros.size(), 9),
            Z_OK);
  packed.resize(size);
  const std::string text = chunk("zTXt", std::string("key\0\0", 5) + packed);
  std::string png = testing::png_bytes(testing::random_pixels({4, 12}), 4, {PNG_COLOR_TYPE_RGB, 8});
  for (int i = 0; i < 200; ++i) png.insert(33, text);
  expect_survives(
      path_, png, [&] { read_image(path_); }, 0);
}

TEST_F(HostileFiles, JpegSizesMustFitTheirBytes) {
  std::string jpeg = testing::jpeg_bytes(testing::random_pixels({8, 8, 3}));
  const size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\x20\x01\x20\x01");  // 8193 × 8193
  write_text_atomically(path_, jpeg);
  expect_error([&] { read_image(path_); }, {"8193×8193 pixels cannot be in"});
}

// One scan after another over 36 million pixels: the decoder's time is bounded, not only their
// number.
TEST_F(HostileFiles, JpegPassesAreBounded) {
  const torch::Tensor pixels = torch::zeros({6000, 6000, 1}, torch::kUInt8);
  const std::string jpeg = testing::jpeg_bytes(pixels, "", true);
  const size_t begin = jpeg.rfind("\xFF\xDA");
  ASSERT_NE(begin, std::string::npos);
  const std::string scan = jpeg.substr(begin, jpeg.size() - 2 - begin);
  std::string many = jpeg.substr(0, jpeg.size() - 2);
  for (int i = 0; i < 90; ++i) many += scan;
  write_text_atomically(path_, many + "\xFF\xD9");
  expect_error([&] { read_image(path_); }, {"damaged JPEG image"});
}

// A line of pixels, to be enlarged: it took memory for its whole length at the new width.
TEST_F(HostileFiles, LongLinesAreResizedInLittleMemory) {
  const torch::Tensor image = torch::full({1, 20'000'000, 1}, 7, torch::kUInt8);
  const torch::Tensor square = resize_and_crop(image, 512);
  EXPECT_TRUE((square == 7).all().item<bool>());
  EXPECT_EQ(square.size(1), 512);
}

TEST_F(HostileFiles, FoldersThatLinkToThemselves) {
  std::filesystem::create_directories(folder_ / "a");
  std::filesystem::create_directories(folder_ / "b");
  write_png(folder_ / "a/x.png", testing::random_pixels({3, 4, 4}));
  write_png(folder_ / "b/x.png", testing::random_pixels({3, 4, 4}));
  std::filesystem::create_symlink("..", folder_ / "a/up");
  std::filesystem::create_symlink("..", folder_ / "b/up");
  expect_error([&] { list_images(folder_.path()); }, {"more than 16 folders deep"});
}

TEST_F(HostileFiles, LargePicturesOfAFolderNeedASize) {
  write_png(folder_ / "x.png", torch::zeros({1, 600, 600}, torch::kUInt8));
  Observer silent;
  expect_error([&] { read_image_folder(folder_.path(), {}, silent); },
               {"x.png: 600×600 pixels, expected at most 512", "data.image_size"});
  EXPECT_EQ(read_image_folder(folder_.path(), {32, 0}, silent).train.size(), 1);
}

TEST_F(HostileFiles, LabelsAreBounded) {
  write_text_atomically(path_, std::string("\0\0\x08\x01\x7F\xFF\xFF\xFFx", 9));
  expect_error([&] { read_idx_file(path_, 1); }, {"impossible sizes [2147483647]"});
}

}  // namespace
}  // namespace mkdt
