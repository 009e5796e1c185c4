#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "mkdt/base/machine.h"
#include "mkdt/base/units.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

// A made-up machine: 8 GiB of memory are available before control groups are looked at.
class MadeUpMachine : public ::testing::Test {
 protected:
  MadeUpMachine() {
    write("proc/meminfo",
          "MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\nBuffers: 1 kB\n");
  }
  void write(const std::string& file, const std::string& text) const {
    write_text_atomically(root_.path() / file, text);
  }
  void group2(const std::string& group, const std::string& most, int64_t current,
              int64_t cache) const {
    const std::string folder = "sys/fs/cgroup/" + group;
    write(folder + "/memory.max", most + "\n");
    write(folder + "/memory.current", std::to_string(current) + "\n");
    write(folder + "/memory.stat",
          "anon 5\nactive_file 700\ninactive_file " + std::to_string(cache) + "\n");
  }
  AvailableMemory available() const { return available_memory(root_.path()).value(); }

  testing::TemporaryFolder root_;
};

TEST_F(MadeUpMachine, WithoutGroupsItIsWhatTheMachineHas) {
  EXPECT_EQ(available().bytes, 8192 * kMiB);
  EXPECT_EQ(available().origin, "the machine's memory");
}

TEST_F(MadeUpMachine, AGroupOfVersion2LimitsAndItsInactiveFileCacheIsFree) {
  write("proc/self/cgroup", "0::/jobs/one\n");
  group2("jobs/one", std::to_string(4000 * kMiB), 1000 * kMiB, 200 * kMiB);
  EXPECT_EQ(available().bytes, 3200 * kMiB);
  EXPECT_EQ(available().origin, "limit of 4.2 GB of the cgroup /jobs/one");
}

TEST_F(MadeUpMachine, AParentMayLimitMore) {
  write("proc/self/cgroup", "0::/jobs/one\n");
  group2("jobs/one", "max", 1000 * kMiB, 0);
  group2("jobs", std::to_string(2048 * kMiB), 1536 * kMiB, 0);
  EXPECT_EQ(available().bytes, 512 * kMiB);
  EXPECT_NE(available().origin.find("of the cgroup /jobs"), std::string::npos);
  EXPECT_EQ(available().origin.find("one"), std::string::npos);
}

TEST_F(MadeUpMachine, AContainersGroupIsWhatIsMountedThoughItsPathIsTheHosts) {
  write("proc/self/cgroup", "0::/host/docker/abc\n");
  group2("", std::to_string(100 * kMiB), 40 * kMiB, 0);
  EXPECT_EQ(available().bytes, 60 * kMiB);
}

TEST_F(MadeUpMachine, AGroupOfVersion1Limits) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n0::/\n");
  const std::string folder = "sys/fs/cgroup/memory/x";
  write(folder + "/memory.limit_in_bytes", std::to_string(300 * kMiB));
  write(folder + "/memory.usage_in_bytes", std::to_string(250 * kMiB));
  write(folder + "/memory.stat", "inactive_file 3\ntotal_inactive_file 1048576\n");
  EXPECT_EQ(available().bytes, 51 * kMiB);
}

TEST_F(MadeUpMachine, NoLimitIsNone) {
  write("proc/self/cgroup", "4:memory:/\n0::/\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "7");
  group2("", "max", 5, 0);
  EXPECT_EQ(available().origin, "the machine's memory");
}

TEST_F(MadeUpMachine, MoreUsedThanAllowedIsNothingLeft) {
  write("proc/self/cgroup", "0::/x\n");
  group2("x", "1000", 5000, 0);
  EXPECT_EQ(available().bytes, 0);
}

TEST(Resources, AMachineThatSaysNothing) {
  const testing::TemporaryFolder root;
  EXPECT_FALSE(available_memory(root.path()).has_value());
  EXPECT_FALSE(meminfo_available("MemFree: 5 kB\n").has_value());
  EXPECT_EQ(meminfo_available("MemFree: 5 kB\nMemAvailable: 7 kB\n"), 7 * 1024);
}

TEST(Resources, DiskOfAFolderThatIsNotThereIsItsParents) {
  const testing::TemporaryFolder folder;
  const auto here = available_disk(folder.path());
  const auto below = available_disk(folder.path() / "a" / "b");
  ASSERT_TRUE(here && below);
  EXPECT_GT(*here, 0);
  EXPECT_NEAR(static_cast<double>(*below), static_cast<double>(*here), 1e9);
  EXPECT_TRUE(available_disk("not/there").has_value());
}

TEST(ByteText, HasUnitsOfPowersOfAThousand) {
  EXPECT_EQ(byte_text(0), "0 bytes");
  EXPECT_EQ(byte_text(999), "999 bytes");
  EXPECT_EQ(byte_text(4400), "4 kB");
  EXPECT_EQ(byte_text(312'400'000), "312 MB");
  EXPECT_EQ(byte_text(999'600'000), "1.0 GB");
  EXPECT_EQ(byte_text(9'340'000'000), "9.3 GB");
  EXPECT_EQ(byte_text(1'240'000'000'000), "1.2 TB");
}

TEST_F(MadeUpMachine, WithoutAQuotaAllCoresAreThere) {
  EXPECT_FALSE(cpu_quota(root_.path()));
  write("proc/self/cgroup", "0::/jobs\n");
  write("sys/fs/cgroup/jobs/cpu.max", "max 100000\n");
  EXPECT_FALSE(cpu_quota(root_.path()));
  write("proc/self/cgroup", "3:cpu,cpuacct:/jobs\n");
  write("sys/fs/cgroup/cpu/jobs/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/jobs/cpu.cfs_period_us", "100000\n");
  EXPECT_FALSE(cpu_quota(root_.path()));
}

TEST_F(MadeUpMachine, AQuotaOfVersion2IsTheLeastOfTheGroupAndItsParents) {
  write("proc/self/cgroup", "0::/jobs/one\n");
  write("sys/fs/cgroup/jobs/one/cpu.max", "400000 100000\n");
  EXPECT_DOUBLE_EQ(cpu_quota(root_.path()).value(), 4);
  write("sys/fs/cgroup/jobs/cpu.max", "75000 50000\n");
  EXPECT_DOUBLE_EQ(cpu_quota(root_.path()).value(), 1.5);
}

TEST_F(MadeUpMachine, AQuotaOfVersion1Counts) {
  write("proc/self/cgroup", "4:memory:/x\n3:cpu,cpuacct:/x\n");
  write("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "250000\n");
  write("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
  EXPECT_DOUBLE_EQ(cpu_quota(root_.path()).value(), 2.5);
}

}  // namespace
}  // namespace mkdt
