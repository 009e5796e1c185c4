#include "mkdt/data/image_store.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/image_folder.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/safetensors.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::random_pixels;
using testing::TemporaryFolder;

// Files of an hour ago: of younger ones nothing is kept.
void age(const fs::path& file, int hours = 1) {
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours));
}

class ImageStoreTest : public ::testing::Test {
 protected:
  torch::Tensor write(const std::string& name, int64_t channels, uint64_t seed) {
    const torch::Tensor image = random_pixels({channels, 8, 8}, seed);
    write_png(images_ / name, image);
    age(images_ / name);
    return image;
  }
  torch::Tensor read() {
    ReadOptions options;
    options.cache = cache_;
    return read_image_folder(images_, options, silent_).train.images;
  }
  // A store of twelve images of 512 pixels, five of which are a block. decode fills row r with r.
  ImageStore twelve() {
    std::vector<fs::path> files;
    for (int i = 0; i < kRows; ++i) {
      files.push_back(images_ / std::to_string(i));
      if (fs::exists(files.back())) continue;
      write_text_atomically(files.back(), "picture");
      age(files.back());
    }
    return ImageStore(cache_, images_, files, 0);
  }
  Decoded decode(int64_t row, const torch::Tensor& plane) {
    ++decoded_;
    plane.fill_(row);
    return Decoded::kColour;
  }
  ImageStore::Decode decoding() {
    return [this](int64_t row, const torch::Tensor& plane) { return decode(row, plane); };
  }
  static void expect_twelve(const torch::Tensor& images) {
    ASSERT_EQ(images.sizes(), (std::vector<int64_t>{kRows, 3, kSize, kSize}));
    for (int64_t row = 0; row < kRows; ++row) {
      EXPECT_TRUE(images[row].eq(row).all().item<bool>()) << row;
    }
  }
  fs::path partial() const {
    for (const StoredImages& entry : stored_images(cache_)) {
      if (entry.path.extension() == ".partial") return entry.path;
    }
    return {};
  }

  static constexpr int64_t kRows = 12, kSize = 512;
  TemporaryFolder folder_;
  fs::path images_ = folder_ / "a folder";
  Cache cache_ = {folder_ / "cache"};
  std::atomic<int> decoded_{0};
  Observer silent_;
};

TEST_F(ImageStoreTest, ImagesAreDecodedOnce) {
  const torch::Tensor all = torch::stack({write("a.png", 3, 1), write("b.png", 3, 2)});
  EXPECT_TRUE(torch::equal(read(), all));
  // Who reads the file now, sees that it is none.
  const auto size = fs::file_size(images_ / "a.png");
  const auto time = fs::last_write_time(images_ / "a.png");
  write_text_atomically(images_ / "a.png", std::string(size, 'x'));
  fs::last_write_time(images_ / "a.png", time);
  EXPECT_TRUE(torch::equal(read(), all));
  age(images_ / "a.png", 2);
  EXPECT_THROW(read(), Error);
}

TEST_F(ImageStoreTest, AChangedPictureIsDecodedAgain) {
  write("a.png", 3, 1);
  const torch::Tensor b = write("b.png", 3, 2);
  read();
  const torch::Tensor other = write("a.png", 3, 3);
  age(images_ / "a.png", 3);
  EXPECT_TRUE(torch::equal(read(), torch::stack({other, b})));
}

TEST_F(ImageStoreTest, GreyImagesHaveOneChannel) {
  const torch::Tensor all = torch::stack({write("a.png", 1, 1), write("b.png", 1, 2)});
  EXPECT_TRUE(torch::equal(read(), all));
  EXPECT_TRUE(torch::equal(read(), all));
}

TEST_F(ImageStoreTest, PicturesOfThisMomentAreNotKept) {
  write_png(images_ / "a.png", random_pixels({3, 8, 8}, 1));
  read();
  EXPECT_TRUE(stored_images(cache_).empty());
}

TEST_F(ImageStoreTest, WhereItCannotBeWrittenImagesAreDecodedAllTheSame) {
  const torch::Tensor image = write("a.png", 3, 1);
  write_text_atomically(cache_.folder, "a file where the folder should be");
  EXPECT_TRUE(torch::equal(read(), image.unsqueeze(0)));
}

