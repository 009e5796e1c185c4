#include "cli/progress_line.h"

#include <gtest/gtest.h>

#include "mkdt/base/text.h"

namespace mkdt::cli {
namespace {

constexpr TerminalStyle kPlainStyle = {/*redraws=*/true, /*colour=*/false, /*unicode=*/true};
constexpr TerminalStyle kColoured = {/*redraws=*/true, /*colour=*/true, /*unicode=*/true};

Progress half_done() {
  Progress progress;
  progress.task = "distill";
  progress.unit = "iterations";
  progress.note = "J 0.5558, syn_lr 0.2212";
  progress.done = 450;
  progress.total = 900;
  progress.seconds = 90;
  progress.rate = 5;
  for (int i = 0; i < 450; ++i) progress.loss.add(450 - i);
  return progress;
}

TEST(ProgressLine, HasEverythingWhereThereIsRoom) {
  EXPECT_EQ(live_line(half_done(), 119, kPlainStyle),
            "distill   50 %  1 min 30 s left  450/900 iterations  5.00/s  ██▇▆▆▅▄▃▃▂▁▁  "
            "J 0.5558, syn_lr 0.2212");
}

TEST(ProgressLine, ShortensTheNoteThenTheSparklineThenTheRest) {
  EXPECT_EQ(live_line(half_done(), 84, kPlainStyle),
            "distill   50 %  1 min 30 s left  450/900 iterations  5.00/s  ██▇▆▆▅▄▃▃▂▁▁  J 0.5558");
  EXPECT_EQ(live_line(half_done(), 69, kPlainStyle),
            "distill   50 %  1 min 30 s left  450/900 iterations  5.00/s  █▇▆▅▄▃▂▁");
  EXPECT_EQ(live_line(half_done(), 63, kPlainStyle),
            "distill   50 %  1 min 30 s left  450/900 iterations  5.00/s");
  EXPECT_EQ(live_line(half_done(), 49, kPlainStyle),
            "distill   50 %  1 min 30 s left  450/900  5.00/s");
  EXPECT_EQ(live_line(half_done(), 5, kPlainStyle), "dist…");
}

TEST(ProgressLine, IsNeverWiderThanItMay) {
  Progress progress = half_done();
  for (const std::string& task : {std::string("distill"), std::string(10'000, 'x')}) {
    for (const std::string& note : {progress.note, std::string(), std::string(10'000, 'y')}) {
      progress.task = task;
      progress.note = note;
      for (size_t width = 1; width < 200; ++width) {
        EXPECT_LE(text_width(live_line(progress, width, kPlainStyle)), width);
        if (width >= 2) {
          EXPECT_LE(text_width(finished_row(progress, width, kPlainStyle)), width);
        }
      }
    }
  }
}

TEST(ProgressLine, SaysSecondsWhereAUnitTakesThem) {
  Progress progress = half_done();
  progress.rate = 0.04;
  EXPECT_NE(plain_line(progress).find("25 s each, 3 h 07 min left"), std::string::npos)
      << plain_line(progress);
  progress.rate = 1268;
  EXPECT_NE(plain_line(progress).find("1268/s, 0 s left"), std::string::npos);
}

// The comparison's: seconds a second are no rate.
TEST(ProgressLine, DoesNotCountEstimatedSeconds) {
  Progress progress = half_done();
  progress.unit = "estimated seconds";
  EXPECT_EQ(live_line(progress, 80, kPlainStyle).rfind("distill   50 %  1 min 30 s left  █", 0), 0U)
      << live_line(progress, 80, kPlainStyle);
}

TEST(ProgressLine, BeforeTheFirstReportThereIsNoRate) {
  Progress progress;
  progress.task = "subset";
  progress.unit = "experts";
  progress.total = 60;
  EXPECT_EQ(live_line(progress, 79, kPlainStyle), "subset    0 %   0/60 experts");
  EXPECT_EQ(plain_line(progress), "subset: 0/60 experts");
  progress.total = 0;
  EXPECT_EQ(live_line(progress, 79, kPlainStyle), "subset    0 %  0/0 experts");
}

TEST(FinishedRow, RowsAreATable) {
  Progress distill = half_done();
  distill.done = distill.total;
  Progress search;
  search.task = "recipe search";
  search.unit = "steps";
  search.done = search.total = 16;
  search.seconds = 3;
  search.note = "lr 0.1: validation loss 0.7445, which is long";
  EXPECT_EQ(finished_row(distill, 79, kPlainStyle),
            "✓ distill               900 iterations   1 min 30 s  loss 1        ██▇▆▆▅▄▃▃▂▁▁");
  EXPECT_EQ(finished_row(search, 79, kPlainStyle),
            "✓ recipe search               16 steps          3 s  lr 0.1: validation loss 0…");
  EXPECT_EQ(finished_row(distill, 60, kPlainStyle),
            "✓ distill  900 iterations  1 min 30 s  loss 1  ██▇▆▆▅▄▃▃▂▁▁");
}

TEST(FinishedRow, WhatIsNotWholeHasNoTick) {
  EXPECT_EQ(finished_row(half_done(), 60, kPlainStyle).rfind("- distill  450/900 iterations", 0),
            0U);
  TerminalStyle ascii = kPlainStyle;
  ascii.unicode = false;
  Progress whole = half_done();
  whole.done = whole.total;
  EXPECT_EQ(finished_row(whole, 60, ascii),
            "+ distill  900 iterations  1 min 30 s  loss 1  ##*++=-::.__");
}

TEST(FinishedRow, ColoursTakeNoRoom) {
  Progress whole = half_done();
  whole.done = whole.total;
  const std::string row = finished_row(whole, 79, kColoured);
  EXPECT_EQ(row.rfind("\033[32m✓\033[0m distill ", 0), 0U) << row;
  std::string bare;
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '\033') i = row.find('m', i) + 1;
    if (i < row.size()) bare += row[i];
  }
  EXPECT_EQ(finished_row(whole, 79, kPlainStyle).rfind("✓ distill", 0), 0U);
  EXPECT_EQ(text_width(bare), text_width(finished_row(whole, 79, kPlainStyle))) << bare;
}

}  // namespace
}  // namespace mkdt::cli
