#include "mkdt/data/damaged_files.h"

#include <iterator>

#include <fmt/format.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace {

constexpr size_t kMost = 10;  // of a message

}  // namespace

void DamagedFiles::add(int64_t index, const std::string& message) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++count_;
  first_[index] = message;
  if (first_.size() > kMost) first_.erase(std::prev(first_.end()));
}

void DamagedFiles::throw_if_any(int64_t of) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (count_ == 0) return;
  if (count_ == 1) throw Error(first_.begin()->second);
  std::string text = fmt::format("{} of {} images cannot be read", count_, of);
  const char* separator = ": ";
  for (const auto& [index, message] : first_) {
    text += separator + message;
    separator = "; ";
  }
  const auto left_out = count_ - static_cast<int64_t>(first_.size());
  if (left_out > 0) text += fmt::format("; and {} more", left_out);
  throw Error(text);
}

}  // namespace mkdt
