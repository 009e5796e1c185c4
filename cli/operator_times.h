// Tells where the time of a computation goes, operator by operator.
#pragma once

#include <map>
#include <string>

#include <ATen/record_function.h>

namespace mkdt::cli {

// Measures what every thread spends in libtorch's operators while this lives, each without the
// operators that it calls, and in the parts that the code has named by RECORD_USER_SCOPE, each with
// all that it calls. There is at most one at a time.
class OperatorTimes {
 public:
  OperatorTimes();
  ~OperatorTimes();
  OperatorTimes(const OperatorTimes&) = delete;
  OperatorTimes& operator=(const OperatorTimes&) = delete;

  // Return seconds, summed over threads, by the operator's name, such as "aten::mm", or the part's.
  std::map<std::string, double> operators() const;
  std::map<std::string, double> parts() const;

 private:
  at::CallbackHandle callback_;
};

}  // namespace mkdt::cli
