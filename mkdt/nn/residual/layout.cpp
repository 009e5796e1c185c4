#include "mkdt/nn/residual/layout.h"

namespace mkdt::residual {
namespace {

constexpr int64_t kSlack = 64;  // pixels that products may read behind the last place

}  // namespace

int64_t Geometry::plane_size(int64_t images) const {
  return stride * (places(images) + 2 * pitch() + kSlack);
}

int64_t Geometry::index(int64_t images, int64_t image, int64_t y) const {
  if (stride == 1) return place(image, y + 1) + 1;
  const bool odd = y % 2 == 1;
  return (odd ? 0 : plane_size(images)) + 2 * place(image, (y + 1) / 2) + 1;
}

std::vector<TapRun> Geometry::runs(int64_t images) const {
  const int64_t even = stride == 1 ? pitch() : plane_size(images);  // the row of the output pixel
  if (kernel == 1) return {{even + 1, {{0, 0}}}};
  std::vector<TapRun> runs;
  for (int64_t row = 0; row < 3; ++row) {
    const int64_t offset = stride == 1 ? row * pitch() : row == 1 ? even : row / 2 * 2 * pitch();
    runs.push_back({offset, {{row, 0}, {row, 1}, {row, 2}}});
  }
  return runs;
}

std::vector<Phase> Geometry::phases() const {
  const int64_t same = pitch() + 1;  // the output pixel (i, j)
  if (kernel == 1) return {{0, 0, {{same, {{0, 0}}}}}};
  if (stride == 1) {
    Phase all{0, 0, {}};
    for (int64_t row = 0; row < 3; ++row) {
      all.runs.push_back({row * pitch(), {{2 - row, 2}, {2 - row, 1}, {2 - row, 0}}});
    }
    return {all};
  }
  // An even coordinate sees the kernel's middle at its own output; an odd one its end there, and
  // its beginning at the next output.
  std::vector<Phase> phases;
  for (int64_t row = 0; row < 2; ++row) {
    for (int64_t column = 0; column < 2; ++column) {
      Phase phase{row, column, {}};
      const auto add = [&](int64_t offset, int64_t tap) {
        if (column == 0) {
          phase.runs.push_back({offset, {{tap, 1}}});
        } else {
          phase.runs.push_back({offset, {{tap, 2}, {tap, 0}}});
        }
      };
      if (row == 0) {
        add(same, 1);
      } else {
        add(same, 2);
        add(same + pitch(), 0);
      }
      phases.push_back(phase);
    }
  }
  return phases;
}

}  // namespace mkdt::residual
