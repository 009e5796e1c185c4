#include <gtest/gtest.h>

#include "mkdt/data/splits.h"

namespace mkdt {
namespace {

using Names = std::vector<std::string>;

TEST(SplitNames, CountWithoutRegardToCase) {
  const SplitFolders found = find_splits({"TEST", "Train", "Val", "cats"});
  EXPECT_EQ(found.train, Names{"Train"});
  EXPECT_EQ(found.test, Names{"TEST"});
  EXPECT_EQ(found.val, Names{"Val"});
  EXPECT_EQ(found.others, Names{"cats"});
}

TEST(SplitNames, OtherPartsHaveToBeTheSame) {
  EXPECT_TRUE(find_splits({"seg_pred", "seg_test", "seg_train"}).any());
  EXPECT_EQ(find_splits({"seg_pred", "seg_test", "seg_train"}).others, Names{"seg_pred"});
  EXPECT_FALSE(find_splits({"a_train", "b_test"}).any());
  EXPECT_FALSE(find_splits({"train_station", "bus_station"}).any());
}

TEST(SplitNames, LooksLikeOne) {
  for (const char* name : {"trian", "tset", "testA", "train1", "my-test", "Validation_old"}) {
    EXPECT_TRUE(looks_like_split(name)) << name;
  }
  for (const char* name : {"cat", "testudo", "brain", "valley", "2019", "rain", "trained"}) {
    EXPECT_EQ(looks_like_split(name), std::string(name) == "trained") << name;
  }
}

TEST(SplitNames, WordsOfOtherMeaningsAreWeak) {
  EXPECT_TRUE(is_split_name("Testing"));
  EXPECT_TRUE(is_split_name("test_set"));
  EXPECT_FALSE(is_split_name("valid"));
  EXPECT_FALSE(is_split_name("dev"));
}

}  // namespace
}  // namespace mkdt
