#include "mkdt/distill/parity.h"

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/regression.h"

namespace mkdt {
namespace {

constexpr SgdOptions kExpertSgd = {/*lr=*/0.1, /*momentum=*/0.9, /*weight_decay=*/1e-4};

class Parity {
 public:
  Parity(const std::filesystem::path& path, torch::Dtype dtype, torch::Device device)
      : file_(read_safetensors(path)), dtype_(dtype), device_(device), network_(shape()) {
    const int64_t parameters = file_.tensor("theta_start").numel();
    if (parameters != network_.layout().size()) {
      throw Error(fmt::format("{}: 'theta_start' has {} values, the architecture has {} parameters",
                              file_.origin, parameters, network_.layout().size()));
    }
    for (const torch::Tensor& row : file_.tensor("batch_indices").unbind(0)) {
      batches_.push_back(row.to(device_, torch::kInt64));
    }
  }

  std::vector<ParityQuantity> check(MetaGradientEngine& engine) {
    check_expert();
    check_meta_gradient(engine);
    return std::move(quantities_);
  }

 private:
  ConvNetShape shape() const {
    return {file_.integer("channels"), file_.integer("image_size"), file_.integer("width"),
            file_.integer("depth"), file_.integer("representation_dim")};
  }
  torch::Tensor input(const std::string& name) const {
    return file_.tensor(name).to(device_, dtype_);
  }

  void compare(const std::string& name, const torch::Tensor& ours) {
    const torch::Tensor theirs = file_.tensor(name).to(torch::kFloat64);
    const torch::Tensor found = ours.to(torch::kCPU, torch::kFloat64);
    if (found.numel() != theirs.numel()) {
      throw Error(fmt::format("{}: '{}' has {} values, expected {}", file_.origin, name,
                              theirs.numel(), found.numel()));
    }
    const double error = (found.flatten() - theirs.flatten()).norm().item<double>();
    const double norm = theirs.norm().item<double>();
    quantities_.push_back({name, norm > 0 ? error / norm : error});
  }

  // Checks the expert, which starts at the first row of expert_thetas.
  void check_expert() {
    const torch::Tensor images = input("expert_images");
    const torch::Tensor targets = input("expert_targets");
    Student student;
    student.theta = input("expert_thetas")[0];
    {
      const torch::NoGradGuard no_grad;
      compare("expert_forward", network_.outputs(student.theta, images));
    }
    std::vector<torch::Tensor> thetas = {student.theta};
    std::vector<double> losses;
    for (const torch::Tensor& batch : batches_) {
      losses.push_back(sgd_step(network_, student, images.index_select(0, batch),
                                targets.index_select(0, batch), kExpertSgd));
      thetas.push_back(student.theta);
    }
    compare("expert_thetas", torch::stack(thetas));
    compare("expert_losses", torch::tensor(losses, torch::kFloat64));
  }

  void check_meta_gradient(MetaGradientEngine& engine) {
    const torch::Tensor theta_start = input("theta_start");
    const InnerProblem problem = {network_,
                                  theta_start,
                                  input("images"),
                                  input("targets"),
                                  file_.tensor("lr").to(torch::kFloat64).item<double>(),
                                  batches_};
    const MetaGradient result =
        engine.solve(problem, matching_loss(theta_start, input("theta_target")));
    compare("inner_losses", torch::tensor(result.inner_losses, torch::kFloat64));
    compare("theta_final", result.theta_final);
    compare("loss", torch::tensor(result.loss, torch::kFloat64));
    compare("grad_images", result.images);
    compare("grad_targets", result.targets);
    compare("grad_lr", torch::tensor(result.lr, torch::kFloat64));
  }

  TensorFile file_;
  torch::Dtype dtype_;
  torch::Device device_;
  ConvNet network_;
  std::vector<torch::Tensor> batches_;
  std::vector<ParityQuantity> quantities_;
};

}  // namespace

std::vector<ParityQuantity> check_parity(const std::filesystem::path& path,
                                         const std::string& engine, torch::Dtype dtype,
                                         torch::Device device) {
  return Parity(path, dtype, device).check(*meta_gradient_engine(engine));
}

}  // namespace mkdt
