#include "mkdt/data/image_list.h"

#include <algorithm>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mkdt/data/dataset.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/png.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/python.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::random_pixels;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

class ImageLists : public ::testing::Test {
 protected:
  // Nothing is decoded: any bytes will do.
  void write(const std::string& name) { write_text_atomically(folder_ / name, name); }
  void write_all(const Names& names) {
    for (const std::string& name : names) write(name);
  }
  ImageListSplits list(const ListOptions& options = {}) {
    return list_images(folder_.path(), options);
  }
  Names train(const ListOptions& options = {}) {
    return names_below(folder_.path(), list(options).train.files);
  }
  Names test(const ListOptions& options = {}) {
    return names_below(folder_.path(), list(options).test.files);
  }
  std::string notes(const ListOptions& options = {}) {
    std::string text;
    for (const Note& note : list(options).notes) {
      text += (note.warning ? "warning: " : "") + note.text + "\n";
    }
    return text;
  }
  void expect_note(const std::string& part, const ListOptions& options = {}) {
    EXPECT_NE(notes(options).find(part), std::string::npos) << part << " in: " << notes(options);
  }

  TemporaryFolder folder_;
};

TEST_F(ImageLists, SplitsAreRecognisedByTheirUsualNames) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"Train", "Test"},          {"TRAIN", "VAL"},         {"training", "testing"},
      {"Training", "Validation"}, {"train", "valid"},       {"training_set", "test_set"},
      {"trainset", "testset"},    {"train2017", "val2017"}, {"train_images", "test_images"},
      {"seg_train", "seg_test"},  {"img_train", "img_val"}, {"train-128", "test-128"}};
  for (const auto& [train_name, test_name] : pairs) {
    const TemporaryFolder folder;
    for (const std::string& name : {train_name, test_name}) {
      for (const char* file : {"a/1.png", "b/1.png"}) {
        write_text_atomically(folder / name / file, "");
      }
    }
    const ImageListSplits found = list_images(folder.path());
    EXPECT_EQ(found.train.class_names, (Names{"a", "b"})) << train_name;
    EXPECT_EQ(names_below(folder.path(), found.train.files),
              (Names{train_name + "/a/1.png", train_name + "/b/1.png"}));
    EXPECT_EQ(names_below(folder.path(), found.test.files),
              (Names{test_name + "/a/1.png", test_name + "/b/1.png"}));
  }
}

TEST_F(ImageLists, WhatLooksLikeASplitAndIsTakenForAClassIsSaid) {
  write_all({"trian/1.png", "tset/1.png", "cat/1.png"});
  EXPECT_EQ(list().train.class_names, (Names{"cat", "trian", "tset"}));
  expect_note("warning: the folders 'trian', 'tset' are taken for classes");
}

TEST_F(ImageLists, WordsThatMayBeClassesAreClassesWithoutATrainingSplit) {
  write_all({"valid/1.png", "invalid/1.png"});
  EXPECT_EQ(list().train.class_names, (Names{"invalid", "valid"}));
  expect_note("'valid'");
}

TEST_F(ImageLists, SeveralFoldersForOneSplitAreRefused) {
  write_all({"train/a/1.png", "Training/a/1.png"});
  expect_error([&] { list(); }, {"several folders for one split: 'Training', 'train'"});
}

TEST_F(ImageLists, FoldersWithoutImagesBesideSplitsDoNotMatter) {
  write_all({"train/a/1.png", "train/b/1.png", "annotations/1.xml"});
  EXPECT_EQ(list().train.class_names, (Names{"a", "b"}));
  write("0.png");
  EXPECT_EQ(train(), (Names{"train/a/1.png", "train/b/1.png"}));
  expect_note("warning: " + folder_.path().string() + ": 1 of the images are not read");
  write("other/1.png");
  expect_error([&] { list(); }, {"beside train/ only", "'other'"});
}

