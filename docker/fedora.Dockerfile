# mkdt with PyTorch's own libtorch (with CUDA) on Fedora:
#   docker build -f docker/fedora.Dockerfile -t mkdt . && docker run --gpus all -v "$PWD:/data" -w /data mkdt info
FROM fedora:42
RUN dnf install -y gcc-c++ cmake ninja-build python3-pip protobuf-devel protobuf-compiler \
    cli11-devel tomlplusplus-devel fmt-devel json-devel xxhash-devel libjpeg-turbo-devel libpng-devel \
    'pkgconfig(zlib)' libexif-devel 'pkgconfig(minizip)' utf8proc-devel
RUN python3 -m venv /opt/torch && /opt/torch/bin/pip install --no-cache-dir torch numpy
ENV PATH=/opt/torch/bin:/mkdt/build/release/bin:$PATH
COPY . /mkdt
RUN cd /mkdt && cmake --preset release -DMKDT_TORCH=python -DMKDT_TESTS=OFF && cmake --build --preset release
ENTRYPOINT ["mkdt"]
