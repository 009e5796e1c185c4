#include "mkdt/core/peak_memory.h"

#include <fstream>
#include <sstream>
#include <string>

namespace mkdt {
namespace {

// proc(5): 5 sets the peak of the resident memory to what is resident now.
bool reset_mark() {
  std::ofstream stream("/proc/self/clear_refs");
  stream << "5" << std::flush;
  return stream.good();
}

// The entry `name` of /proc/self/status, in bytes.
int64_t status_entry(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string word;
    int64_t kibibytes = 0;
    if (words >> word && word == name && words >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace

PeakMemory::PeakMemory() : exact_(reset_mark()) {}

int64_t PeakMemory::bytes() const { return status_entry("VmHWM:"); }

int64_t resident_memory() { return status_entry("VmRSS:"); }

}  // namespace mkdt
