#include "mkdt/eval/comparison_progress.h"

#include <algorithm>
#include <cmath>

namespace mkdt {

ComparisonProgress::ComparisonProgress(Observer& observer, double total)
    : observer_(observer), part_(*this) {
  observer_.begin("comparison", std::max<int64_t>(1, std::llround(std::ceil(total))),
                  "estimated seconds");
}

void ComparisonProgress::finish(double cost, const std::string& note) {
  done_ += cost;
  show(done_, note);
}

void ComparisonProgress::end() { observer_.end(); }

Observer& ComparisonProgress::part(double cost, const std::string& note) {
  part_.cost = cost;
  part_.title = note;
  return part_;
}

bool ComparisonProgress::Part::stop_wanted() const { return whole_.observer_.stop_wanted(); }

void ComparisonProgress::show(double done, const std::string& note) {
  observer_.advance(std::llround(done), note);
}

void ComparisonProgress::Part::begin(const std::string& /*task*/, int64_t total,
                                     const std::string& /*unit*/) {
  total_ = std::max<int64_t>(total, 1);
}

void ComparisonProgress::Part::advance(int64_t done, const std::string& note) {
  const double part = static_cast<double>(done) / static_cast<double>(total_);
  whole_.show(whole_.done_ + part * cost, note.empty() ? title : title + ", " + note);
}

}  // namespace mkdt