TEST_F(ImageLists, OneLevelTooHighGoesDown) {
  write_all({"set/train/a/1.png", "set/train/b/1.png", "set/test/a/1.png", "set/test/b/1.png",
             "docs/readme.txt"});
  EXPECT_EQ(train(), (Names{"set/train/a/1.png", "set/train/b/1.png"}));
  EXPECT_EQ(test(), (Names{"set/test/a/1.png", "set/test/b/1.png"}));
  EXPECT_EQ(list().train.class_names, (Names{"a", "b"}));
  expect_note((folder_ / "set").string() + "' is read");
  write("1.png");
  expect_error([&] { list(); }, {"the data set seems to be '" + (folder_ / "set").string()});
}

TEST_F(ImageLists, TwoLevelsTooHighGoesDownToClasses) {
  write_all({"x/set/a/1.png", "x/set/b/1.png"});
  EXPECT_EQ(list().train.class_names, (Names{"a", "b"}));
  expect_note((folder_ / "x/set").string() + "' is read");
}

TEST_F(ImageLists, SeveralSetsAreNamed) {
  for (const char* set : {"bottle", "cable"}) {
    for (const char* file : {"/train/good/1.png", "/test/bad/1.png"}) {
      write(std::string(set) + file);
    }
  }
  expect_error([&] { list(); }, {"2 data sets", (folder_ / "bottle").string()});
}

TEST_F(ImageLists, LinksAreFollowedAndDanglingOnesNamed) {
  const TemporaryFolder elsewhere;
  write_text_atomically(elsewhere / "1.png", "");
  write("b/1.png");
  fs::create_directory_symlink(elsewhere.path(), folder_ / "a");
  fs::create_symlink(elsewhere / "1.png", folder_ / "b/2.png");
  EXPECT_EQ(train(), (Names{"a/1.png", "b/1.png", "b/2.png"}));
  fs::create_symlink("nowhere", folder_ / "b/3.jpg");
  expect_error([&] { list(); }, {"b/3.jpg: a link to 'nowhere', which is not there"});
  fs::create_symlink("/not/mounted", folder_ / "c");  // a class, perhaps
  expect_error([&] { list(); },
               {"2 files cannot be read", "b/3.jpg: a link to 'nowhere'", "c: a link to '/not"});
  fs::remove(folder_ / "b/3.jpg");
  fs::remove(folder_ / "c");
  fs::create_symlink("nowhere", folder_ / "notes.txt");  // nobody would have read it
  EXPECT_EQ(train().size(), 3U);
  ::mkfifo((folder_ / "b/pipe.png").c_str(), 0600);
  expect_error([&] { list(); }, {"b/pipe.png: not a regular file"});
}

TEST_F(ImageLists, WhatIsHiddenOrLeftBySystemsIsNotLookedInto) {
  write_all({"a/1.png", "b/1.png"});
  const std::string before = notes();
  write_all({".Trash-0/files/1.png", "a/.hidden.png", "a/._1.png", ".DS_Store", "a/Thumbs.db",
             "__MACOSX/a/1.png", "a/@eaDir/1.png/THUMB.jpg", "lost+found/1.png"});
  fs::permissions(folder_ / ".Trash-0", fs::perms::none);
  EXPECT_EQ(train(), (Names{"a/1.png", "b/1.png"}));
  EXPECT_EQ(notes(), before);
  fs::permissions(folder_ / ".Trash-0", fs::perms::owner_all);
}

// Root may read everything, so the test becomes somebody else for a while.
class AsNobody {
 public:
  AsNobody() : was_root_(::geteuid() == 0 && ::seteuid(65534) == 0) {}
  ~AsNobody() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool was_root_;
};

TEST_F(ImageLists, FoldersThatCannotBeReadMatterUnlessTheyAreHidden) {
  write_all({"a/1.png", "b/1.png", ".Trash-0/1.png", "c/1.png"});
  fs::permissions(folder_.path(), fs::perms(0755));
  DataOptions options;
  options.root = folder_.path().string();
  for (const char* name : {".Trash-0", "c"}) {
    fs::permissions(folder_ / name, fs::perms::none);
    const AsNobody nobody;
    if (name[0] == '.') {
      EXPECT_EQ(source_files(options).size(), 3U);
    } else {
      expect_error([&] { source_files(options); },
                   {(folder_ / name).string() + ": cannot list: Permission denied"});
    }
  }
  for (const char* name : {".Trash-0", "c"}) {
    fs::permissions(folder_ / name, fs::perms::owner_all);
  }
}

