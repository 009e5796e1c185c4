#include "mkdt/data/image_file.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <zlib.h>

#include "tests/data/data_fixture.h"
#include "tests/data/image_encoders.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::exif_bytes;
using testing::expect_error;
using testing::expect_survives;
using testing::jpeg_bytes;
using testing::png_bytes;
using testing::random_pixels;
using testing::TemporaryFolder;

class ImageFile : public ::testing::Test {
 protected:
  torch::Tensor read(const std::string& bytes, const std::string& name = "image") {
    write_text_atomically(folder_ / name, bytes);
    return read_image(folder_ / name);
  }

  TemporaryFolder folder_;
};

// [H,W,3], smooth, so that JPEG hardly changes it.
torch::Tensor smooth_pixels(int64_t height, int64_t width) {
  const torch::Tensor y = torch::arange(height).view({height, 1}).expand({height, width});
  const torch::Tensor x = torch::arange(width).view({1, width}).expand({height, width});
  return torch::stack({40 + 5 * y, 200 - 4 * x, 60 + 2 * x + 3 * y}, 2).to(torch::kUInt8);
}

int64_t largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.to(torch::kInt64) - b.to(torch::kInt64)).abs().max().item<int64_t>();
}

// A PNG file whose header promises side × side pixels and has the right checksum.
std::string with_png_size(std::string bytes, uint32_t side) {
  const auto put = [&](size_t place, uLong value) {
    for (size_t i = 0; i < 4; ++i) bytes[place + i] = static_cast<char>(value >> (24 - 8 * i));
  };
  put(16, side);
  put(20, side);
  put(29, crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + 12), 17));
  return bytes;
}

TEST_F(ImageFile, WrittenPngComesBackExactly) {
  for (const int64_t channels : {1, 3}) {
    const torch::Tensor image = random_pixels({channels, 7, 13});
    write_png(folder_ / "deeper/a.png", image);
    EXPECT_TRUE(torch::equal(read_image(folder_ / "deeper/a.png"), image));
  }
}

TEST_F(ImageFile, WritePngTakesStridedImages) {
  const torch::Tensor image = random_pixels({5, 9, 3}).permute({2, 0, 1});
  write_png(folder_ / "a.png", image);
  EXPECT_TRUE(torch::equal(read_image(folder_ / "a.png"), image));
}

TEST_F(ImageFile, ColourJpegIsCloseToItsPixels) {
  const torch::Tensor pixels = smooth_pixels(20, 28);
  for (const bool progressive : {false, true}) {
    const torch::Tensor image = read(jpeg_bytes(pixels, "", progressive));
    EXPECT_LE(largest_difference(image, pixels.permute({2, 0, 1})), 4);
  }
}

TEST_F(ImageFile, GreyJpegHasOneChannel) {
  const torch::Tensor pixels = smooth_pixels(16, 24).narrow(2, 0, 1);
  EXPECT_LE(largest_difference(read(jpeg_bytes(pixels)), pixels.permute({2, 0, 1})), 3);
}

TEST_F(ImageFile, CmykJpegBecomesRgb) {
  // Full colour, no black: CMYK as Adobe inverts it is RGB and 255.
  const torch::Tensor rgb = smooth_pixels(16, 16);
  const torch::Tensor white = torch::full({16, 16, 1}, 255, torch::kUInt8);
  const std::string ycck = jpeg_bytes(torch::cat({rgb, white}, 2), "", false, JCS_YCCK);
  EXPECT_LE(largest_difference(read(ycck), rgb.permute({2, 0, 1})), 4);
  // Half black darkens all three alike.
  const torch::Tensor cmyk = torch::cat({rgb, torch::full({16, 16, 1}, 128, torch::kUInt8)}, 2);
  const torch::Tensor expected = rgb.permute({2, 0, 1}).to(torch::kFloat32).mul(128.0 / 255);
  EXPECT_LE(largest_difference(read(jpeg_bytes(cmyk)), expected.round().to(torch::kUInt8)), 3);
}

