#include "mkdt/report/curves_csv.h"

#include <fmt/format.h>

#include "mkdt/report/csv.h"

namespace mkdt {

std::string curves_csv(const std::vector<CurvePoint>& points) {
  std::string text = "method,encoder,seed,step,representation_loss,dataset,labels,accuracy\n";
  for (const CurvePoint& point : points) {
    text +=
        fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(point.method), csv_text(point.encoder),
                    point.seed, point.step, csv_number(point.representation_loss),
                    csv_text(point.dataset), csv_text(point.labels), csv_number(point.accuracy));
  }
  return text;
}

}  // namespace mkdt
