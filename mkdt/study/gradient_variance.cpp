#include "mkdt/study/gradient_variance.h"

#include <cmath>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"

namespace mkdt {

void GradientStatistics::add(const torch::Tensor& gradient) {
  const torch::Tensor values = gradient.detach().to(torch::kFloat64);
  sum_ = sum_.defined() ? sum_ + values : values;
  squares_ += values.dot(values).item<double>();
  ++count_;
}

double GradientStatistics::squared_mean() const {
  const auto count = static_cast<double>(count_);
  return sum_.dot(sum_).item<double>() / (count * count);
}

double GradientStatistics::noise() const {
  const auto count = static_cast<double>(count_);
  return (squares_ - count * squared_mean()) / (count - 1);
}

double GradientStatistics::signal() const {
  return squared_mean() - noise() / static_cast<double>(count_);
}

namespace {

class Trainee {
 public:
  Trainee(const LossCourse& loss, const VarianceOptions& options, uint64_t seed, int64_t index)
      : loss_(loss),
        options_(options),
        index_(index),
        start_(loss.course.start(index)),
        sampling_(
            make_generator(seed, "study/variance/" + loss.name, static_cast<uint64_t>(index))) {
    student_.theta = start_.theta;
  }

  // Measures gradients of every batch size at the present θ.
  void look(GradientVariance& found, Observer& observer) {
    for (const int64_t batch : options_.batches) {
      GradientStatistics statistics;
      for (int64_t sample = 0; sample < options_.samples; ++sample) {
        statistics.add(gradient(batch));
        throw_if_stopped(observer);
      }
      found.gradients.push_back({loss_.name, index_, epochs_done_, batch, statistics.signal(),
                                 statistics.noise(), statistics.signal_to_noise()});
    }
  }

  // Trains for one pass over the images.
  void train(GradientVariance& found, Observer& observer) {
    const torch::Tensor before = body(student_.theta);
    double path = 0;
    for (const torch::Tensor& rows : loss_.course.draw_batches(start_.generator)) {
      const torch::Tensor last = body(student_.theta);
      expect_finite_loss(loss_.course.step(student_, rows, start_.generator));
      path += (body(student_.theta) - last).norm().item<double>();
      throw_if_stopped(observer);
    }
    const auto distance = (body(student_.theta) - before).norm().item<double>();
    found.distances.push_back({loss_.name, index_, ++epochs_done_, distance, path});
  }

 private:
  torch::Tensor body(const torch::Tensor& theta) const { return theta.narrow(0, 0, loss_.body); }

  void expect_finite_loss(double loss) const {
    if (std::isfinite(loss)) return;
    throw Error(fmt::format("study variance: the loss of {} is {} after {} epochs; {}", loss_.name,
                            loss, epochs_done_, loss_.course.remedy));
  }

  // Returns the gradient without weight decay, from the velocity after a first step of SGD, which
  // has both.
  torch::Tensor gradient(int64_t batch) {
    const torch::Tensor rows =
        torch::randperm(loss_.course.images, sampling_, torch::kInt64).slice(0, 0, batch);
    probe_.theta = student_.theta;
    probe_.velocity.reset();
    expect_finite_loss(loss_.course.step(probe_, rows, sampling_));
    return body(probe_.velocity.sub(student_.theta, loss_.weight_decay)).cpu();
  }

  const LossCourse& loss_;
  const VarianceOptions& options_;
  int64_t index_;
  ExpertStart start_;
  at::Generator sampling_;
  Student student_, probe_;
  int64_t epochs_done_ = 0;
};

void check(const std::vector<LossCourse>& losses, const VarianceOptions& options) {
  if (options.samples < 2) throw Error("study variance: a variance takes at least 2 samples");
  for (const LossCourse& loss : losses) {
    for (const int64_t batch : options.batches) {
      if (batch >= 2 && batch <= loss.course.images) continue;
      throw Error(fmt::format("study variance: batches of {}, but there are {} training images",
                              batch, loss.course.images));
    }
  }
}

}  // namespace

GradientVariance gradient_variance(const std::vector<LossCourse>& losses,
                                   const VarianceOptions& options, uint64_t seed,
                                   Observer& observer) {
  check(losses, options);
  GradientVariance found;
  int64_t done = 0;
  observer.begin("study variance",
                 static_cast<int64_t>(losses.size()) * options.seeds * (options.epochs + 1),
                 "looks");
  for (const LossCourse& loss : losses) {
    for (int64_t index = 0; index < options.seeds; ++index) {
      Trainee trainee(loss, options, seed, index);
      for (int64_t epoch = 0; epoch <= options.epochs; ++epoch) {
        if (epoch > 0) trainee.train(found, observer);
        trainee.look(found, observer);
        observer.advance(++done, loss.name);
      }
    }
  }
  observer.end();
  return found;
}

}  // namespace mkdt