TEST_F(ImageFile, CmykJpegWithoutAdobeMarkerIsNotInverted) {
  const torch::Tensor rgb = smooth_pixels(16, 16);
  const torch::Tensor ink = torch::cat({255 - rgb, torch::zeros({16, 16, 1}, torch::kUInt8)}, 2);
  std::string bytes = jpeg_bytes(ink, "", false, JCS_CMYK);
  const size_t adobe = bytes.find("Adobe");
  ASSERT_NE(adobe, std::string::npos);
  bytes[adobe] = 'B';
  EXPECT_LE(largest_difference(read(bytes), rgb.permute({2, 0, 1})), 4);
}

TEST_F(ImageFile, ExifOrientationIsApplied) {
  const torch::Tensor pixels = smooth_pixels(12, 20);
  const torch::Tensor stored = read(jpeg_bytes(pixels));
  const int64_t height = stored.size(1);
  const int64_t width = stored.size(2);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const torch::Tensor image =
        read(jpeg_bytes(pixels, exif_bytes(static_cast<char>(orientation))));
    const bool turned = orientation >= 5;
    ASSERT_EQ(image.size(1), turned ? width : height) << orientation;
    // Where the stored pixel (row, column) belongs, by the table in the EXIF standard.
    for (const int64_t row : {int64_t{0}, height - 1, int64_t{3}}) {
      for (const int64_t column : {int64_t{0}, width - 1, int64_t{5}}) {
        const int64_t up = height - 1 - row;
        const int64_t left = width - 1 - column;
        const std::pair<int64_t, int64_t> places[] = {{row, column}, {row, left},   {up, left},
                                                      {up, column},  {column, row}, {column, up},
                                                      {left, up},    {left, row}};
        const auto [y, x] = places[orientation - 1];
        EXPECT_TRUE(
            torch::equal(image.select(1, y).select(1, x), stored.select(1, row).select(1, column)))
            << orientation;
      }
    }
  }
}

TEST_F(ImageFile, ImpossibleOrientationIsIgnored) {
  const torch::Tensor pixels = smooth_pixels(12, 20);
  for (const char orientation : {0, 9}) {
    EXPECT_TRUE(
        torch::equal(read(jpeg_bytes(pixels, exif_bytes(orientation))), read(jpeg_bytes(pixels))));
  }
  EXPECT_EQ(read(jpeg_bytes(pixels, exif_bytes(6).substr(0, 20))).size(1), 12);
  EXPECT_EQ(read(jpeg_bytes(pixels, "http://ns.adobe.com/xap/1.0/")).size(1), 12);
}

TEST_F(ImageFile, PngKinds) {
  const int64_t height = 6;
  const int64_t width = 5;
  const torch::Tensor rgba = random_pixels({height, width, 4});
  const torch::Tensor colour = rgba.narrow(2, 0, 3).to(torch::kFloat64);
  const torch::Tensor opacity = rgba.narrow(2, 3, 1).to(torch::kFloat64) / 255;
  const torch::Tensor on_white = (colour * opacity + 255 * (1 - opacity)).permute({2, 0, 1});
  EXPECT_LE(
      largest_difference(read(png_bytes(rgba.flatten(1), width, {PNG_COLOR_TYPE_RGB_ALPHA, 8})),
                         on_white.round().to(torch::kUInt8)),
      1);

  const torch::Tensor grey = random_pixels({height, width, 2});
  const torch::Tensor grey_image =
      read(png_bytes(grey.flatten(1), width, {PNG_COLOR_TYPE_GRAY_ALPHA, 8}));
  EXPECT_EQ(grey_image.size(0), 1);

  const torch::Tensor index = random_pixels({height, width});
  torch::Tensor expected = torch::stack({index, 255 - index, torch::full_like(index, 7)});
  expected =
      torch::where((index == 0).expand_as(expected), torch::full_like(expected, 255), expected);
  EXPECT_TRUE(torch::equal(read(png_bytes(index, width, {PNG_COLOR_TYPE_PALETTE, 8})), expected));

  // 16 bits, most significant byte first.
  const torch::Tensor high = random_pixels({height, 3 * width, 2});
  const torch::Tensor full =
      high.select(2, 0).to(torch::kFloat64) * 256 + high.select(2, 1).to(torch::kFloat64);
  const torch::Tensor reduced = (full / 257).round().to(torch::kUInt8).view({height, width, 3});
  EXPECT_TRUE(torch::equal(read(png_bytes(high.flatten(1), width, {PNG_COLOR_TYPE_RGB, 16})),
                           reduced.permute({2, 0, 1})));
}

