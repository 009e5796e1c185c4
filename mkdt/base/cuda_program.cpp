// The driver's and NVRTC's functions are looked up at run time and declared here, as their C
// interfaces have been since CUDA 11.1.
#include "mkdt/base/cuda_program.h"

#include <array>
#include <dlfcn.h>
#include <stdexcept>

#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mkdt {
namespace {

constexpr int kMajor = 75, kMinor = 76;  // attributes: compute capability

struct Driver {
  using Status = int;  // 0: success
  using Handle = void*;
  Status (*device_get)(int* device, int ordinal) = nullptr;
  Status (*device_attribute)(int* value, int attribute, int device) = nullptr;
  Status (*retain_context)(Handle* context, int device) = nullptr;
  Status (*current_context)(Handle* context) = nullptr;
  Status (*set_context)(Handle context) = nullptr;
  Status (*load_module)(Handle* module, const void* image) = nullptr;
  Status (*get_function)(Handle* function, Handle module, const char* name) = nullptr;
  Status (*launch)(Handle function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                   Handle stream, void** arguments, void** extra) = nullptr;
  Status (*error_text)(Status status, const char** text) = nullptr;
};

struct Compiler {
  using Status = int;  // 0: success
  using Program = void*;
  Status (*create)(Program* program, const char* source, const char* name, int headers,
                   const char* const* header_texts, const char* const* header_names) = nullptr;
  Status (*compile)(Program program, int count, const char* const* options) = nullptr;
  Status (*log_size)(Program program, size_t* bytes) = nullptr;
  Status (*log)(Program program, char* text) = nullptr;
  Status (*image_size)(Program program, size_t* bytes) = nullptr;
  Status (*image)(Program program, char* bytes) = nullptr;
  Status (*destroy)(Program* program) = nullptr;
};

// A shared library; `fault` names what is missing of it.
class Library {
 public:
  Library(const std::vector<const char*>& names, std::string& fault) : fault_(fault) {
    for (const char* name : names) {
      if (handle_ == nullptr) handle_ = dlopen(name, RTLD_NOW | RTLD_GLOBAL);
    }
    if (handle_ == nullptr && fault_.empty()) {
      fault_ = fmt::format("none of {} was found", fmt::join(names, ", "));
    }
  }

  template <typename F>
  void find(const char* name, F*& function) const {
    if (handle_ == nullptr) return;
    function = reinterpret_cast<F*>(dlsym(handle_, name));
    if (function == nullptr && fault_.empty()) fault_ = fmt::format("{} was not found", name);
  }

 private:
  std::string& fault_;
  void* handle_ = nullptr;  // open until the program ends
};

struct Cuda {
  Cuda() {
    const Library driver_library({"libcuda.so.1"}, fault);
    driver_library.find("cuDeviceGet", driver.device_get);
    driver_library.find("cuDeviceGetAttribute", driver.device_attribute);
    driver_library.find("cuDevicePrimaryCtxRetain", driver.retain_context);
    driver_library.find("cuCtxGetCurrent", driver.current_context);
    driver_library.find("cuCtxSetCurrent", driver.set_context);
    driver_library.find("cuModuleLoadData", driver.load_module);
    driver_library.find("cuModuleGetFunction", driver.get_function);
    driver_library.find("cuLaunchKernel", driver.launch);
    driver_library.find("cuGetErrorString", driver.error_text);
    // libtorch's own NVRTC comes before others, through the library of libtorch's that is linked to
    // it.
    const Library compiler_library(
        {"libcaffe2_nvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"}, fault);
    compiler_library.find("nvrtcCreateProgram", compiler.create);
    compiler_library.find("nvrtcCompileProgram", compiler.compile);
    compiler_library.find("nvrtcGetProgramLogSize", compiler.log_size);
    compiler_library.find("nvrtcGetProgramLog", compiler.log);
    compiler_library.find("nvrtcGetCUBINSize", compiler.image_size);
    compiler_library.find("nvrtcGetCUBIN", compiler.image);
    compiler_library.find("nvrtcDestroyProgram", compiler.destroy);
  }

