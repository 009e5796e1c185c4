// How a pass goes through the batch: shares, and groups of images within them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "mkdt/base/threads.h"
#include "mkdt/nn/residual/layout.h"

namespace mkdt::residual {

// Returns the number of shares: more let more threads work.
inline int64_t shares_of(int64_t batch) {
  constexpr int64_t kMost = 8, kImages = 32;
  return std::clamp<int64_t>(batch / kImages, 1, kMost);
}

// Returns the number of images that are multiplied together: so many that small planes fill the
// kernels' tiles, and few enough for the cache.
inline int64_t group_images(const Geometry& geometry) {
  constexpr int64_t kPlaces = 512;
  return std::max<int64_t>(1, kPlaces / geometry.places(1));
}

// Returns the first image of a share.
inline int64_t first_of_share(int64_t share, int64_t batch) {
  return batch * share / shares_of(batch);
}

// Calls work(share, thread, begin, end) for every group [begin, end) of images, share by share.
template <typename Work>
void for_groups(int64_t batch, const Geometry& geometry, Work work) {
  const int64_t shares = shares_of(batch), group = group_images(geometry);
  share_out(shares, [&](int64_t share, int64_t thread) {
    const int64_t last = first_of_share(share + 1, batch);
    for (int64_t begin = first_of_share(share, batch); begin < last; begin += group) {
      work(share, thread, begin, std::min(begin + group, last));
    }
  });
}

// A strip of a group's output rows: so few that what is made of them at once stays in the fastest
// cache.
struct Strip {
  int64_t begin, end;  // rows of all images, with the padding below each
  int64_t places;      // up to the last that may be an output
};

// Calls work(strip) for every strip of a group of images. A stride of 2 takes its rows from two
// planes, which are not cut.
template <typename Work>
void for_strips(const Geometry& geometry, int64_t images, Work work) {
  constexpr int64_t kPlaces = 256;
  const int64_t rows = images * (geometry.out_height() + 1) - 1;
  const int64_t most =
      geometry.stride == 1 ? std::max<int64_t>(1, kPlaces / geometry.pitch()) : rows;
  for (int64_t begin = 0; begin < rows; begin += most) {
    const int64_t end = std::min(begin + most, rows);
    work(Strip{begin, end, (end - begin) * geometry.pitch() - 1});
  }
}

// Calls work(image, y, place) for the outputs' rows of a strip; `place` is its first one's, from
// the strip's beginning.
template <typename Work>
void for_rows(const Strip& strip, const Geometry& geometry, Work work) {
  const int64_t height = geometry.out_height() + 1;
  for (int64_t row = strip.begin; row < strip.end; ++row) {
    const int64_t y = row % height;
    if (y < geometry.out_height()) {
      work(row / height, y, (row - strip.begin) * geometry.pitch());
    }
  }
}

}  // namespace mkdt::residual
