// Makes one view of an image by several threads, for a GPU, in the steps of make_views (views.h).
//
// This file is CUDA C++ that is compiled when the program first needs it (base/cuda_program.h), so
// it includes nothing; the tests compile it as C++.
#ifndef MKDT_SSL_VIEWS_KERNEL_H_
#define MKDT_SSL_VIEWS_KERNEL_H_

#if defined(__CUDACC__)
#define MKDT_BODY __device__ __forceinline__
#else
#define MKDT_BODY inline
#endif

namespace mkdt_kernel {

// ViewParameters (views.h) for a kernel.
struct View {
  float left, top, width, height;
  float brightness, contrast, saturation, hue;
  float blur_sigma;
  int sequence;  // of the jitters, two bits each, the first one lowest: enum Jitter's numbers
  int flip, jitter, grey, solarise;
};

// Common to all views of a batch.
struct ViewBatch {
  const unsigned char* pixels;  // [B,3,S,S]
  const View* views;            // [B]
  float* scratch;               // [B,3,S,S], room for the blur
  float* out;                   // [B,3,S,S]
  int size;                     // S
  int taps;                     // of the blur's Gaussian, odd
  float mean[3], std[3];
};

MKDT_BODY float clamp01(float x) { return fminf(fmaxf(x, 0.0f), 1.0f); }
MKDT_BODY float luminance(float r, float g, float b) {
  return 0.299f * r + 0.587f * g + 0.114f * b;
}

// The two pixels between which output i of one axis of a crop lies.
struct Between {
  int low, high;
  float weight;  // of `high`

  MKDT_BODY Between(float begin, float length, int size, int i) {
    const float centre = begin + (static_cast<float>(i) + 0.5f) * length / static_cast<float>(size);
    const float x = fminf(fmaxf(centre - 0.5f, 0.0f), static_cast<float>(size - 1));
    low = static_cast<int>(x);
    high = low + 1 < size ? low + 1 : size - 1;
    weight = x - static_cast<float>(low);
  }
};

MKDT_BODY float cropped(const unsigned char* plane, int size, const Between& row,
                        const Between& column) {
  const unsigned char* above = plane + static_cast<long long>(row.low) * size;
  const unsigned char* below = plane + static_cast<long long>(row.high) * size;
  const float v = row.weight / 255, u = (1 - row.weight) / 255;
  const float left = u * above[column.low] + v * below[column.low];
  const float right = u * above[column.high] + v * below[column.high];
  return left + column.weight * (right - left);
}

// The channel that lies `phase` sixths of a turn behind red (colour_jitter.cpp).
MKDT_BODY float turned(float hue, float phase, float v, float c) {
  const float sum = hue + phase;
  const float k = sum >= 6 ? sum - 6 : sum;
  return v - c * clamp01(fminf(k, 4 - k));
}

MKDT_BODY void turn_hue(float shift, float& r, float& g, float& b) {
  const float v = fmaxf(r, fmaxf(g, b)), c = v - fminf(r, fminf(g, b));
  const float sector = v == r ? g - b : v == g ? b - r + 2 * c : r - g + 4 * c;
  float hue = sector / fmaxf(c, 1e-20f) + shift;
  hue = hue < 0 ? hue + 6 : hue;
  hue = hue >= 6 ? hue - 6 : hue;
  r = turned(hue, 5, v, c);
  g = turned(hue, 3, v, c);
  b = turned(hue, 1, v, c);
}

// A Team is the threads that share an image. It has part and parts; meet() waits for all and lets
// them see what was written; sum(x) is the sum of everybody's x.
template <typename Team>
class ViewMaker {
 public:
  MKDT_BODY ViewMaker(const ViewBatch& batch, int image, const Team& team)
      : batch_(batch),
        view_(batch.views[image]),
        team_(team),
        area_(batch.size * batch.size),
        pixels_(batch.pixels + static_cast<long long>(image) * 3 * area_),
        out_(batch.out + static_cast<long long>(image) * 3 * area_),
        scratch_(batch.scratch + static_cast<long long>(image) * 3 * area_) {}

  MKDT_BODY void make() const {
    crop();
    for (int i = 0; view_.jitter && i < 4; ++i) adjust((view_.sequence >> (2 * i)) & 3);
    if (view_.grey) saturate(0);
    if (view_.blur_sigma > 0) blur();
    finish();
  }

 private:
  template <typename Work>
  MKDT_BODY void each_pixel(const Work& work) const {
    for (int i = team_.part; i < area_; i += team_.parts) {
      work(i, out_[i], out_[i + area_], out_[i + 2 * area_]);
    }
  }

