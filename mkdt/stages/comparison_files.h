// Keeps a comparison's findings in files, so that an interrupted comparison continues.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/compare/comparison_store.h"

namespace mkdt {

inline constexpr const char* kCurvesFile = "curves.json";

// Keeps checkpoint-rows.json, checkpoint-recipes.json, checkpoint-curves.json and
// checkpoint-encoder-KEY.safetensors in `folder`, each with a checksum and replaced as a whole as
// soon as something is added; the version before is kept of the JSON files. Rows whose keys no
// present cell has stay there: an option that is set back finds them again.
class ComparisonFiles final : public ComparisonStore {
 public:
  // `context` is for the head of results.md, `grid` for its table of recipes. A damaged file causes
  // a warning; the one before it counts, or its part of the comparison is done again.
  ComparisonFiles(std::filesystem::path folder, Observer& observer,
                  std::vector<std::string> context = {},
                  std::optional<RecipeSearch> grid = std::nullopt);

  std::optional<TrainedEncoder> encoder(const std::string& key) const override;
  void keep_encoder(const std::string& key, const TrainedEncoder& encoder) override;
  void drop_encoder(const std::string& key) override;
  // Removes all encoders: cells whose options changed before they were finished leave some.
  void drop_encoders();
  // Writes the results' files, so that there are tables of what is finished.
  void show(const std::vector<ComparisonRow>& rows) override;

  // Returns the points of the curves with these keys, in their order.
  std::vector<CurvePoint> curves(const std::vector<std::string>& keys) const;

 protected:
  void save_rows() override;
  void save_recipes() override;
  void save_curves() override;

 private:
  std::filesystem::path file(const std::string& name) const;

  std::filesystem::path folder_;
  Observer& observer_;
  std::vector<std::string> context_;
  std::optional<RecipeSearch> grid_;
};

// Writes curves.json (a list with one object a point) and curves.csv to `folder`.
void write_curves(const std::filesystem::path& folder, const std::vector<CurvePoint>& points);
// Reads a curves.json back. Throws Error naming the file if it is not one.
std::vector<CurvePoint> read_curves(const std::filesystem::path& path);

}  // namespace mkdt
