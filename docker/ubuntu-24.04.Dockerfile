# mkdt with PyTorch's own libtorch (with CUDA) on Ubuntu 24.04:
#   docker build -f docker/ubuntu-24.04.Dockerfile -t mkdt . && docker run --gpus all -v "$PWD:/data" -w /data mkdt info
FROM ubuntu:24.04
RUN apt-get update && apt-get install -y --no-install-recommends g++ cmake ninja-build python3-venv \
    libprotobuf-dev protobuf-compiler libcli11-dev libtomlplusplus-dev libfmt-dev nlohmann-json3-dev libxxhash-dev \
    libjpeg-dev libpng-dev zlib1g-dev libexif-dev libminizip-dev libutf8proc-dev
RUN python3 -m venv /opt/torch && /opt/torch/bin/pip install --no-cache-dir torch numpy
ENV PATH=/opt/torch/bin:/mkdt/build/release/bin:$PATH
COPY . /mkdt
RUN cd /mkdt && cmake --preset release -DMKDT_TORCH=python -DMKDT_TESTS=OFF && cmake --build --preset release
ENTRYPOINT ["mkdt"]
