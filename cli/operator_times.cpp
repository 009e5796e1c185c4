#include "cli/operator_times.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>

namespace mkdt::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Callbacks are plain functions that any thread may call: what is measured is not the object's own.
std::mutex mutex;
struct Measured {
  std::map<std::string, double> operators, parts;
};
std::optional<Measured> measured;  // while there is an object

struct Call : at::ObserverContext {
  Clock::time_point begin = Clock::now();
  double in_others = 0;  // seconds in operators that this one called
  Call* caller = nullptr;
};

thread_local Call* present = nullptr;

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& /*operation*/) {
  auto call = std::make_unique<Call>();
  call->caller = present;
  present = call.get();
  return call;
}

void end(const at::RecordFunction& operation, at::ObserverContext* context) {
  auto* const call = static_cast<Call*>(context);
  const double seconds = std::chrono::duration<double>(Clock::now() - call->begin).count();
  present = call->caller;
  if (call->caller != nullptr) call->caller->in_others += seconds;
  const std::lock_guard<std::mutex> lock(mutex);
  if (!measured) return;
  if (operation.scope() == at::RecordScope::USER_SCOPE) {
    measured->parts[operation.name()] += seconds;
  } else {
    measured->operators[operation.name()] += seconds - call->in_others;
  }
}

}  // namespace

OperatorTimes::OperatorTimes() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (measured) throw std::logic_error("two measurements of operators at once");
    measured.emplace();
  }
  callback_ = at::addGlobalCallback(
      at::RecordFunctionCallback(begin, end)
          .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION,
                   at::RecordScope::USER_SCOPE}));
}

OperatorTimes::~OperatorTimes() {
  at::removeCallback(callback_);
  const std::lock_guard<std::mutex> lock(mutex);
  measured.reset();
}

std::map<std::string, double> OperatorTimes::operators() const {
  const std::lock_guard<std::mutex> lock(mutex);
  return measured->operators;
}

std::map<std::string, double> OperatorTimes::parts() const {
  const std::lock_guard<std::mutex> lock(mutex);
  return measured->parts;
}

}  // namespace mkdt::cli