TEST_F(ImageLists, PassedOverFilesAreCountedByTheirEndings) {
  write_all({"a/1.png", "b/1.png"});
  EXPECT_EQ(notes(), "");
  write_all({"README.md", "LICENSE"});
  EXPECT_EQ(notes(), folder_.path().string() +
                         ": 2 files passed over: 1 without ending, 1 .md; images are .jpg, .jpeg "
                         "and .png files\n");
  for (int i = 0; i < 3; ++i) write("a/" + std::to_string(i) + ".WebP");
  write("b/1.bmp");
  expect_note("warning: " + folder_.path().string() +
              ": 6 files passed over: 3 .webp, 1 without ending, 1 .bmp, 1 .md;");
}

TEST_F(ImageLists, WhatMkdtWroteIsNoData) {
  write_all({"a/1.png", "b/1.png"});
  // A run that is going on, one that has ended, and an export of version 0.1.0.
  write_text_atomically(folder_ / "run/lock.json", R"({"host": "x", "pid": 3})");
  write_text_atomically(folder_ / "runs/one/config.toml", "");
  write_text_atomically(folder_ / "runs/one/distill/manifest.json", "{}");
  write("runs/one/distill/contact_sheet.png");
  write_text_atomically(folder_ / "old/metadata.json", R"({"written_by": "mkdt export"})");
  write_all({"old/000000.png", "old/contact_sheet.png"});
  // Pictures that bear the mark, wherever they are.
  write_marked_png(folder_ / "a/sheet.png", random_pixels({3, 8, 8}));
  EXPECT_EQ(train(), (Names{"a/1.png", "b/1.png"}));
  EXPECT_EQ(list().train.class_names, (Names{"a", "b"}));
  expect_note("1 file passed over that mkdt wrote");
  expect_note("passed over, as mkdt wrote them: ");
  const fs::path root = folder_.path();
  expect_error([&] { list_images(root / "run"); }, {"a run folder of mkdt"});
  expect_error([&] { list_images(root / "old"); }, {"an export of mkdt, which is never read"});
  expect_error([&] { list_images(root / "runs"); }, {"no images", "as mkdt wrote it"});
  // What others call so is data.
  write_text_atomically(folder_ / "a/metadata.json", R"({"written_by": "me"})");
  write_text_atomically(folder_ / "a/log.jsonl", "{}\n");
  EXPECT_EQ(train().size(), 2U);
}

TEST_F(ImageLists, FoldersAreNoClassesWhereLabelsAreNotWanted) {
  write_all({"2019/1.png", "2020/1.png", "0.png"});
  expect_error([&] { list(); }, {"0.png: an image beside class folders", "data.labels = false"});
  const ImageListSplits found = list({/*labels=*/false});
  EXPECT_FALSE(found.train.labelled());
  EXPECT_EQ(train({false}), (Names{"0.png", "2019/1.png", "2020/1.png"}));
  fs::remove(folder_ / "0.png");
  EXPECT_TRUE(list().train.labelled());
  EXPECT_FALSE(list({false}).train.labelled());
}

TEST_F(ImageLists, UnlabelledSplitsBesideALabelledTrainAreNotRead) {
  write_all({"train/a/1.png", "train/b/1.png", "test/1.png", "test/2.png"});
  EXPECT_TRUE(test().empty());
  expect_note("warning: " + folder_.path().string() + ": 'test' is not read: no class folders");
  write("val/1.png");
  expect_note("'test', 'val' are not read");
  fs::remove(folder_ / "val/1.png");
  write_all({"val/a/1.png", "val/b/1.png"});
  EXPECT_EQ(test(), (Names{"val/a/1.png", "val/b/1.png"}));
  EXPECT_EQ(train(), (Names{"train/a/1.png", "train/b/1.png"}));
}

