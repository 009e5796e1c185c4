#include "mkdt/report/dataset/front_matter.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/printable.h"
#include "mkdt/report/dataset/shown_text.h"

namespace mkdt {
namespace {

constexpr size_t kLongestLicense = 64;

// Of the steps that Hugging Face knows, those that a distilled set can have.
const char* size_category(int64_t images) {
  if (images < 1000) return "n<1K";
  if (images < 10'000) return "1K<n<10K";
  if (images < 100'000) return "10K<n<100K";
  return images < 1'000'000 ? "100K<n<1M" : "1M<n<10M";
}

}  // namespace

void check_license(const std::string& license) {
  const bool possible =
      !license.empty() && license.size() <= kLongestLicense &&
      license.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.+-") == std::string::npos &&
      license.front() != '-';
  if (possible) return;
  throw Error(
      fmt::format("--license: expected one of Hugging Face's identifiers, such as cc-by-4.0, other "
                  "or unknown, got '{}'",
                  printable(license)));
}

std::string front_matter(const std::string& license, const std::string& name, int64_t images) {
  return fmt::format(R"(---
license: "{}"
pretty_name: {}
task_categories:
- image-feature-extraction
tags:
- dataset-distillation
- self-supervised-learning
- synthetic
- mkdt
size_categories:
- {}
configs:
- config_name: default
  data_files:
  - split: train
    path: images/*
---
)",
                     license, in_yaml(name), size_category(images));
}

}  // namespace mkdt
