// Computes the student's loss, its gradient, and the gradient's directional derivative, on a CPU.
#pragma once

#include <memory>
#include <vector>

#include "mkdt/nn/native/isa.h"
#include "mkdt/nn/native/packed_parameters.h"
#include "mkdt/nn/native/pass_flops.h"
#include "mkdt/nn/native/workspace.h"

namespace mkdt::native {

// Rows of a set: images [·,C,H,W] and targets [·,d], dense.
template <typename T>
struct Batch {
  const T* images;
  const T* targets;
  const int64_t* rows;  // [size], into both
  int64_t size;
};

// The derivatives in a direction v go here; each is overwritten.
template <typename T>
struct DirectionalDerivative {
  T* theta;    // ∂s/∂θ, [P]
  T* images;   // ∂s/∂X_b, [B,C,H,W]
  T* targets;  // ∂s/∂Z_b, [B,d]
};

// L = mean over batch and d of (outputs − targets)². The batch is cut into shares
// (base/threads.h), each summed on its own and then added in order, so that the bits depend on
// the instruction set and the batch, not on the number of threads. Memory: four packed forms of
// every filter and a gradient a share, of 36·width² scalars each, beside the planes of a share, or
// of a micro-batch where a share is too large, a thread.
template <typename T>
class ConvNetEngine {
 public:
  // Makes room for `batch` rows; a larger batch makes more. `isa` is as in kernels(). A batch is
  // never empty, and its pointers are not checked: see native/forward.h for tensors.
  ConvNetEngine(const ConvNet& network, int64_t batch, bool with_tangents, Isa isa);
  ~ConvNetEngine();
  ConvNetEngine(const ConvNetEngine&) = delete;
  ConvNetEngine& operator=(const ConvNetEngine&) = delete;

  // Returns L, and sets gradient [P] to ∇_θ L.
  double gradient(const T* theta, const Batch<T>& batch, T* gradient);
  // Returns s = ⟨∇_θ L, v⟩ and sets its derivatives.
  double directional(const T* theta, const T* v, const Batch<T>& batch,
                     const DirectionalDerivative<T>& derivative);
  // Sets outputs [size,d]; `rows` of the batch are read, its targets are not.
  void outputs(const T* theta, const Batch<T>& batch, T* outputs);
  // Sets features [size,F].
  void features(const T* theta, const Batch<T>& batch, T* features);

 private:
  struct Head;

  // Says whether a body adds to its workspace's sums, which then are its share's and begin with
  // zeros.
  enum class Adds { kNothing, kSums };
  // Calls body(workspace, first, count) for the micro-batches of a batch, in parallel.
  template <typename Body>
  void for_micro_batches(int64_t batch, Adds adds, Body body);
  template <typename Body>
  void for_sums(int64_t batch, Body body) const;
  std::vector<const T*> image_rows(const Batch<T>& batch, int64_t first, int64_t count) const;
  void encode(const Batch<T>& batch, Workspace<T>& space, int64_t first, int64_t count,
              bool tangents);
  void apply_head(int64_t first, int64_t count);
  void reserve(int64_t batch);
  void collect(const Head& head, const Head* tangent, int64_t batch, T* gradient);
  void collect_first_filter(int64_t batch, T* gradient);
  void collect_filter(size_t block, int64_t batch, int64_t begin, int64_t end, T* gradient);
  void collect_head(const Head& head, const Head* tangent, int64_t batch, int64_t begin,
                    int64_t end, T* gradient);

  ConvNetPlan plan_;
  PassFlops flops_;
  const Kernels<T>& kernels_;
  bool with_tangents_;
  int64_t micro_batch_ = 0;
  PackedParameters<T> theta_;
  std::unique_ptr<PackedParameters<T>> direction_;
  std::vector<std::unique_ptr<Workspace<T>>> spaces_;  // one a thread
  std::vector<std::unique_ptr<ShareSums<T>>> sums_;    // one a share
  std::unique_ptr<Head> head_, head_tangent_;          // of the whole batch
};

}  // namespace mkdt::native