  void check(Driver::Status status, const char* what) const {
    if (status == 0) return;
    const char* text = nullptr;
    if (driver.error_text(status, &text) != 0 || text == nullptr) text = "unknown error";
    throw std::runtime_error(fmt::format("CUDA: {}: {}", what, text));
  }

  Driver driver;
  Compiler compiler;
  std::string fault;
};

const Cuda& cuda() {
  static const Cuda loaded;
  return loaded;
}

// Compiles a text to machine code for that device.
std::vector<char> compiled(const std::string& name, const std::string& source, int device) {
  const Compiler& compiler = cuda().compiler;
  int major = 0, minor = 0;
  cuda().check(cuda().driver.device_attribute(&major, kMajor, device), "compute capability");
  cuda().check(cuda().driver.device_attribute(&minor, kMinor, device), "compute capability");
  const std::string architecture = fmt::format("--gpu-architecture=sm_{}{}", major, minor);
  const std::array<const char*, 2> options = {architecture.c_str(), "--std=c++17"};
  Compiler::Program program = nullptr;
  if (compiler.create(&program, source.c_str(), name.c_str(), 0, nullptr, nullptr) != 0) {
    throw std::runtime_error("NVRTC does not start");
  }
  const bool good =
      compiler.compile(program, static_cast<int>(options.size()), options.data()) == 0;
  size_t bytes = 0;
  if (good) {
    compiler.image_size(program, &bytes);
  } else {
    compiler.log_size(program, &bytes);
  }
  std::vector<char> result(bytes);
  if (good) {
    compiler.image(program, result.data());
  } else {
    compiler.log(program, result.data());
  }
  compiler.destroy(&program);
  if (good) return result;
  throw std::runtime_error(fmt::format("NVRTC cannot compile {} for {}: {}", name, architecture,
                                       std::string(result.begin(), result.end())));
}

// Returns libtorch's current stream, which has to be the default one: others cannot be named
// without CUDA's headers, and nothing of ours uses one.
Driver::Handle current_stream(torch::Device device) {
  const c10::Stream stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device);
  if (stream.id() != 0) throw std::logic_error("kernels of ours need the default stream");
  return nullptr;
}

}  // namespace

const std::string& cuda_program_fault() { return cuda().fault; }

void* CudaProgram::function(const std::string& kernel, int64_t device) {
  const Driver& driver = cuda().driver;
  const std::lock_guard lock(mutex_);
  void*& found = functions_[{device, kernel}];
  if (found != nullptr) return found;
  void*& module = modules_[device];
  if (module == nullptr) {
    int ordinal = 0;
    cuda().check(driver.device_get(&ordinal, static_cast<int>(device)), "device");
    const std::vector<char> image = compiled(name_, std::string(source_), ordinal);
    cuda().check(driver.load_module(&module, image.data()), "loading a kernel");
  }
  cuda().check(driver.get_function(&found, module, kernel.c_str()), kernel.c_str());
  return found;
}

void CudaProgram::launch(const std::string& kernel, torch::Device device, const Grid& grid,
                         const std::vector<void*>& arguments) {
  if (!cuda().fault.empty()) throw std::runtime_error("CUDA: " + cuda().fault);
  const Driver& driver = cuda().driver;
  const torch::Device here =
      device.has_index() ? device : c10::impl::VirtualGuardImpl(device.type()).getDevice();
  const c10::DeviceGuard on_device(here);
  void* context = nullptr;
  cuda().check(driver.current_context(&context), "context");
  if (context == nullptr) {  // this thread has not called CUDA yet
    int ordinal = 0;
    cuda().check(driver.device_get(&ordinal, here.index()), "device");
    cuda().check(driver.retain_context(&context, ordinal), "context");
    cuda().check(driver.set_context(context), "context");
  }
  cuda().check(
      driver.launch(function(kernel, here.index()), static_cast<unsigned>(grid.x),
                    static_cast<unsigned>(grid.y), 1, static_cast<unsigned>(grid.threads), 1, 1,
                    /*shared_bytes=*/0, current_stream(here), const_cast<void**>(arguments.data()),
                    /*extra=*/nullptr),
      kernel.c_str());
}

}  // namespace mkdt
