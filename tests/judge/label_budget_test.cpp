#include "mkdt/judge/label_budget.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

TEST(LabelBudget, HasATextAndACode) {
  EXPECT_EQ(LabelBudget::part(0.01).text(), "1 %");
  EXPECT_EQ(LabelBudget::part(0.001).text(), "0.1 %");
  EXPECT_EQ(LabelBudget::part(1).text(), "100 %");
  EXPECT_EQ(LabelBudget::count(10).text(), "10 a class");
  EXPECT_EQ(LabelBudget::part(0.07).code(), "7%");
  EXPECT_EQ(LabelBudget::part(1).code(), "100%");
  EXPECT_EQ(LabelBudget::part(0.005).code(), "0.5%");
  EXPECT_EQ(LabelBudget::count(10).code(), "10/class");
}

TEST(LabelBudget, TheCodeIsReadBackExactly) {
  for (int i = 1; i <= 1000; ++i) {
    for (const LabelBudget& budget : {LabelBudget::part(i / 1000.0), LabelBudget::count(i)}) {
      EXPECT_EQ(parse_label_budget(budget.code(), "test"), budget) << budget.code();
    }
  }
}

TEST(LabelBudget, FractionsComeBeforeCounts) {
  std::vector<LabelBudget> budgets = {LabelBudget::count(10), LabelBudget::part(0.5),
                                      LabelBudget::count(2), LabelBudget::part(0.05)};
  std::sort(budgets.begin(), budgets.end());
  EXPECT_EQ(budgets, (std::vector<LabelBudget>{LabelBudget::part(0.05), LabelBudget::part(0.5),
                                               LabelBudget::count(2), LabelBudget::count(10)}));
}

TEST(LabelBudget, RefusesOtherTexts) {
  for (const std::string code : {"", "1", "%", "/class", "0%", "101%", "nan%", "1e1%", "-1%", "1 %",
                                 "0/class", "-3/class", "2.5/class", "x10/class", "10/classes"}) {
    try {
      parse_label_budget(code, "evaluate.labels");
      FAIL() << "expected an Error for " << code;
    } catch (const Error& error) {
      EXPECT_EQ(
          error.what(),
          "evaluate.labels: expected labels like \"1%\" or \"10/class\", got \"" + code + "\"");
    }
  }
}

}  // namespace
}  // namespace mkdt
