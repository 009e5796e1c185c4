#include "mkdt/report/work_table.h"

#include "mkdt/core/duration.h"

namespace mkdt {

Table work_table(const std::vector<PlannedWork>& work) {
  Table table;
  table.title = "Cells of the comparison";
  table.columns = {{"method", Alignment::kLeft},
                   {"encoder", Alignment::kLeft},
                   {"cells"},
                   {"finished"},
                   {"time left"}};
  for (const PlannedWork& entry : work) {
    table.rows.push_back({{entry.method},
                          {entry.encoder},
                          {std::to_string(entry.cells)},
                          {std::to_string(entry.finished)},
                          {duration_text(entry.seconds)}});
  }
  table.caption = "A cell is one accuracy: a data set, protocol, label budget and seed.";
  return table;
}

}  // namespace mkdt