TEST_F(ImageFile, PngOfFewBitsAndInterlaced) {
  // 1 bit a pixel: 0xA5 is 1 0 1 0 0 1 0 1.
  const torch::Tensor bits = torch::full({2, 1}, 0xA5, torch::kUInt8);
  const torch::Tensor image = read(png_bytes(bits, 8, {PNG_COLOR_TYPE_GRAY, 1}));
  const torch::Tensor row = torch::tensor({255, 0, 255, 0, 0, 255, 0, 255}).to(torch::kUInt8);
  EXPECT_TRUE(torch::equal(image, row.expand({1, 2, 8})));

  const torch::Tensor rgb = random_pixels({9, 11, 3});
  EXPECT_TRUE(torch::equal(read(png_bytes(rgb.flatten(1), 11, {PNG_COLOR_TYPE_RGB, 8, true})),
                           rgb.permute({2, 0, 1})));
}

TEST_F(ImageFile, FormatIsRecognisedByContents) {
  const torch::Tensor rgb = random_pixels({4, 4, 3});
  EXPECT_EQ(read(png_bytes(rgb.flatten(1), 4, {PNG_COLOR_TYPE_RGB, 8}), "png.jpg").size(0), 3);
  expect_error([&] { read("hello, this is text", "text.jpg"); },
               {"text.jpg: not a JPEG or PNG image"});
  expect_error([&] { read("", "empty.png"); }, {"empty.png: not a JPEG or PNG image"});
  expect_error([&] { read_image(folder_ / "missing.png"); }, {"missing.png"});
  expect_error([&] { read_image(folder_.path()); }, {folder_.path().string()});
}

TEST_F(ImageFile, TruncatedFilesAreRefused) {
  const std::string jpeg = jpeg_bytes(smooth_pixels(40, 40));
  const std::string progressive = jpeg_bytes(smooth_pixels(40, 40), "", true);
  const std::string png = png_bytes(random_pixels({40, 120}), 40, {PNG_COLOR_TYPE_RGB, 8});
  for (const double part : {0.3, 0.6, 0.9, 0.99}) {
    const auto cut = [&](const std::string& bytes) {
      return bytes.substr(0, static_cast<size_t>(part * static_cast<double>(bytes.size())));
    };
    expect_error([&] { read(cut(jpeg), "cut.jpg"); }, {"cut.jpg: damaged JPEG image"});
    expect_error([&] { read(cut(progressive), "cut.jpg"); }, {"cut.jpg: damaged JPEG image"});
    expect_error([&] { read(cut(png), "cut.png"); }, {"cut.png: damaged PNG image"});
  }
}

TEST_F(ImageFile, HugePicturesAreRefusedBeforeMemoryIsTaken) {
  std::string jpeg = jpeg_bytes(smooth_pixels(8, 8));
  const size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");  // 65500 × 65500
  expect_error([&] { read(jpeg, "huge.jpg"); }, {"huge.jpg: 65500×65500 pixels"});

  write_png(folder_ / "small.png", random_pixels({1, 8, 8}));
  const std::string small = read_text(folder_ / "small.png");
  expect_error([&] { read(with_png_size(small, 20'000), "huge.png"); },
               {"huge.png: 20000×20000 pixels are more than"});
  expect_error([&] { read(with_png_size(small, 10'000), "bomb.png"); },
               {"bomb.png: damaged PNG image: 10000×10000 pixels cannot be in"});
}

TEST_F(ImageFile, DamagedFilesNeverCrash) {
  const auto read_back = [&] { read_image(folder_ / "damaged"); };
  const torch::Tensor pixels = smooth_pixels(24, 24);
  expect_survives(folder_ / "damaged", jpeg_bytes(pixels, exif_bytes(6)), read_back);
  expect_survives(folder_ / "damaged", jpeg_bytes(pixels, "", true), read_back);
  expect_survives(folder_ / "damaged",
                  png_bytes(pixels.flatten(1), 24, {PNG_COLOR_TYPE_RGB, 8, true}), read_back);
  expect_survives(folder_ / "damaged",
                  png_bytes(random_pixels({24, 24}), 24, {PNG_COLOR_TYPE_PALETTE, 8}), read_back);
}

}  // namespace
}  // namespace mkdt
