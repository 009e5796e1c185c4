// The recipes of a comparison, and what their place in the search's grid means.
#include "mkdt/publish/recipe_table.h"

#include <gtest/gtest.h>

#include "mkdt/publish/difference_table.h"
#include "mkdt/publish/results.h"

namespace mkdt {
namespace {

ComparisonRow row_of(const std::string& method, const std::optional<Recipe>& recipe) {
  ComparisonRow row;
  row.method = method;
  row.encoder = "convnet";
  row.dataset = "a";
  row.representation_loss = 0.5;
  row.recipe = recipe;
  return row;
}

const RecipeSearch kGrid{{0.005, 0.02, 0.1}, 300, 10};

std::vector<ComparisonRow> recipe_rows() {
  return {row_of("none", std::nullopt), row_of("random", Recipe{0.02, 120, 0.7}),
          row_of("high-loss", Recipe{0.005, 30, 1.2}), row_of("high-loss", Recipe{0.005, 30, 1.2}),
          row_of("full", Recipe{0.1, 300, 0.2})};
}

TEST(RecipeTable, NamesEveryMethodAtTheEdgeOfTheGridOnce) {
  const Table table = recipe_table(recipe_rows(), kGrid);
  EXPECT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.caption,
            "The search chose a recipe at the edge of its grid for high-loss on convnet (lowest "
            "rate, fewest steps), full on convnet (highest rate, most steps). A better recipe may "
            "lie outside (pretrain.lrs, pretrain.max_steps): each is worth at least what the "
            "tables say. With the lowest rate and the fewest steps an encoder is nearly "
            "untrained.");
}

TEST(RecipeTable, SaysNothingWhereAllRecipesLieInsideOrNoneWasSearched) {
  EXPECT_EQ(edge_note({recipe_rows()[0], recipe_rows()[1]}, kGrid), "");
  EXPECT_EQ(edge_note(recipe_rows(), std::nullopt), "");
  EXPECT_EQ(edge_note({recipe_rows()[4]}, kGrid).find("untrained"), std::string::npos);
}

TEST(RecipeTable, StandsInTheResultsWithItsNote) {
  const std::string text = results_markdown(recipe_rows(), {}, kGrid);
  EXPECT_NE(text.find("high-loss on convnet (lowest rate, fewest steps)"), std::string::npos);
  EXPECT_EQ(results_markdown(recipe_rows(), {}).find("edge of its grid"), std::string::npos);
}

TEST(Intervals, SayWhatTheyAreConditionalOn) {
  std::vector<ComparisonRow> rows = recipe_rows();
  for (const Table& table : difference_tables(rows)) {
    EXPECT_NE(table.caption.find(kWhatSeedsVary), std::string::npos) << table.caption;
  }
  ASSERT_FALSE(difference_tables(rows).empty());
  EXPECT_NE(results_markdown(rows, {}).find(kWhatSeedsVary), std::string::npos);
}

}  // namespace
}  // namespace mkdt
