#include "mkdt/report/page_json.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/timing.h"
#include "mkdt/base/version.h"
#include "mkdt/compare/methods.h"
#include "mkdt/io/json.h"
#include "mkdt/report/comparison_json.h"
#include "mkdt/report/sprites.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kPictureBytes = 4'000'000;  // of all pictures, so that a page is below 5 MB
constexpr size_t kLongestText = 2000;        // bytes
constexpr int kFormat = 1;

// Cuts the text behind a whole character.
std::string cut(const std::string& text) {
  if (text.size() <= kLongestText) return text;
  size_t end = kLongestText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

// Cuts all texts in a value, except keys, which are ours.
void cut_texts(Json& value) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    if (text.rfind("data:", 0) != 0) text = cut(text);
  } else if (value.is_structured()) {
    for (Json& part : value) cut_texts(part);
  }
}

Json json_of(const Facts& facts) {
  Json list = Json::array();
  for (const auto& [name, value] : facts) list.push_back({name, value});
  return list;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// Writes null for numbers that are not finite, since JSON has none.
Json json_of(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(std::isfinite(value) ? Json(value) : nullptr);
  return list;
}

Json json_of(const torch::Tensor& integers) {
  const torch::Tensor values = integers.to(torch::kInt64).contiguous();
  const auto* const data = values.data_ptr<int64_t>();
  return std::vector<int64_t>(data, data + values.numel());
}

Json json_of(const ReportedStage& stage) {
  return {{"name", stage.name},
          {"purpose", stage.purpose},
          {"state", stage.state},
          {"seconds", or_null(stage.seconds)},
          {"peak_memory", or_null(stage.peak_memory)},
          {"version", stage.version}};
}

Json json_of(const ReportedCurve& curve) {
  return {{"name", curve.name},
          {"group", curve.group},
          {"title", curve.title},
          {"x", curve.x},
          {"steps", curve.steps},
          {"values", json_of(curve.values)},
          {"mean", curve.mean.empty() ? Json(nullptr) : json_of(curve.mean)}};
}

Json json_of(const RepresentationQuality& quality) {
  return {{"encoder", quality.encoder},
          {"dim", quality.dim},
          {"effective_rank", quality.effective_rank},
          {"knn", or_null(quality.knn)},
          {"probe", or_null(quality.probe)}};
}

Json json_of(const ReportedSet& set, const Sprites& sprites) {
  return {{"name", set.name},
          {"title", set.title},
          {"live", set.live},
          {"count", set.after.size(0)},
          {"shown", sprites.rows.size(0)},
          {"numbers", json_of(sprites.rows)},
          {"channels", set.after.size(1)},
          {"height", set.after.size(2)},
          {"width", set.after.size(3)},
          {"columns", sprites.columns},
          {"before", text_or_null(sprites.before)},
          {"after", sprites.after},
          {"class_names", set.class_names.empty() ? Json(nullptr) : Json(set.class_names)},
          {"nearest_class",
           sprites.nearest_class.defined() ? json_of(sprites.nearest_class) : Json(nullptr)},
          {"orders", sprites.orders},
          {"facts", json_of(set.facts)}};
}

Json json_of(const ReportedSize& size) {
  return {{"size", size.size}, {"cells", cells_json(size.rows)}};
}

Json json_of(const ReportedOptions& options) {
  return {{"section", options.section}, {"options", json_of(options.options)}};
}

Json json_of(const LogLine& line) {
  return {{"time", line.time}, {"level", line.level}, {"message", line.message}};
}

template <typename Value>
Json list_of(const std::vector<Value>& values) {
  Json list = Json::array();
  for (const Value& value : values) list.push_back(json_of(value));
  return list;
}

Json json_of(const ReportedRun& run, const std::vector<Sprites>& sprites) {
  Json sets = Json::array();
  for (size_t i = 0; i < run.sets.size(); ++i) sets.push_back(json_of(run.sets[i], sprites[i]));
  return {{"name", run.name},
          {"folder", run.folder},
          {"state", run.state},
          {"message", run.message},
          {"progress", text_or_null(run.progress)},
          {"facts", json_of(run.facts)},
          {"stages", list_of(run.stages)},
          {"curves", list_of(run.curves)},
          {"teacher_quality", list_of(run.teacher_quality)},
          {"sets", sets},
          {"comparison", comparison_json(run.rows, run.pretraining)},
          {"set_size", or_null(run.set_size)},
          {"sizes", list_of(run.sizes)},
          {"config", list_of(run.config)},
          {"provenance", json_of(run.provenance)},
          {"log", list_of(run.log)}};
}

// Says what could not be read, and which images are left out.
Json notes_of(const std::vector<ReportedRun>& runs,
              const std::vector<std::vector<Sprites>>& sprites) {
  Json notes = Json::array();
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const std::string& note : runs[i].notes) notes.push_back(runs[i].name + ": " + note);
    for (size_t k = 0; k < runs[i].sets.size(); ++k) {
      const int64_t shown = sprites[i][k].rows.size(0);
      const int64_t count = runs[i].sets[k].after.size(0);
      if (shown == count) continue;
      notes.push_back(fmt::format("{}, {}: {} of {} images are on this page, evenly spread.",
                                  runs[i].name, runs[i].sets[k].name, shown, count));
    }
  }
  return notes;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  std::string result;
  size_t begin = 0;
  for (size_t at; (at = text.find(from, begin)) != std::string::npos; begin = at + from.size()) {
    result.append(text, begin, at - begin).append(to);
  }
  text = result.append(text, begin);
}

}  // namespace

std::string page_json(const std::vector<ReportedRun>& runs, std::optional<int> refresh_seconds) {
  const std::vector<std::vector<Sprites>> sprites = sprites_within(runs, kPictureBytes);
  Json all = Json::array();
  for (size_t i = 0; i < runs.size(); ++i) all.push_back(json_of(runs[i], sprites[i]));
  Json document = {{"format", kFormat},
                   {"mkdt_version", version()},
                   {"written", utc_now()},
                   {"refresh_seconds", or_null(refresh_seconds)},
                   {"notes", notes_of(runs, sprites)},
                   {"own_method", name_of(kOwnMethod)},
                   {"methods", methods_json()},
                   {"runs", all}};
  cut_texts(document);
  std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  replace_all(text, "<", "\\u003c");
  return text;
}

}  // namespace mkdt
