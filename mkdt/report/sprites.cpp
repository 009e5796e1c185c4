#include "mkdt/report/sprites.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "mkdt/data/batches.h"
#include "mkdt/data/png.h"
#include "mkdt/publish/contact_sheet.h"

namespace mkdt {

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;  // 24 bits
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < count ? static_cast<uint8_t>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      text += k <= count ? kDigits[group >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return text;
}

namespace {

constexpr int64_t kSmallestBudget = 16;  // images that are shown whatever they take

std::string picture(const torch::Tensor& images, int64_t columns) {
  ContactSheetOptions options;
  options.scale = 1;
  options.gap = 0;
  options.columns = columns;
  torch::Tensor sheet = contact_sheet(images, options);
  if (images.size(1) == 1) sheet = sheet.slice(0, 0, 1);  // grey stays grey
  return "data:image/png;base64," + base64(encode_png(sheet));
}

std::vector<int64_t> positions(const torch::Tensor& order) {
  const torch::Tensor values = order.to(torch::kInt64).contiguous();
  return {values.data_ptr<int64_t>(), values.data_ptr<int64_t>() + values.numel()};
}

// Returns the ascending order; equal values keep their order.
torch::Tensor ascending(const torch::Tensor& values) {
  return std::get<1>(values.sort(/*stable=*/true, 0, /*descending=*/false));
}

// Returns the rows' places along their first principal component, [n]. Its sign is that of its
// largest entry, so that the same targets give the same order.
torch::Tensor along_first_component(const torch::Tensor& targets) {
  const torch::Tensor centred = targets.to(torch::kFloat64) - targets.mean(0).to(torch::kFloat64);
  const torch::Tensor covariance = centred.t().mm(centred);
  torch::Tensor direction = std::get<1>(torch::linalg_eigh(covariance, "L")).select(1, -1);
  if (direction[direction.abs().argmax()].item<double>() < 0) direction = -direction;
  return centred.mv(direction);
}

void add_orders(Sprites& sprites, const ReportedSet& set) {
  const int64_t count = sprites.rows.size(0);
  sprites.orders["stored"] = positions(torch::arange(count));
  if (!set.targets.defined() || set.targets.size(1) == 0) return;
  const torch::Tensor order =
      ascending(along_first_component(set.targets.index_select(0, sprites.rows)));
  sprites.orders["representation"] = positions(order);
  if (!sprites.nearest_class.defined()) return;
  const torch::Tensor classes = sprites.nearest_class.index_select(0, order);
  sprites.orders["class"] = positions(order.index_select(0, ascending(classes)));
}

// Returns how many bytes one image takes in a page, at most: before and after, in base64.
double bytes_each(const ReportedSet& set) {
  const double pictures = set.before.defined() ? 2 : 1;
  return pictures * static_cast<double>(set.after[0].numel()) * 4 / 3;
}

// Returns as many images as fit into `bytes`. PNG saves some, so the bytes that are left over are
// used by trying again.
Sprites fitting(const ReportedSet& set, size_t bytes) {
  const int64_t count = set.after.size(0);
  const auto budget = static_cast<double>(bytes);
  int64_t most = std::clamp<int64_t>(std::llround(budget / bytes_each(set)), kSmallestBudget,
                                     std::max(count, kSmallestBudget));
  Sprites sprites = sprites_of(set, most);
  for (int attempt = 0; attempt < 2 && most < count; ++attempt) {
    const double each = static_cast<double>(sprites.bytes()) / static_cast<double>(most);
    const auto next = std::min<int64_t>(count, std::llround(0.97 * budget / each));
    if (next <= most) break;
    Sprites more = sprites_of(set, next);
    if (more.bytes() > bytes) break;
    sprites = std::move(more);
    most = next;
  }
  return sprites;
}

}  // namespace

Sprites sprites_of(const ReportedSet& set, int64_t most) {
  Sprites sprites;
  sprites.rows = spread_rows(set.after.size(0), std::max<int64_t>(1, most));
  const auto count = static_cast<double>(sprites.rows.size(0));
  sprites.columns = std::max<int64_t>(1, std::llround(std::ceil(std::sqrt(count))));
  sprites.after = picture(set.after.index_select(0, sprites.rows), sprites.columns);
  if (set.before.defined()) {
    sprites.before = picture(set.before.index_select(0, sprites.rows), sprites.columns);
  }
  if (set.nearest_class.defined()) {
    sprites.nearest_class = set.nearest_class.index_select(0, sprites.rows);
  }
  add_orders(sprites, set);
  return sprites;
}

std::vector<std::vector<Sprites>> sprites_within(const std::vector<ReportedRun>& runs,
                                                 size_t bytes) {
  size_t firsts = 0, others = 0;
  for (const ReportedRun& run : runs) {
    firsts += run.sets.empty() ? 0 : 1;
    others += run.sets.empty() ? 0 : run.sets.size() - 1;
  }
  const size_t kept = others == 0 ? 0 : bytes / 10;
  size_t left = bytes;
  std::vector<std::vector<Sprites>> all(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].sets.empty()) continue;
    const size_t share = left > kept ? (left - kept) / firsts-- : 0;
    all[i].push_back(fitting(runs[i].sets[0], share));
    left -= std::min(left, all[i][0].bytes());
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    for (size_t k = 1; k < runs[i].sets.size(); ++k) {
      all[i].push_back(fitting(runs[i].sets[k], left / others--));
      left -= std::min(left, all[i][k].bytes());
    }
  }
  return all;
}

}  // namespace mkdt
