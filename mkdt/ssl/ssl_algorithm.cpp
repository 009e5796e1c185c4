#include "mkdt/ssl/ssl_algorithm.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/ssl/barlow_twins.h"

namespace mkdt {

std::shared_ptr<SslAlgorithm> make_ssl_algorithm(const TeacherOptions& options, int64_t features,
                                                 at::Generator& generator) {
  if (options.algorithm == "barlow-twins") {
    return std::make_shared<BarlowTwins>(features, options.projector_dim, options.lambda,
                                         generator);
  }
  throw Error(fmt::format("teacher.algorithm: expected barlow-twins, got '{}'", options.algorithm));
}

}  // namespace mkdt
