// What could be read is written and read back: the values are the same.
#include "mkdt/base/options.h"
#include "tests/fuzz/hostile_input.h"

namespace {

// An option of each type.
struct Example {
  bool flag = false;
  int64_t steps = 10;
  double rate = 0.5;
  std::string name = "a";
  std::string choice = "x";
  std::vector<double> rates;
  std::vector<int64_t> sizes;
  std::vector<std::string> names;
  mkdt::OptionTable table;

  Example() {
    mkdt::OptionSection section = table.section("data");
    section.add("flag", flag, "A flag.");
    section.add("steps", steps, 1, 1e6, "Steps.");
    section.add("rate", rate, 0, 1e300, "A rate.");
    section.add("name", name, "A text.");
    section.add("choice", choice, {"x", "y"}, "One of two.");
    section.add("rates", rates, -1e300, 1e300, "Rates.");
    section.add("sizes", sizes, -1e18, 1e18, "Sizes.");
    section.add("names", names, "Texts.");
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  const std::string text(reinterpret_cast<const char*>(data), size);
  expect_error_at_worst([&] {
    Example example;
    example.table.read_toml(text, "input");
    const std::string written = example.table.to_toml();
    Example again;
    again.table.read_toml(written, "what was written");
    if (again.table.to_toml() != written) finding("not read as it was written: " + written);
  });
  return expect_error_at_worst([&] {
    Example example;
    example.table.assign(text);
  });
}
