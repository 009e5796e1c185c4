#include "mkdt/compare/methods.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/compare/evaluate_options.h"

namespace mkdt {
namespace {

TEST(MethodTable, HasAllThatIsToBeKnownOfEachMethod) {
  std::set<std::string_view> names, meanings, live;
  for (const MethodEntry& entry : method_table()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(meanings.insert(entry.meaning).second) << entry.meaning;
    EXPECT_FALSE(entry.name.empty() || entry.meaning.empty());
    EXPECT_EQ(entry.set.stage.empty(), entry.set.file.empty()) << entry.name;
    // What optimises a set says where it is to be seen, and whose idea it is.
    const SetCredit& credit = entry.set.credit;
    EXPECT_EQ(entry.set.live.empty(), credit.title.empty()) << entry.name;
    if (entry.set.live.empty()) continue;
    EXPECT_TRUE(live.insert(entry.set.live).second) << entry.name;
    EXPECT_FALSE(entry.set.stage.empty()) << entry.name;
    EXPECT_FALSE(credit.description.empty()) << entry.name;
    EXPECT_EQ(credit.bibtex.substr(0, 1), "@") << entry.name;
    EXPECT_EQ(credit.bibtex.substr(credit.bibtex.size() - 3), "\n}\n") << entry.name;
  }
}

// Files and tables of earlier versions have these names in this order.
TEST(MethodTable, IsInTheOrderOfTables) {
  EXPECT_EQ(method_names(),
            (std::vector<std::string>{"none", "random", "k-means", "high-loss", "krr-st", "mtt-ssl",
                                      "distilled", "distilled-png", "full", "ssl", "teacher"}));
  for (const MethodEntry& entry : method_table()) {
    EXPECT_EQ(entry_of(entry.method).name, entry.name);
    EXPECT_EQ(name_of(entry.method), entry.name);
    EXPECT_EQ(find_method(entry.name), entry.method);
  }
}

TEST(MethodTable, AnUnknownNameIsAnError) {
  EXPECT_EQ(find_method("magic"), std::nullopt);
  EXPECT_FALSE(is_of_kind("magic", MethodKind::kUntrained));
  try {
    method_of("magic", "evaluate.methods");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind("evaluate.methods: there is no method 'magic'", 0),
              0U)
        << error.what();
  }
}

TEST(MethodTable, TheOptionKnowsAndExplainsEveryMethod) {
  EvaluateOptions options;
  OptionTable table;
  OptionSection section = table.section("evaluate");
  options.declare(section);
  const auto& all = table.options();
  const auto found = std::find_if(all.begin(), all.end(), [](const Option& option) {
    return option.key() == "evaluate.methods";
  });
  ASSERT_NE(found, all.end());
  EXPECT_EQ(found->choices, method_names());
  for (const MethodEntry& entry : method_table()) {
    EXPECT_NE(found->help.find(entry.meaning), std::string::npos) << entry.name;
    table.assign("evaluate.methods=" + std::string(entry.name));
    EXPECT_EQ(options.compared(), std::vector<Method>{entry.method});
    EXPECT_TRUE(options.includes(entry.method));
    EXPECT_TRUE(options.includes(entry.kind));
  }
}

TEST(MethodTable, KnowsWhichStagesMakeSets) {
  EXPECT_EQ(learned_sets(),
            (std::vector<Method>{Method::kDistilled, Method::kKrrSt, Method::kMttSsl}));
  EXPECT_EQ(stages_of_learned_sets(), (std::set<std::string>{"distill", "krr-st", "mtt-ssl"}));
  EXPECT_EQ(stages_of_sets(), (std::set<std::string>{"distill", "krr-st", "mtt-ssl", "subset"}));
  EXPECT_EQ(phrase_of(kBaselineMethod), "random choice");
  EXPECT_EQ(phrase_of(Method::kKrrSt), "krr-st");
}

}  // namespace
}  // namespace mkdt
