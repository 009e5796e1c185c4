#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/data/image_file.h"

namespace mkdt {
namespace {

TEST(FileKind, IsSaidOfWhatIsNoImage) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"RIFF....WEBPVP8 ", "a WebP image"},
      {"GIF89a", "a GIF image"},
      {std::string("BM\x36\x10\0\0\0\0\0\0\x36\0", 12), "a BMP image"},
      {std::string("II*\0\x08", 5), "a TIFF image"},
      {std::string("MM\0*\x08", 5), "a TIFF image"},
      {std::string("\0\0\0 ftypavif", 12), "an AVIF image"},
      {std::string("\0\0\0 ftypheic", 12), "a HEIC image"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer"},
      {"\n<!DOCTYPE HTML>", "an HTML page"},
      {"\xEF\xBB\xBF<html lang=en>", "an HTML page"},
      {"<?xml version='1.0'?><svg/>", "an SVG image"},
      {"<?xml version='1.0'?><Error/>", "an XML file"},
      {"%PDF-1.4", "a PDF document"},
      {"PK\x03\x04", "a zip archive"},
      {std::string(512, '\0'), "zeros"},
      {"", "an empty file"},
  };
  for (const auto& [bytes, kind] : files) EXPECT_EQ(kind_of_file(bytes).rfind(kind, 0), 0U) << kind;
  EXPECT_EQ(kind_of_file("BMW is a text"), "");
  EXPECT_EQ(kind_of_file("plain text"), "");
}

TEST(FileKind, NamesTheRemedy) {
  EXPECT_NE(kind_of_file("GIF87a").find("convert it"), std::string::npos);
  EXPECT_NE(kind_of_file("version https://git-lfs.github.com/").find("git lfs pull"),
            std::string::npos);
}

}  // namespace
}  // namespace mkdt
