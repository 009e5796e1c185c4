#include <gtest/gtest.h>

#include "mkdt/data/image_file.h"
#include "mkdt/data/png.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::random_pixels;
using testing::TemporaryFolder;

TEST(PictureMark, IsInMarkedPicturesAlone) {
  const TemporaryFolder folder;
  const torch::Tensor image = random_pixels({3, 8, 8});
  write_marked_png(folder / "marked.png", image);
  write_png(folder / "plain.png", image);
  write_text_atomically(folder / "short.png", "\x89PNG");
  EXPECT_TRUE(is_marked_picture(folder / "marked.png"));
  EXPECT_FALSE(is_marked_picture(folder / "plain.png"));
  EXPECT_FALSE(is_marked_picture(folder / "short.png"));
  EXPECT_FALSE(is_marked_picture(folder / "none.png"));
  EXPECT_TRUE(has_mark(read_text(folder / "marked.png").substr(0, kMarkedBytes)));
}

TEST(PictureMark, ChangesNoPixel) {
  const torch::Tensor image = random_pixels({3, 9, 7});
  EXPECT_TRUE(torch::equal(decode_png(with_mark(encode_png(image)), "x"), image));
}

TEST(PictureMark, IsReadByOtherPrograms) {
  MKDT_PYTHON_OR_SKIP("PIL");
  const TemporaryFolder folder;
  write_marked_png(folder / "x.png", random_pixels({1, 8, 8}));
  testing::run_python(R"(
import sys
from PIL import Image
image = Image.open(sys.argv[1])
image.load()
assert image.text == {"Software": "mkdt"}, image.text
)",
                      {(folder / "x.png").string()});
}

}  // namespace
}  // namespace mkdt
