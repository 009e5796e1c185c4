#include "mkdt/distill/recipe.h"

#include <gtest/gtest.h>

#include "tests/judge/judge_fixture.h"

namespace mkdt {
namespace {

using testing::tiny_network;
using testing::tiny_regression_set;

class RecipeSearchTest : public ::testing::Test {
 protected:
  Recipe search(const std::vector<double>& lrs, int64_t max_steps = 20, int64_t evaluations = 4) {
    Observer silent;
    return search_recipe(network_, regression_pretraining(train_), loss_on(validation_),
                         {lrs, max_steps, evaluations}, options_, 5, silent);
  }

  NetworkPtr network_ = tiny_network();
  RegressionSet train_ = tiny_regression_set(30, 1);
  RegressionSet validation_ = tiny_regression_set(30, 2);
  TrainingOptions options_{16, {0.1, 0.9, 1e-4}};
};

TEST_F(RecipeSearchTest, PicksTheObviouslyRightRate) {
  const Recipe recipe = search({1e-6, 0.05, 1e8});
  EXPECT_EQ(recipe.lr, 0.05);
  EXPECT_EQ(recipe.steps % 5, 0);
  EXPECT_GT(recipe.steps, 0);
}

TEST_F(RecipeSearchTest, ReportsTheLossOfThatRun) {
  const Recipe recipe = search({0.02, 0.05});
  options_.sgd.lr = recipe.lr;
  const torch::Tensor theta = pretrain(*network_, train_, recipe.steps, options_, 5);
  EXPECT_DOUBLE_EQ(representation_loss(*network_, theta, validation_), recipe.validation_loss);
}

TEST_F(RecipeSearchTest, StopsWhereValidationIsBest) {
  // Two training images with targets far from all others: every step makes held-out images worse.
  train_ = {[](const torch::Tensor& rows) {
              return torch::ones({rows.numel(), 3, 8, 8});
            },
            torch::full({2, testing::kOutputs}, -3.0)};
  EXPECT_EQ(search({0.05}, 20, 20).steps, 1);
}

TEST_F(RecipeSearchTest, IsDeterministic) {
  const Recipe first = search({0.02, 0.05});
  const Recipe second = search({0.02, 0.05});
  EXPECT_EQ(first.lr, second.lr);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_EQ(first.validation_loss, second.validation_loss);
}

TEST_F(RecipeSearchTest, MoreEvaluationsThanStepsLooksAfterEach) {
  EXPECT_LE(search({0.05}, 3, 10).steps, 3);
}

TEST_F(RecipeSearchTest, SaysAtWhichStepARateIsDropped) {
  class Said : public Observer {
   public:
    void info(const std::string& message) override { text += message + "\n"; }
    std::string text;
  } said;
  search_recipe(network_, regression_pretraining(train_), loss_on(validation_),
                {{0.05, 1e8}, 20, 4}, options_, 5, said);
  EXPECT_EQ(said.text.rfind("lr 1e+08 is dropped: pre-training diverged at step ", 0), 0U)
      << said.text;
}

TEST_F(RecipeSearchTest, SaysWhenEveryRateDiverges) {
  try {
    search({1e7, 1e8}, 50);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("pretrain.lrs"), std::string::npos) << error.what();
  }
  EXPECT_THROW(search({}), Error);
}

TEST(PretrainSectionTest, FixedRecipes) {
  PretrainOptions section;
  section.recipe = "fixed";
  section.batch = 100;
  EXPECT_EQ(section.fixed(250, 0.03).lr, 0.03);
  EXPECT_EQ(section.fixed(250, 0).lr, 0.1);
  EXPECT_EQ(section.fixed(250, 0).steps, 400);
  section.lr = 0.5;
  section.epochs = 20;
  EXPECT_EQ(section.fixed(250, 0.03).lr, 0.5);
  EXPECT_EQ(section.fixed(250, 0.03).steps, 60);
  EXPECT_EQ(section.training(section.fixed(250, 0)).sgd.lr, 0.5);
  EXPECT_EQ(section.fixed(250, 0).text(), "lr 0.5, 60 steps");
}

TEST(RecipeEdge, NamesTheSidesOfTheGridThatARecipeLiesOn) {
  const RecipeSearch search{{0.1, 0.005, 0.02}, 300, 10};  // 30, 60, … 300 steps
  EXPECT_EQ(edge_of(search, {0.005, 30, 1}), "lowest rate, fewest steps");
  EXPECT_EQ(edge_of(search, {0.1, 300, 1}), "highest rate, most steps");
  EXPECT_EQ(edge_of(search, {0.005, 60, 1}), "lowest rate");
  EXPECT_EQ(edge_of(search, {0.02, 300, 1}), "most steps");
  EXPECT_EQ(edge_of(search, {0.02, 60, 1}), "");
}

TEST(RecipeEdge, IsNoneWhereThereWasNoChoiceOrAnotherGrid) {
  EXPECT_EQ(edge_of({{0.1}, 300, 1}, {0.1, 300, 1}), "");
  EXPECT_EQ(edge_of({{0.1}, 300, 2}, {0.1, 150, 1}), "fewest steps");
  EXPECT_EQ(edge_of({{0.1, 0.2}, 300, 10}, {0.05, 30, 1}), "");
  EXPECT_EQ(edge_of({{0.1, 0.2}, 300, 10}, {0.1, 31, 1}), "");
}

TEST(RecipeEdge, AFixedRecipeHasNoGrid) {
  PretrainOptions section;
  EXPECT_EQ(section.grid()->lrs, section.lrs);
  section.recipe = "fixed";
  EXPECT_FALSE(section.grid());
}

}  // namespace
}  // namespace mkdt
