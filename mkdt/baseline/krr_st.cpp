#include "mkdt/baseline/krr_st.h"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/baseline/kernel_ridge.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/nn/update_rules.h"

namespace mkdt {

void KrrStOptions::declare(OptionSection& section) {
  section.add(
      "steps", steps, 0, 10'000'000,
      "Steps of the baseline KRR-ST, over which its rate falls linearly; published: 160000.");
  section.add("batch", batch, 1, 1'000'000, "Real images a step.");
  section.add(
      "lr", lr, 0, 1e3,
      "Rate of AdamW on images and targets at the first step; published: 1e-4, and 1e-5 for "
      "Tiny ImageNet.");
  section.add("weight_decay", weight_decay, 0, 1e3, "Weight decay of AdamW.");
  section.add("ridge", ridge, 1e-12, 1,
              "λ of the kernel ridge regression, as a part of its kernel's trace.");
  section.add("pool", pool, 1, 10'000, "Students whose features serve, one a step at random.");
  section.add("reinitialise_after", reinitialise_after, 1, 10'000'000,
              "SGD steps on the synthetic set after which a student starts anew.");
  section.add("student_lr", student_lr, 0, 1e3, "Rate of the students' SGD.");
  section.add("student_momentum", student_momentum, 0, 0.999, "Momentum of the students' SGD.");
  section.add("student_weight_decay", student_weight_decay, 0, 1e3,
              "Weight decay of the students' SGD.");
  section.add("checkpoint_every", checkpoint_every, 0, 1'000'000,
              "Steps between two checkpoints; 0: by runtime.checkpoint_minutes alone.");
}

namespace {

constexpr const char* kGenerator = "generator";
constexpr const char* kAges = "pool.ages";  // int64 [students]

std::string student_name(size_t index) { return fmt::format("pool.{}", index); }

void put_pool(TensorFile& file, const std::vector<PoolStudent>& pool) {
  std::vector<int64_t> ages;
  for (size_t i = 0; i < pool.size(); ++i) {
    put_optional(file, student_name(i) + ".theta", pool[i].student.theta);
    put_optional(file, student_name(i) + ".velocity", pool[i].student.velocity);
    ages.push_back(pool[i].age);
  }
  file.tensors[kAges] = torch::tensor(ages, torch::kInt64);
}

std::vector<PoolStudent> take_pool(const TensorFile& file, torch::Device device) {
  const torch::Tensor& ages = file.tensor(kAges);
  std::vector<PoolStudent> pool(static_cast<size_t>(ages.numel()));
  for (size_t i = 0; i < pool.size(); ++i) {
    pool[i].student.theta = file.tensor(student_name(i) + ".theta").to(device).clone();
    pool[i].student.velocity = take_optional(file, student_name(i) + ".velocity", device);
    pool[i].age = ages[static_cast<int64_t>(i)].item<int64_t>();
  }
  return pool;
}

}  // namespace

TensorFile to_tensors(const KrrStProgress& progress) {
  const KrrStState& state = progress.state;
  TensorFile file;
  put_optional(file, "images", state.images);
  put_optional(file, "targets", state.targets);
  put_moments(file, "images_moments", state.images_moments);
  put_moments(file, "targets_moments", state.targets_moments);
  put_pool(file, state.pool);
  file.tensors["losses"] = torch::tensor(state.losses, torch::kFloat64);
  file.tensors[kGenerator] = generator_state(progress.generator);
  file.metadata = {{"kind", "mkdt KRR-ST checkpoint"}};
  return file;
}

KrrStProgress krr_st_progress(const TensorFile& file, torch::Device device) {
  KrrStProgress progress;
  KrrStState& state = progress.state;
  state.images = file.tensor("images").to(device).clone();
  state.targets = file.tensor("targets").to(device).clone();
  state.images_moments = take_moments(file, "images_moments", device);
  state.targets_moments = take_moments(file, "targets_moments", device);
  state.pool = take_pool(file, device);
  const torch::Tensor& losses = file.tensor("losses");
  state.losses.assign(losses.data_ptr<double>(), losses.data_ptr<double>() + losses.numel());
  progress.generator = make_generator(0, "checkpoint");
  restore_generator(progress.generator, file.tensor(kGenerator).clone());
  return progress;
}

namespace {

class Trainer {
 public:
  explicit Trainer(const KrrSt& problem)
      : problem_(problem),
        options_(problem.options),
        network_(*problem.network),
        step_(problem),
        checkpoints_(problem.checkpoint),
        generator_(make_generator(problem.seed, "krr-st")) {}

  KrrStState run(KrrStState start, Observer& observer);

 private:
  KrrStState start_or_go_on(KrrStState start, Observer& observer);
  void fill_pool(KrrStState& state, Observer& observer);
  PoolStudent fresh_student();
  void train_or_renew(PoolStudent& student, const KrrStState& state);
  void train(PoolStudent& student, const KrrStState& state);
  void require_finite(double loss, const char* of, int64_t step) const;
  void save(const KrrStState& state) { checkpoints_.write(to_tensors({state, generator_})); }

  const KrrSt& problem_;
  const KrrStOptions& options_;
  const Network& network_;
  KrrStStep step_;
  Checkpoints checkpoints_;
  at::Generator generator_;
};

KrrStState Trainer::run(KrrStState start, Observer& observer) {
  KrrStState state = start_or_go_on(std::move(start), observer);
  observer.begin("krr-st", options_.steps, "steps");
  while (state.step() < options_.steps) {
    // 1. Draw a student of the pool: its features make the kernel.
    PoolStudent& student = state.pool[static_cast<size_t>(draw_below(options_.pool, generator_))];

    // 2. Fit a head on the synthetic set in closed form; the loss says how far from the teacher it
    //    is on a batch of real images. Differentiate it to images and targets.
    const KrrStGradient gradient = step_.gradient(state, student, generator_);
    require_finite(gradient.loss, "loss", state.step());

    // 3. Move images X and targets Y against the gradient.
    step_.update(state, gradient);
    const bool usable = all_finite(state.images) && all_finite(state.targets);
    require_finite(usable ? gradient.loss : std::nan(""), "updated set", state.step());

    // 4. Train the student for one step on the synthetic set; an old one starts anew.
    train_or_renew(student, state);

    state.losses.push_back(gradient.loss);
    observer.metric("krr-st/loss", state.step(), gradient.loss);
    observer.advance(state.step(), fmt::format("loss {:.4f}", gradient.loss));
    const bool last = state.step() == options_.steps;
    const bool stop = observer.stop_wanted() && !last;
    observer.images("krr-st/images", state.step(), last,
                    [&] { return problem_.images.normalisation.invert(state.images); });
    if (last || stop || checkpoints_.due(state.step())) save(state);
    if (stop) throw Stopped();
  }
  observer.end();
  return state;
}

KrrStState Trainer::start_or_go_on(KrrStState start, Observer& observer) {
  const auto take_over = [&](const TensorFile& file) {
    KrrStProgress saved = krr_st_progress(file, problem_.device);
    start = std::move(saved.state);
    generator_ = saved.generator;
  };
  if (checkpoints_.resume(take_over, observer)) {
    observer.info(fmt::format("krr-st: resumes at step {}", start.step()));
  } else {
    fill_pool(start, observer);
    save(start);
  }
  return start;
}

// Students of all ages, so that their features are of every stage of training from the first step
// on, and they do not grow old at once.
void Trainer::fill_pool(KrrStState& state, Observer& observer) {
  observer.begin("krr-st pool", options_.pool, "students");
  while (static_cast<int64_t>(state.pool.size()) < options_.pool) {
    PoolStudent student = fresh_student();
    const int64_t age = draw_below(options_.reinitialise_after, generator_);
    for (; student.age < age; throw_if_stopped(observer)) train(student, state);
    state.pool.push_back(std::move(student));
    observer.advance(static_cast<int64_t>(state.pool.size()), "");
    throw_if_stopped(observer);
  }
  observer.end();
}

PoolStudent Trainer::fresh_student() {
  PoolStudent fresh;
  fresh.student.theta = network_.initialise(generator_).to(problem_.device);
  return fresh;
}

void Trainer::train_or_renew(PoolStudent& student, const KrrStState& state) {
  if (student.age >= options_.reinitialise_after) {
    student = fresh_student();
  } else {
    train(student, state);
  }
}

void Trainer::train(PoolStudent& student, const KrrStState& state) {
  require_finite(step_.train(student, state), "loss of a student", state.step());
}

void Trainer::require_finite(double loss, const char* of, int64_t step) const {
  if (std::isfinite(loss)) return;
  throw Error(
      fmt::format("krr-st: the {} is not finite at step {}; lower krr_st.lr or krr_st.student_lr, "
                  "or raise krr_st.ridge; what was saved before stays in '{}'",
                  of, step + 1, checkpoints_.path().string()));
}

torch::Tensor features_of(const Network& network, const torch::Tensor& theta,
                          const torch::Tensor& images) {
  return features_in_batches(
      network, theta, [&](int64_t begin, int64_t end) { return images.slice(0, begin, end); },
      images.size(0));
}

}  // namespace

KrrStGradient krr_st_gradient(const Network& network, const torch::Tensor& theta,
                              const torch::Tensor& images, const torch::Tensor& targets,
                              const torch::Tensor& real_images, const torch::Tensor& real_targets,
                              double ridge) {
  const torch::Tensor x = images.detach().requires_grad_(true);
  const torch::Tensor y = targets.detach().requires_grad_(true);
  const torch::Tensor real = with_bias(features_of(network, theta, real_images));
  const torch::Tensor synthetic = with_bias(network.features(theta.detach(), x));
  KrrStGradient nothing = {std::numeric_limits<double>::quiet_NaN(), {}, {}};
  if (!all_finite(real) || !all_finite(synthetic.detach())) return nothing;
  const torch::Tensor fitted = kernel_ridge(real, synthetic, y, ridge_constant(synthetic, ridge));
  const torch::Tensor loss = torch::mse_loss(fitted, real_targets);
  const std::vector<torch::Tensor> gradients = torch::autograd::grad({loss}, {x, y});
  if (!all_finite(gradients[0]) || !all_finite(gradients[1])) return nothing;
  return {loss.item<double>(), gradients[0], gradients[1]};
}

namespace {

constexpr double kLastRate = 1e-3;  // to which part of the first one the rate falls linearly

}  // namespace

KrrStStep::KrrStStep(const KrrSt& problem)
    : problem_(problem), options_(problem.options), network_(*problem.network) {}

KrrStGradient KrrStStep::gradient(const KrrStState& state, const PoolStudent& student,
                                  at::Generator& generator) const {
  const torch::Tensor rows =
      batches_for_steps(problem_.images.size(), options_.batch, 1, generator).front();
  return krr_st_gradient(network_, student.student.theta, state.images, state.targets,
                         problem_.images.normalised(rows, problem_.device),
                         problem_.targets.index_select(0, rows.to(problem_.device)),
                         options_.ridge);
}

void KrrStStep::update(KrrStState& state, const KrrStGradient& gradient) const {
  const double done = static_cast<double>(state.step()) / static_cast<double>(options_.steps);
  const double rate = options_.lr * (1 - (1 - kLastRate) * done);
  state.images =
      adamw_step(state.images, gradient.images, rate, options_.weight_decay, state.images_moments);
  state.targets = adamw_step(state.targets, gradient.targets, rate, options_.weight_decay,
                             state.targets_moments);
}

double KrrStStep::train(PoolStudent& student, const KrrStState& state) {
  student.student.gradient = regression_;
  const double loss =
      sgd_step(network_, student.student, state.images, state.targets, options_.student());
  regression_ = student.student.gradient;
  ++student.age;
  return loss;
}

LearnedSet krr_st(const KrrSt& problem, const SyntheticSet& start, Observer& observer) {
  KrrStState state;
  state.images = start.images.to(problem.device, torch::kFloat32);
  state.targets = start.targets.to(problem.device, torch::kFloat32);
  state = Trainer(problem).run(std::move(state), observer);
  return {{state.images, state.targets, /*syn_lr=*/0, start.normalisation, {}},
          std::move(state.losses)};
}

}  // namespace mkdt
