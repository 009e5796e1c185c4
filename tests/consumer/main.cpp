#include <cstdio>

#include "mkdt/base/random.h"
#include "mkdt/base/version.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/run/config.h"

int main() {
  at::Generator generator = mkdt::make_generator(1, "consumer");
  const mkdt::ConvNet network({});
  const int64_t parameters = network.initialise(generator).numel();
  const mkdt::Config config;
  std::printf("mkdt %s: %lld parameters, %zu options\n", mkdt::version().c_str(),
              static_cast<long long>(parameters), config.table.options().size());
  return parameters == 1'348'608 ? 0 : 1;
}
