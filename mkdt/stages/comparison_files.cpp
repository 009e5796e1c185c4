#include "mkdt/stages/comparison_files.h"

#include <functional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/json.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/publish/csv.h"
#include "mkdt/publish/results.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
using Parsed = nlohmann::json;  // finds a key in an object of many without asking each

// Calls take(contents) if there is such a file.
void read_json(const fs::path& path, Observer& observer,
               const std::function<void(const Parsed&)>& take) {
  const std::optional<std::string> text = read_checked_text(path, observer);
  if (!text) return;
  try {
    check_json_depth(*text, path.string());
    take(Parsed::parse(*text));
  } catch (const Json::exception& error) {
    throw Error(
        fmt::format("{}: not of this version of mkdt ({}); delete it to do its part of the "
                    "comparison again",
                    path.string(), printable(error.what())));
  }
}

Json json_of(const Recipe& recipe) {
  return {{"lr", recipe.lr}, {"steps", recipe.steps}, {"validation_loss", recipe.validation_loss}};
}

Recipe recipe_from(const Parsed& entry) {
  Recipe recipe;
  entry.at("lr").get_to(recipe.lr);
  entry.at("steps").get_to(recipe.steps);
  entry.at("validation_loss").get_to(recipe.validation_loss);
  return recipe;
}

Json json_of(const CurvePoint& point) {
  return {{"method", point.method},
          {"encoder", point.encoder},
          {"seed", point.seed},
          {"step", point.step},
          {"representation_loss", point.representation_loss},
          {"dataset", point.dataset},
          {"labels", point.labels},
          {"accuracy", point.accuracy ? Json(*point.accuracy) : Json(nullptr)}};
}

CurvePoint point_from(const Parsed& entry) {
  CurvePoint point;
  entry.at("method").get_to(point.method);
  entry.at("encoder").get_to(point.encoder);
  entry.at("seed").get_to(point.seed);
  entry.at("step").get_to(point.step);
  entry.at("representation_loss").get_to(point.representation_loss);
  entry.at("dataset").get_to(point.dataset);
  entry.at("labels").get_to(point.labels);
  if (!entry.at("accuracy").is_null()) point.accuracy = entry.at("accuracy").get<double>();
  return point;
}

}  // namespace

ComparisonFiles::ComparisonFiles(fs::path folder, Observer& observer,
                                 std::vector<std::string> context, std::optional<RecipeSearch> grid)
    : folder_(std::move(folder)),
      observer_(observer),
      context_(std::move(context)),
      grid_(std::move(grid)) {
  if (const auto text = read_checked_text(file("rows.json"), observer_)) {
    check_json_depth(*text, file("rows.json").string());
    for (const ComparisonRow& row : results_from_json(*text, file("rows.json").string())) {
      rows_[row.key] = row;
    }
  }
  read_json(file("recipes.json"), observer_, [&](const Parsed& entries) {
    for (const auto& [key, entry] : entries.items()) recipes_[key] = recipe_from(entry);
  });
  read_json(file(kCurvesFile), observer_, [&](const Parsed& entries) {
    for (const auto& [key, points] : entries.items()) {
      for (const Parsed& point : points) curves_[key].push_back(point_from(point));
    }
  });
}

fs::path ComparisonFiles::file(const std::string& name) const {
  return folder_ / ("checkpoint-" + name);
}

std::optional<TrainedEncoder> ComparisonFiles::encoder(const std::string& key) const {
  const fs::path path = file(fmt::format("encoder-{}.safetensors", key));
  if (!fs::exists(path)) return std::nullopt;
  try {
    const TensorFile stored = read_safetensors(path);
    check_checksum(stored);
    return TrainedEncoder{stored.tensor("theta").clone(),
                          stored.tensor("representation_loss").item<double>()};
  } catch (const Error& error) {
    observer_.warn(fmt::format("an encoder is trained again: {}", error.what()));
    return std::nullopt;
  }
}

void ComparisonFiles::keep_encoder(const std::string& key, const TrainedEncoder& encoder) {
  TensorFile stored;
  stored.metadata["kind"] = "mkdt comparison encoder";
  stored.tensors["theta"] = encoder.theta.detach().cpu();
  stored.tensors["representation_loss"] =
      torch::tensor(encoder.representation_loss, torch::kFloat64);
  put_checksum(stored);
  write_safetensors(file(fmt::format("encoder-{}.safetensors", key)), stored);
}

void ComparisonFiles::drop_encoder(const std::string& key) {
  std::error_code ignored;
  fs::remove(file(fmt::format("encoder-{}.safetensors", key)), ignored);
}

void ComparisonFiles::drop_encoders() {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (name.rfind("checkpoint-encoder-", 0) == 0) fs::remove(entry.path(), ignored);
  }
}

void ComparisonFiles::show(const std::vector<ComparisonRow>& rows) {
  write_results(folder_, rows, context_, grid_);
}

std::vector<CurvePoint> ComparisonFiles::curves(const std::vector<std::string>& keys) const {
  std::vector<CurvePoint> all;
  for (const std::string& key : keys) {
    if (const auto* points = curve(key)) all.insert(all.end(), points->begin(), points->end());
  }
  return all;
}

void ComparisonFiles::save_rows() {
  std::vector<ComparisonRow> rows;
  for (const auto& [key, row] : rows_) rows.push_back(row);
  write_checked_text(file("rows.json"), results_json(rows));
}

void ComparisonFiles::save_recipes() {
  Json entries = Json::object();
  for (const auto& [key, recipe] : recipes_) entries[key] = json_of(recipe);
  write_checked_text(file("recipes.json"), entries.dump(2) + "\n");
}

void ComparisonFiles::save_curves() {
  Json entries = Json::object();
  for (const auto& [key, points] : curves_) {
    for (const CurvePoint& point : points) entries[key].push_back(json_of(point));
  }
  write_checked_text(file(kCurvesFile), entries.dump(2) + "\n");
}

void write_curves(const fs::path& folder, const std::vector<CurvePoint>& points) {
  Json list = Json::array();
  for (const CurvePoint& point : points) list.push_back(json_of(point));
  write_text_atomically(folder / kCurvesFile,
                        list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  write_text_atomically(folder / "curves.csv", curves_csv(points));
}

std::vector<CurvePoint> read_curves(const fs::path& path) {
  const std::string text = read_json_text(path);
  try {
    std::vector<CurvePoint> points;
    for (const Parsed& entry : Parsed::parse(text)) points.push_back(point_from(entry));
    return points;
  } catch (const Json::exception& error) {
    throw Error(fmt::format("{}: not a list of curves' points ({})", path.string(),
                            printable(error.what())));
  }
}

}  // namespace mkdt
