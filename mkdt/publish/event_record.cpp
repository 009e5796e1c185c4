#include "mkdt/publish/event_record.h"

#include "mkdt/publish/event.pb.h"

namespace mkdt {
namespace {

constexpr const char* kFileVersion = "brain.Event:2";
constexpr int32_t kRgb = 3;  // among the colour spaces of Summary.Image

tensorboard::Event event_at(double wall_time, int64_t step) {
  tensorboard::Event event;
  event.set_wall_time(wall_time);
  event.set_step(step);
  return event;
}

}  // namespace

std::string version_event(double wall_time) {
  tensorboard::Event event = event_at(wall_time, 0);
  event.set_file_version(kFileVersion);
  return event.SerializeAsString();
}

std::string scalar_event(double wall_time, int64_t step, const std::string& tag, float value) {
  tensorboard::Event event = event_at(wall_time, step);
  tensorboard::Summary::Value& point = *event.mutable_summary()->add_value();
  point.set_tag(tag);
  point.set_simple_value(value);
  return event.SerializeAsString();
}

std::string image_event(double wall_time, int64_t step, const std::string& tag, int64_t height,
                        int64_t width, const std::string& png) {
  tensorboard::Event event = event_at(wall_time, step);
  tensorboard::Summary::Value& picture = *event.mutable_summary()->add_value();
  picture.set_tag(tag);
  picture.mutable_image()->set_height(static_cast<int32_t>(height));
  picture.mutable_image()->set_width(static_cast<int32_t>(width));
  picture.mutable_image()->set_colorspace(kRgb);
  picture.mutable_image()->set_encoded_image_string(png);
  return event.SerializeAsString();
}

}  // namespace mkdt