TEST_F(ImageLists, LabelsOfATestSplitBesideAnUnlabelledTrainAreNotUsed) {
  write_all({"train/1.png", "test/a/1.png", "test/b/1.png"});
  EXPECT_EQ(test(), (Names{"test/a/1.png", "test/b/1.png"}));
  EXPECT_FALSE(list().test.labelled());
  expect_note("warning: " + folder_.path().string() + ": the classes in test/ are not used");
}

TEST_F(ImageLists, ClassesOfOneSplitOnlyAreNamedAndMayBeLeftOut) {
  write_all({"train/a/1.png", "train/b/1.png", "train/c/1.png"});
  write_all({"test/b/1.png", "test/c/1.png", "test/d/1.png", "test/d/2.png"});
  expect_error([&] { list(); }, {"class 'a' is in train/ but not in test/",
                                 "class 'd' is in test/ but not in train/", "data.classes"});
  const ListOptions options{/*labels=*/true, /*classes_of_train=*/true};
  const ImageListSplits found = list(options);
  EXPECT_EQ(found.train.class_names, (Names{"a", "b", "c"}));
  EXPECT_EQ(found.test.class_names, found.train.class_names);
  EXPECT_EQ(test(options), (Names{"test/b/1.png", "test/c/1.png"}));
  EXPECT_EQ(found.test.labels, (std::vector<int64_t>{1, 2}));
  expect_note("2 of 4 images in test/ are not read", options);
}

TEST_F(ImageLists, NamesThatLookAlikeAreSaidToDiffer) {
  write_all({"train/caf\xC3\xA9/1.png", "train/tea/1.png"});
  write_all({"test/cafe\xCC\x81/1.png", "test/tea/1.png"});
  expect_error([&] { list(); }, {"look alike", "NFD", "NFC"});
}

// The order that docs/guide/your-images.md promises, by the Python that it gives.
TEST_F(ImageLists, RowsAreInTheOrderThatTheDocumentationGives) {
  MKDT_PYTHON_OR_SKIP("os");
  const char* sources = std::getenv("MKDT_SOURCE_DIR");
  ASSERT_NE(sources, nullptr);
  const std::string page = read_text(fs::path(sources) / "docs/guide/your-images.md");
  const std::string begin = "```python\n";
  const size_t at = page.find(begin);
  ASSERT_NE(at, std::string::npos);
  std::string code = page.substr(at + begin.size());
  code = code.substr(0, code.find("```"));
  const std::string example = "\"photos/train\"";
  ASSERT_NE(code.find(example), std::string::npos);
  code.replace(code.find(example), example.size(), "sys.argv[1]");

  const TemporaryFolder elsewhere;
  write_text_atomically(elsewhere / "1.png", "");
  write_all({"train/dog/2.png", "train/dog/01/1.png", "train/dog/01/3.JPG", "train/dog-house/1.png",
             "train/dog/1.jpeg", "train/Dog/1.png", "train/dog.x/1.png", "train/dog/.hidden.png",
             "train/dog/readme.txt", "train/.git/1.png", "train/\xC3\xA9/1.png", "train/z/10.png",
             "train/z/9.png", "train/z/@eaDir/1.png", "train/z/a b/1.png", "train/z/Z/1.png"});
  fs::create_directory_symlink(elsewhere.path(), folder_ / "train/link");
  testing::run_python("import sys\n" + code + "open(sys.argv[2], 'w').write('\\n'.join(files))\n",
                      {(folder_ / "train").string(), (elsewhere / "files").string()});
  std::string expected;
  for (const fs::path& file : list().train.files) {
    expected += (expected.empty() ? "" : "\n") + file.string();
  }
  EXPECT_EQ(read_text(elsewhere / "files"), expected);
  EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), 12);
}

TEST_F(ImageLists, ALinkMakesNoTestSplitOfTheTrainingImages) {
  write_all({"train/a/1.png", "train/b/1.png"});
  fs::create_directory_symlink("train", folder_ / "test");
  expect_error([&] { list(); }, {"are the same folder"});
  fs::remove(folder_ / "test");
  write("test/b/2.png");
  fs::create_directory_symlink(fs::absolute(folder_ / "train/a"), folder_ / "test/a");
  expect_error([&] { list(); }, {"are the same folder"});
}

}  // namespace
}  // namespace mkdt
