#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/compare/evaluate_options.h"
#include "mkdt/distill/recipe.h"

namespace mkdt {
namespace {

TEST(EvaluationOptions, AreReadFromToml) {
  PretrainOptions pretraining;
  EvaluateOptions evaluation;
  OptionTable table;
  OptionSection pretrain_section = table.section("pretrain");
  OptionSection evaluate_section = table.section("evaluate");
  pretraining.declare(pretrain_section);
  evaluation.declare(evaluate_section);
  table.read_toml(
      "[pretrain]\nrecipe = \"fixed\"\nepochs = 20\nlrs = [0.5]\n"
      "[evaluate]\nmethods = [\"none\", \"teacher\"]\nlabel_fractions = [0.5, 1.0]\n",
      "test.toml");
  EXPECT_FALSE(pretraining.searches());
  EXPECT_EQ(pretraining.epochs, 20);
  EXPECT_EQ(pretraining.search().lrs, (std::vector<double>{0.5}));
  EXPECT_TRUE(evaluation.includes(Method::kTeacher));
  EXPECT_FALSE(evaluation.includes(Method::kFull));
  EXPECT_TRUE(evaluation.includes(MethodKind::kUntrained));
  EXPECT_FALSE(evaluation.includes(MethodKind::kRegression));
  EXPECT_EQ(evaluation.compared(), (std::vector<Method>{Method::kNone, Method::kTeacher}));
  EXPECT_EQ(evaluation.probe().iterations, 100);
  EXPECT_THROW(table.assign("evaluate.methods=[\"magic\"]"), Error);
  evaluation.methods = {"magic"};
  EXPECT_THROW(evaluation.compared(), Error);
  EXPECT_THROW(table.assign("evaluate.label_fractions=[2]"), Error);
}

// An option that came later does not make earlier comparisons unknown while it is off.
TEST(EvaluationOptions, KeysAreThoseOfEarlierVersionsWithoutShortBatches) {
  PretrainOptions section;
  EXPECT_EQ(section.key_text(),
            "[pretrain]\nrecipe = 'search'\nlrs = [0.02, 0.05, 0.1, 0.2]\nmax_steps = 400\n"
            "evaluations = 10\nlr = 0.0\nsteps = 400\nepochs = 0\nbatch = 256\n"
            "momentum = 0.9\nweight_decay = 0.0001\n");
  const std::string off = section.key_text();
  section.short_batches = true;
  EXPECT_EQ(section.key_text(), off + "short_batches = true\n");
  EXPECT_TRUE(section.training({}).short_batches);
}

}  // namespace
}  // namespace mkdt
