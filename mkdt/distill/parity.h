// Recomputes the numbers of a parity file, which a reference implementation has written in float64.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

struct ParityQuantity {
  std::string name;           // of the tensor in the file
  double relative_error = 0;  // ‖ours − theirs‖ / ‖theirs‖
};

// Reads a safetensors file whose metadata give the ConvNet's width, depth, image_size, channels and
// representation_dim. Its tensors are the inputs (theta_start, theta_target, images, targets, lr,
// batch_indices [N,B]; expert_images, expert_targets) and the numbers to recompute: expert_forward,
// expert_thetas and expert_losses (SGD, rate 0.1, momentum 0.9, weight decay 1e-4, one step a row
// of batch_indices), inner_losses, theta_final, loss, grad_images, grad_targets, grad_lr. Throws
// Error if the file does not hold them or they do not fit the architecture.
std::vector<ParityQuantity> check_parity(const std::filesystem::path& path,
                                         const std::string& engine, torch::Dtype dtype,
                                         torch::Device device);

}  // namespace mkdt
