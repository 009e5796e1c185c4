#include "mkdt/publish/dataset/set_provenance.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/compare/methods.h"

namespace mkdt {
namespace {

TEST(SetProvenance, TheMethodOfTheProvenanceIsCreditedOrRefused) {
  SyntheticSet set;
  for (const Method method : learned_sets()) {
    set.provenance["method"] = name_of(method);
    EXPECT_EQ(set_method(set).name, entry_of(method).set.credit.title);
    EXPECT_EQ(set_method(set).bibtex, entry_of(method).set.credit.bibtex);
  }
  set.provenance["method"] = "krr-st";
  EXPECT_EQ(set_method(set).command, "compare config.toml --set evaluate.methods=krr-st");
  set.provenance.erase("method");
  EXPECT_EQ(set_method(set).name, "MKDT");
  EXPECT_EQ(set_method(set).command, "run config.toml");
  set.provenance["objective"] = "representation";
  EXPECT_EQ(set_method(set).name, "MKDT, objective `representation`");
  for (const char* none : {"magic", "random"}) {
    set.provenance["method"] = none;
    EXPECT_THROW(set_method(set), Error) << none;
  }
}

}  // namespace
}  // namespace mkdt
