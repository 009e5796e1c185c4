// A finished run that is started again.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/survival_fixture.h"

namespace mkdt::testing {
namespace {

using FinishedRun = SurvivalTest;

TEST_F(FinishedRun, TenStartsOfTheProgramChangeNoByteAndLeaveNoFile) {
  ASSERT_EQ(start("run").wait(), 0) << read_text(errors());
  const Artifacts before = all_files("run");
  for (int i = 0; i < 10; ++i) ASSERT_EQ(start("run").wait(), 0) << read_text(errors());
  EXPECT_EQ(differences(all_files("run"), before), std::set<std::string>());
  expect_no_temporary_file("run");
}

}  // namespace
}  // namespace mkdt::testing