  MKDT_BODY void crop() const {
    each_pixel([&](int i, float& r, float& g, float& b) {
      const int y = i / batch_.size, x = i % batch_.size;
      const Between row(view_.top, view_.height, batch_.size, y);
      const Between column(view_.left, view_.width, batch_.size,
                           view_.flip ? batch_.size - 1 - x : x);
      r = cropped(pixels_, batch_.size, row, column);
      g = cropped(pixels_ + area_, batch_.size, row, column);
      b = cropped(pixels_ + 2LL * area_, batch_.size, row, column);
    });
  }

  MKDT_BODY void adjust(int jitter) const {
    if (jitter == 0) return scale(view_.brightness, 0);
    if (jitter == 2) return saturate(view_.saturation);
    if (jitter == 3) {
      each_pixel([&](int, float& r, float& g, float& b) { turn_hue(6 * view_.hue, r, g, b); });
      return;
    }
    float sum = 0;
    each_pixel([&](int, float r, float g, float b) { sum += luminance(r, g, b); });
    const float mean = team_.sum(sum) / static_cast<float>(area_);
    scale(view_.contrast, (1 - view_.contrast) * mean);
  }

  MKDT_BODY void scale(float factor, float rest) const {
    each_pixel([&](int, float& r, float& g, float& b) {
      r = clamp01(factor * r + rest);
      g = clamp01(factor * g + rest);
      b = clamp01(factor * b + rest);
    });
  }

  MKDT_BODY void saturate(float factor) const {
    each_pixel([&](int, float& r, float& g, float& b) {
      const float rest = (1 - factor) * luminance(r, g, b);
      r = clamp01(factor * r + rest);
      g = clamp01(factor * g + rest);
      b = clamp01(factor * b + rest);
    });
  }

  MKDT_BODY void blur() const {
    team_.meet();
    weigh(out_, scratch_, 1);
    weigh(scratch_, out_, batch_.size);
  }

  // Weighs along rows (stride 1) or columns (stride S); edge pixels continue outwards.
  MKDT_BODY void weigh(const float* from, float* to, int stride) const {
    const int radius = batch_.taps / 2, size = batch_.size;
    float total = 0;
    for (int t = -radius; t <= radius; ++t) total += gaussian(t);
    for (int i = team_.part; i < 3 * area_; i += team_.parts) {
      const int at = i / stride % size, first = i - at * stride;
      float sum = 0;
      for (int t = -radius; t <= radius; ++t) {
        const int wanted = at + t, inside = wanted < 0 ? 0 : wanted < size ? wanted : size - 1;
        sum += gaussian(t) / total * from[first + inside * stride];
      }
      to[i] = sum;
    }
    team_.meet();
  }
  MKDT_BODY float gaussian(int t) const {
    const float x = static_cast<float>(t) / view_.blur_sigma;
    return expf(-0.5f * x * x);
  }

  // Solarises and normalises.
  MKDT_BODY void finish() const {
    each_pixel([&](int i, float&, float&, float&) {
      for (int c = 0; c < 3; ++c) {
        float& value = out_[i + c * area_];
        if (view_.solarise && !(value < 0.5f)) value = 1 - value;
        value = (value - batch_.mean[c]) * (1 / batch_.std[c]);
      }
    });
  }

  const ViewBatch& batch_;
  const View& view_;
  const Team& team_;
  int area_;
  const unsigned char* pixels_;
  float *out_, *scratch_;
};

}  // namespace mkdt_kernel

#if defined(__CUDACC__)

namespace mkdt_kernel {

// The threads of a block.
struct BlockTeam {
  int part, parts;
  float* shared;  // [parts]

  MKDT_BODY void meet() const { __syncthreads(); }
  MKDT_BODY float sum(float x) const {
    __syncthreads();
    shared[part] = x;
    for (int half = parts / 2; half > 0; half /= 2) {
      __syncthreads();
      if (part < half) shared[part] += shared[part + half];
    }
    __syncthreads();
    return shared[0];
  }
};

}  // namespace mkdt_kernel

// The grid is (B); a block's threads are a power of two, at most 256.
extern "C" __global__ void __launch_bounds__(256) make_views(mkdt_kernel::ViewBatch batch) {
  __shared__ float shared[256];
  const mkdt_kernel::BlockTeam team = {static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x),
                                       shared};
  mkdt_kernel::ViewMaker<mkdt_kernel::BlockTeam>(batch, static_cast<int>(blockIdx.x), team).make();
}

#endif  // __CUDACC__

#endif  // MKDT_SSL_VIEWS_KERNEL_H_
