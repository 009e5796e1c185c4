#include "mkdt/run/source_fingerprint.h"

#include <chrono>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/run/manifest.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

// Nothing is decoded: any bytes will do.
class SourceFingerprint : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text = "") {
    write_text_atomically(folder_ / name, text.empty() ? name : text);
  }
  std::string fingerprint(const Fingerprints& recorded = {}) const {
    return folder_fingerprint(folder_.path().string(), "none", "data.root", Observer(), recorded);
  }

  TemporaryFolder folder_;
};

// Runs that were made by version 0.1.0 stay made.
TEST_F(SourceFingerprint, OfPlainFoldersIsWhatItWas) {
  for (const char* name :
       {"train/dog-house/1.png", "train/dog/1.png", "test/dog/2.png", "test/dog-house/2.png"}) {
    write(name);
  }
  std::string listing;  // sorted as paths, part by part
  for (const char* name :
       {"test/dog/2.png", "test/dog-house/2.png", "train/dog/1.png", "train/dog-house/1.png"}) {
    listing += name + (" " + checksum(std::string_view(name))) + "\n";
  }
  EXPECT_EQ(fingerprint(), checksum(std::string_view(listing)));
  EXPECT_EQ(folder_fingerprint(folder_.path().string() + "/", "none", "data.root"), fingerprint());
}

TEST_F(SourceFingerprint, CountsOnlyWhatIsRead) {
  write("a/1.png");
  write("b/1.jpg");
  const std::string before = fingerprint();
  write(".DS_Store");
  write("a/Thumbs.db");
  write("README.md");
  write(".Trash-0/1.png");
  write_text_atomically(folder_ / "run/lock.json", R"({"host": "x", "pid": 3})");
  write("run/distill/contact_sheet.png");
  EXPECT_EQ(fingerprint(), before);
  write("b/2.jpg");
  EXPECT_NE(fingerprint(), before);
  fs::remove(folder_ / "b/2.jpg");
  write("b/1.jpg", "other");
  EXPECT_NE(fingerprint(), before);
}

TEST_F(SourceFingerprint, OfOtherFormatsCountsTheirFiles) {
  write("data_batch_1.bin");
  write("test_batch.bin");
  write("batches.meta.txt");
  const std::string cifar = fingerprint();
  write("readme.html");
  EXPECT_EQ(fingerprint(), cifar);
  write("test_batch.bin", "other");
  EXPECT_NE(fingerprint(), cifar);

  fs::remove(folder_ / "data_batch_1.bin");
  write("train-images-idx3-ubyte");
  write("train-labels-idx1-ubyte");
  const std::string idx = fingerprint();
  write("README");
  EXPECT_EQ(fingerprint(), idx);
  write("t10k-images-idx3-ubyte");
  write("t10k-labels-idx1-ubyte");
  EXPECT_NE(fingerprint(), idx);
}

TEST_F(SourceFingerprint, FollowsLinks) {
  const TemporaryFolder elsewhere;
  write_text_atomically(elsewhere / "1.png", "one");
  write("b/1.png");
  fs::create_directory_symlink(elsewhere.path(), folder_ / "a");
  const std::string before = fingerprint();
  write_text_atomically(elsewhere / "1.png", "another");
  EXPECT_NE(fingerprint(), before);
}

// What 0.1.0 recorded of a folder with other files in it counts as long as nothing changes there.
TEST_F(SourceFingerprint, KeepsWhatOlderVersionsRecorded) {
  write("a/1.png");
  write("b/1.png");
  write("words.txt");
  std::string listing;
  for (const char* name : {"a/1.png", "b/1.png", "words.txt"}) {
    listing += name + (" " + checksum(std::string_view(name))) + "\n";
  }
  const std::string older = checksum(std::string_view(listing));
  const TemporaryFolder run;
  Manifest manifest;
  manifest.stage = "teacher";
  manifest.inputs = {{"data", older}, {"data set x", "0"}, {"teacher/x.safetensors", "1"}};
  fs::create_directory(run / "teacher");
  write_manifest(run / "teacher/manifest.json", manifest);
  const Fingerprints recorded = recorded_fingerprints(run.path());
  EXPECT_EQ(recorded, (Fingerprints{older, "0"}));
  EXPECT_EQ(fingerprint(recorded), older);
  EXPECT_NE(fingerprint(), older);
  write("words.txt", "other");
  EXPECT_EQ(fingerprint(recorded), fingerprint());
}

TEST_F(SourceFingerprint, IsKeptAsLongAsNamesSizesAndTimesAre) {
  const TemporaryFolder cache;
  const auto with_cache = [&] {
    return folder_fingerprint(folder_.path().string(), cache.path().string(), "data.root");
  };
  const fs::path file = folder_ / "a/1.png";
  const auto write_at = [&](const std::string& text, int hours) {
    write("a/1.png", text);
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  write_at("one", 1);
  const std::string one = with_cache();
  EXPECT_EQ(one, fingerprint());
  const auto time = fs::last_write_time(file);
  write_at("two", 1);
  fs::last_write_time(file, time);
  EXPECT_EQ(with_cache(), one);
  EXPECT_NE(fingerprint(), one);
  write_at("two", 2);
  EXPECT_EQ(with_cache(), fingerprint());
  for (const auto& kept : fs::directory_iterator(cache.path() / "fingerprints")) {
    write_text_atomically(kept.path(), "{");  // cut off
  }
  EXPECT_EQ(with_cache(), fingerprint());
}

TEST_F(SourceFingerprint, NamesTheOptionOfAFolderThatIsNotThere) {
  try {
    folder_fingerprint((folder_ / "none").string(), "none", "evaluate.datasets");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "evaluate.datasets: no such folder: '" + (folder_ / "none").string() + "'");
  }
}

}  // namespace
}  // namespace mkdt
