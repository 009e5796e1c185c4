#include <gtest/gtest.h>

#include "mkdt/base/options.h"

namespace mkdt {
namespace {

using Names = std::vector<std::string>;

TEST(Nearest, CountsChangesAndExchanges) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("rnu", "run"), 1U);
  EXPECT_EQ(edit_distance("--versoin", "--version"), 1U);
  EXPECT_EQ(edit_distance("abcd", "abcd"), 0U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // no letter is touched twice
}

TEST(Nearest, NamesACommandOrNone) {
  const Names commands = {"run", "plan", "evaluate", "report", "export", "bench"};
  EXPECT_EQ(nearest_name("rnu", commands), "run");
  EXPECT_EQ(nearest_name("reprot", commands), "report");
  EXPECT_EQ(nearest_name("eval", commands), "evaluate");
  EXPECT_EQ(nearest_name("dance", commands), "");
  EXPECT_EQ(nearest_name("", commands), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), commands), "");
}

TEST(Nearest, AKeysNameCountsMoreThanItsSection) {
  const Names keys = {"experts.lr", "experts.activation", "teacher.epochs", "distill.iterations",
                      "distill.lr", "krr_st.lr",          "mtt_ssl.lr"};
  EXPECT_EQ(nearest_keys("itertions", keys), Names{"distill.iterations"});
  EXPECT_EQ(nearest_keys("experts.itertions", keys), Names{"distill.iterations"});
  EXPECT_EQ(nearest_keys("distil.iterations", keys), Names{"distill.iterations"});
  EXPECT_EQ(nearest_keys("distil.lr", keys), Names{"distill.lr"});
  EXPECT_EQ(nearest_keys("epochs", keys), Names{"teacher.epochs"});
  EXPECT_EQ(nearest_keys("lr", keys), (Names{"experts.lr", "distill.lr", "krr_st.lr"}));
  EXPECT_EQ(nearest_keys("colour.of_the_sky", keys), Names{});
}

}  // namespace
}  // namespace mkdt
