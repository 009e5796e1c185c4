// Takes the two views of a training step through encoder and projector, each on its own way.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "mkdt/base/threads.h"
#include "mkdt/ssl/teacher_checkpoint.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

// Both passes run at the same time on a CPU (base/threads.h), and their gradients are added, the
// first view's first. Batch norms see the statistics of their own view's batch, as they would one
// after the other; their running statistics then take the first view's and the second's. The second
// pass has modules of its own for that, which share the parameters' memory.
class ViewPasses {
 public:
  // `state` outlives this, and was made with `shape` and `options`.
  ViewPasses(const BackboneShape& shape, const AlgorithmOptions& options, torch::Device device,
             TeacherState& state);

  struct Step {
    double loss = 0;
    torch::Tensor features, embeddings;  // of the first views, for monitors: [B,F], [B,D]
  };
  // Returns the loss of the views images(0) and images(1), [B,3,H,W] on the device. Each is called
  // in its own pass's thread.
  Step forward(const std::function<torch::Tensor(int view)>& images);
  // Adds the gradient of that loss to the parameters of encoder and algorithm, and updates the
  // running statistics; once after a forward().
  void backward();

 private:
  struct Pass {
    std::shared_ptr<Backbone> encoder;
    std::shared_ptr<SslAlgorithm> algorithm;
    std::vector<torch::Tensor> trained;  // parameters that require a gradient
    torch::Tensor features;
    Projection projection;
    torch::Tensor gradient;  // ∂L/∂projection.compared
  };

  void for_both(const std::function<void(Pass&, int view)>& work);

  torch::Device device_;
  SideBySide side_by_side_;
  std::array<Pass, 2> passes_;  // the first with the state's own modules
};

}  // namespace mkdt
