#include "mkdt/report/page_json.h"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/compare/methods.h"
#include "mkdt/report/sprites.h"
#include "tests/report/page_fixture.h"

namespace mkdt {
namespace {

using testing::some_set;

TEST(PageJson, HostileTextsStayTexts) {
  const std::string hostile = "</script><script>alert(1)</script><!--\n\r\t\"'\\\x01\xE2\x80\xAE";
  ReportedRun run;
  run.name = run.folder = run.message = run.progress = hostile;
  run.sets = {some_set(4, 3, 4)};
  run.sets[0].class_names = {hostile};
  run.sets[0].nearest_class = torch::zeros({4}, torch::kInt64);
  run.sets[0].targets = torch::rand({4, 2});
  run.config = {{hostile, {{hostile, hostile}}}};
  run.log = {{hostile, hostile, hostile}};
  run.notes = {hostile};
  const std::string text = page_json({run}, std::nullopt);
  EXPECT_EQ(text.find('<'), std::string::npos);
  const auto document = nlohmann::json::parse(text);
  EXPECT_EQ(document["runs"][0]["name"], hostile);
  EXPECT_EQ(document["runs"][0]["sets"][0]["class_names"][0], hostile);
  EXPECT_EQ(document["runs"][0]["config"][0]["options"][0][0], hostile);
}

TEST(PageJson, LongTextsAreCutAtAWholeCharacterAndWhatIsNoUtf8IsReplaced) {
  ReportedRun run;
  run.name = "a";
  for (int i = 0; i < 5000; ++i) run.name += "é";
  run.folder = "\xFF\xC3";
  const auto document = nlohmann::json::parse(page_json({run}, 5));
  const std::string name = document["runs"][0]["name"];
  EXPECT_LT(name.size(), 2010U);
  EXPECT_EQ(name.substr(name.size() - 5), "é…");
  EXPECT_EQ(document["refresh_seconds"], 5);
  EXPECT_EQ(document["runs"][0]["folder"], "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(PageJson, WhatIsMissingIsNull) {
  ReportedRun run;
  run.stages = {{"teacher", "", "not done", {}, {}, ""}};
  run.curves = {{"a", "other", "a", "step", {1}, {std::numeric_limits<double>::infinity()}, {}}};
  const auto document = nlohmann::json::parse(page_json({run}, std::nullopt));
  EXPECT_TRUE(document["refresh_seconds"].is_null());
  const auto& shown = document["runs"][0];
  EXPECT_TRUE(shown["stages"][0]["seconds"].is_null());
  EXPECT_TRUE(shown["curves"][0]["values"][0].is_null());
  EXPECT_TRUE(shown["curves"][0]["mean"].is_null());
  EXPECT_TRUE(shown["comparison"].is_null());
  EXPECT_TRUE(shown["progress"].is_null());
  EXPECT_TRUE(shown["set_size"].is_null());
}

TEST(PageJson, NamesAllMethodsInTheOrderOfTables) {
  const auto document = nlohmann::json::parse(page_json({}, std::nullopt));
  EXPECT_EQ(document["own_method"], "distilled");
  std::vector<std::string> names;
  for (const auto& method : document["methods"]) {
    names.push_back(method["name"]);
    EXPECT_NE(method["meaning"], "");
    EXPECT_EQ(method["competes"],
              method["name"] != "full" && method["name"] != "ssl" && method["name"] != "teacher");
  }
  EXPECT_EQ(names, method_names());
}

TEST(PageJson, ImagesThatAreLeftOutAreSaid) {
  ReportedRun run;
  run.name = "big";
  run.sets = {some_set(1500, 3, 32)};
  const auto document = nlohmann::json::parse(page_json({run}, std::nullopt));
  const int64_t shown = document["runs"][0]["sets"][0]["shown"];
  EXPECT_LT(shown, 1500);
  EXPECT_GT(shown, 300);
  ASSERT_EQ(document["notes"].size(), 1U);
  EXPECT_NE(document["notes"][0].get<std::string>().find("of 1500 images"), std::string::npos);
}

TEST(Base64, IsThatOfTheRfc) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFF\xFE\xFD"), "//79");
}

}  // namespace
}  // namespace mkdt
