// The methods that the comparison knows, and one table of all that is to be known of each.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mkdt {

// In the order of tables. Its own case of a switch says what a method does (stages/
// comparison_methods.cpp); such a switch has no default, so that the compiler names a method that
// is missing.
enum class Method : uint8_t {
  kNone,
  kRandom,
  kKMeans,
  kHighLoss,
  kKrrSt,
  kMttSsl,
  kDistilled,
  kDistilledPng,
  kFull,
  kSsl,
  kTeacher
};

// The method that verdicts speak of, and the one that differences are taken to.
constexpr Method kOwnMethod = Method::kDistilled;
constexpr Method kBaselineMethod = Method::kRandom;

// How a method comes by the features that are judged.
enum class MethodKind : uint8_t {
  kUntrained,       // they are those of a random encoder
  kRegression,      // an encoder regresses targets
  kSelfSupervised,  // an encoder learns by Barlow Twins, with the options of [mtt_ssl]
  kGivenFeatures    // they are there already
};

// How the card of a published set says what made it.
struct SetCredit {
  std::string_view title;        // "MKDT"; empty for a method that makes no set of its own
  std::string_view description;  // what follows "distilled by …"; Markdown
  std::string_view bibtex;       // of the paper that it is from
};

// The set that a method learns from.
struct MethodSet {
  std::string_view stage = {};  // that makes it; empty for a method that needs no such stage
  std::string_view file = {};   // in that stage's folder; empty where `stage` is
  // What its images are called in `live/` while they are optimised; empty for a method that
  // optimises no set of its own.
  std::string_view live = {};
  SetCredit credit = {};
};

struct MethodEntry {
  Method method;
  std::string_view name;     // in options, results and tables
  std::string_view meaning;  // what encoders are pre-trained on, as in "random: …"
  MethodKind kind;
  bool competes;  // false for what a small set is measured against
  MethodSet set = {};
};

// In the order of tables.
const std::vector<MethodEntry>& method_table();

const MethodEntry& entry_of(Method method);
std::string name_of(Method method);

// Whether the method of that name is of that kind; false for a name that is none.
bool is_of_kind(std::string_view name, MethodKind kind);

// Nothing for a name that is none.
std::optional<Method> find_method(std::string_view name);

// Error for a name that is none, which says `where` it stood.
Method method_of(const std::string& name, const std::string& where);

// Of all methods, or of those.
std::vector<std::string> method_names();
std::vector<std::string> method_names(const std::vector<Method>& methods);

// In a sentence that says what is better: "random choice", "krr-st".
std::string phrase_of(Method method);

// Name and meaning of every method, for the option that chooses among them.
std::string methods_help();

// The methods that optimise a set of their own, kOwnMethod first.
std::vector<Method> learned_sets();
std::set<std::string> stages_of_learned_sets();

// Every stage that makes a set of subset.size images for a method.
std::set<std::string> stages_of_sets();

}  // namespace mkdt
