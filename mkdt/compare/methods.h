// Lists the methods that the comparison knows, in one table with all that is to be known of each.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mkdt {

// The methods, in the order of tables. What a method does stands in its case of a switch
// (stages/comparison_methods.cpp); such a switch has no default, so that the compiler names a
// method that is missing.
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

// Verdicts are about kOwnMethod, and differences are taken to kBaselineMethod.
constexpr Method kOwnMethod = Method::kDistilled;
constexpr Method kBaselineMethod = Method::kRandom;

// Says where the features that are judged come from.
enum class MethodKind : uint8_t {
  kUntrained,       // a random encoder computes them
  kRegression,      // an encoder regresses targets
  kSelfSupervised,  // an encoder learns by Barlow Twins, with the options of [mtt_ssl]
  kGivenFeatures    // they are there already
};

// Says on the card of a published set what made it.
struct SetCredit {
  std::string_view title;        // "MKDT"; empty for a method that makes no set of its own
  std::string_view description;  // what follows "distilled by …"; Markdown
  std::string_view bibtex;       // of the paper that it is from
};

// The set that a method learns from.
struct MethodSet {
  std::string_view stage = {};  // which makes it; empty for a method that needs no such stage
  std::string_view file = {};   // in that stage's folder; empty where `stage` is
  // The name of its images in `live/` while they are optimised; empty for a method that optimises
  // no set of its own.
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

// Returns every method's entry, in the order of tables.
const std::vector<MethodEntry>& method_table();

const MethodEntry& entry_of(Method method);
std::string name_of(Method method);

// Tells whether the method of that name is of that kind; false for a name that is not a method's.
bool is_of_kind(std::string_view name, MethodKind kind);

// Returns the method of that name; nothing for a name that is not a method's.
std::optional<Method> find_method(std::string_view name);

// Throws Error for a name that is not a method's; the message says `where` it stood.
Method method_of(const std::string& name, const std::string& where);

// Returns the names of all methods, or of the given ones.
std::vector<std::string> method_names();
std::vector<std::string> method_names(const std::vector<Method>& methods);

// Returns the method as sentences about what is better call it: "random choice", "krr-st".
std::string phrase_of(Method method);

// Returns name and meaning of every method, for the help of the option that chooses among them.
std::string methods_help();

// Return the methods that optimise a set of their own, kOwnMethod first, and the stages that do it.
std::vector<Method> learned_sets();
std::set<std::string> stages_of_learned_sets();

// Returns every stage that makes a set of subset.size images for a method.
std::set<std::string> stages_of_sets();

}  // namespace mkdt