TEST_F(ImageStoreTest, GoesOnAfterAnInterruption) {
  const ImageStore store = twelve();
  EXPECT_THROW(store.fill(
                   kSize,
                   [this](int64_t row, const torch::Tensor& plane) {
                     if (row == 11) throw Error("interrupted");
                     return decode(row, plane);
                   },
                   silent_),
               Error);
  EXPECT_FALSE(store.find(silent_).defined());
  decoded_ = 0;
  expect_twelve(store.fill(kSize, decoding(), silent_));
  EXPECT_EQ(decoded_, 2);  // the last block's
  expect_twelve(store.find(silent_));
}

TEST_F(ImageStoreTest, ABlockThatDidNotArriveIsDecodedAgain) {
  const ImageStore store = twelve();
  const auto interrupted = [this](int64_t row, const torch::Tensor& plane) {
    if (row == 11) throw Error("interrupted");
    return decode(row, plane);
  };
  EXPECT_THROW(store.fill(kSize, interrupted, silent_), Error);
  {
    std::fstream file(partial(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(partial()) - 7 * 3 * kSize * kSize));
    file.put('\x7f');  // in row 5
  }
  decoded_ = 0;
  expect_twelve(store.fill(kSize, decoding(), silent_));
  EXPECT_EQ(decoded_, 7);
}

TEST_F(ImageStoreTest, IsNotFinishedWithADamagedPicture) {
  const ImageStore store = twelve();
  const auto with_damage = [this](int64_t row, const torch::Tensor& plane) {
    return row == 6 ? Decoded::kDamaged : decode(row, plane);
  };
  EXPECT_FALSE(store.fill(kSize, with_damage, silent_).defined());
  EXPECT_FALSE(store.find(silent_).defined());
  decoded_ = 0;
  expect_twelve(store.fill(kSize, decoding(), silent_));
  EXPECT_EQ(decoded_, 5);
}

TEST_F(ImageStoreTest, AFileThatWasCutOffIsReplaced) {
  const ImageStore store = twelve();
  store.fill(kSize, decoding(), silent_);
  const fs::path path = stored_images(cache_).at(0).path;
  fs::resize_file(path, fs::file_size(path) - 1);
  EXPECT_FALSE(store.find(silent_).defined());
  expect_twelve(store.fill(kSize, decoding(), silent_));
}

TEST_F(ImageStoreTest, KilledAtRandomMomentsItNeverGivesAWrongPicture) {
  const ImageStore store = twelve();
  std::srand(1);
  for (int i = 0; i < 50; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(STDERR_FILENO);
      try {
        store.fill(
            kSize,
            [](int64_t row, const torch::Tensor& plane) {
              ::usleep(300);
              plane.fill_(row);
              return Decoded::kColour;
            },
            silent_);
      } catch (const std::exception&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(std::rand() % 12'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const torch::Tensor images = store.find(silent_);
    if (!images.defined()) continue;
    expect_twelve(images);
    clear(cache_);
  }
  expect_twelve(store.fill(kSize, decoding(), silent_));
  EXPECT_EQ(stored_images(cache_).size(), 1U);
}

TEST_F(ImageStoreTest, TheCacheIsListedAndCleared) {
  EXPECT_TRUE(stored_images(cache_).empty());
  const ImageStore store = twelve();
  const torch::Tensor images = store.fill(kSize, decoding(), silent_);
  const std::vector<StoredImages> entries = stored_images(cache_);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].root, fs::canonical(images_).string());
  EXPECT_GT(entries[0].bytes, images.numel());
  clear(cache_);
  EXPECT_TRUE(stored_images(cache_).empty());
  expect_twelve(images);  // is mapped
}

// A variable of the environment, which has its old value again in the end.
class Variable {
 public:
  explicit Variable(const char* name) : name_(name) {
    if (const char* const value = std::getenv(name)) old_ = value;
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { old_ ? set(old_->c_str()) : unset(); }
  void set(const char* value) const { ::setenv(name_, value, 1); }
  void unset() const { ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST(CacheOfTest, FollowsTheOptionAndTheEnvironment) {
  const Variable caches("XDG_CACHE_HOME"), home("HOME");
  EXPECT_TRUE(cache_of("none").folder.empty());
  EXPECT_EQ(cache_of("/somewhere").folder, "/somewhere");
  EXPECT_EQ(cache_of("/somewhere").least_bytes, 0);
  caches.set("/caches");
  EXPECT_EQ(cache_of("auto").folder, "/caches/mkdt");
  caches.set("relative");  // has to be ignored, says the specification
  home.set("/home/someone");
  EXPECT_EQ(cache_of("auto").folder, "/home/someone/.cache/mkdt");
  home.unset();
  EXPECT_TRUE(cache_of("auto").folder.empty());
}

}  // namespace
}  // namespace mkdt
