// Computes the features of a residual network in training, with batch statistics, and their
// gradient.
#pragma once

#include <memory>
#include <vector>

#include <torch/types.h>

#include "mkdt/nn/residual/kernels.h"
#include "mkdt/nn/residual/network_plan.h"
#include "mkdt/nn/residual/packed_weights.h"
#include "mkdt/nn/residual/tape.h"
#include "mkdt/nn/residual/workspace.h"

namespace mkdt::residual {

// What lies between two layers is one pass over memory each way: a layer reads the values before
// the last batch norm, applies norm, ReLU and shortcut on their way into the cache, multiplies, and
// takes the sums that its own norm needs as it writes. On the way back it is the same with the
// gradients. V is what values and gradients between the layers are rounded to; sums, norms and
// parameters are SumOf<V>. The batch is divided into shares that do not depend on the number of
// threads, nor do the bits.
//
// Only one thread may use an engine at a time. Its memory is kept from call to call.
template <typename V>
class Engine {
 public:
  using Sum = SumOf<V>;

  Engine(const NetworkShape& shape, Isa isa);

  // Maps images [B,3,S,S] to features [B,F], the mean over the last plane's pixels, with batch
  // norms by the batch's statistics (eps 1e-5). `parameters`, of the type Sum and contiguous, are
  // every layer's weight [out,in,kernel,kernel], gamma and beta [out], in the plan's order. The
  // tape is for backward(), and has the statistics.
  struct Result {
    torch::Tensor features;
    std::shared_ptr<Tape<V>> tape;
  };
  Result forward(const torch::Tensor& images, const std::vector<torch::Tensor>& parameters);

  // Returns the gradients of the parameters, given that of the features. The parameters are those
  // of the forward pass.
  std::vector<torch::Tensor> backward(const Tape<V>& tape, const torch::Tensor& feature_gradient,
                                      const std::vector<torch::Tensor>& parameters);

  const NetworkPlan& plan() const { return plan_; }

 private:
  struct Weights {
    PackedWeights<V> forward;
    std::vector<PackedWeights<V>> adjoint;  // of each phase
  };
  // A layer's sums over the batch, [out_pad] each: of m, the gradient behind the norm, and of m·(y
  // − mean); then what makes the gradient before the norm of them.
  struct NormGradient {
    std::vector<double> sum, product;
    Buffer<Sum> by_m, by_y, constant;
  };

  std::shared_ptr<Tape<V>> take_tape(int64_t images);
  void begin(int64_t batch);

  // engine.cpp, the way there
  template <typename Fill>
  void convolve(Tape<V>& tape, const std::vector<size_t>& layers, Fill fill);
  void set_norm(Tape<V>& tape, size_t layer, size_t first_sum);
  void join_row(Tape<V>& tape, size_t plane, int64_t image, int64_t y, V* also) const;
  torch::Tensor pool(Tape<V>& tape);

  // engine_backward.cpp, the way back
  struct Step;   // through a layer
  struct Group;  // of images
  void pass_back(const Tape<V>& tape, const Step& step, std::vector<torch::Tensor>& found);
  void load_values(const Tape<V>& tape, const Step& step, const Group& group);
  void load_gradients(const Tape<V>& tape, const Step& step, const Group& group);
  void correlate(const Step& step, const Group& group);
  void multiply_back(const Step& step, const Group& group);
  void begin_backward(const Tape<V>& tape, const torch::Tensor& feature_gradient, V* m);
  typename Kernels<V>::Masked mask_of_plane(const Tape<V>& tape, size_t plane) const;
  std::vector<size_t> norms_of_plane(size_t plane) const;
  void take_sums(const std::vector<size_t>& layers, int64_t channels);
  void set_norm_gradient(const Tape<V>& tape, size_t layer, std::vector<torch::Tensor>& found);

  NetworkPlan plan_;
  const Kernels<V>& kernels_;
  std::vector<Weights> weights_;
  std::vector<std::vector<Phase>> phases_;  // of each layer
  std::vector<std::shared_ptr<Tape<V>>> tapes_;
  std::vector<Workspace<V>> workspaces_;  // of threads
  std::vector<ShareSums<V>> shares_;
  std::vector<torch::Tensor> parameters_;  // of the present call
  std::vector<NormGradient> norm_gradients_;
  Buffer<V> block_gradients_[2], inner_gradients_;
};

}  // namespace mkdt::residual
