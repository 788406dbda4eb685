#include <limits>

#include <fovea/callbacks/csv_logger.hpp>

#include "callbacks/scripted.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

std::string csv_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("CSVLogger: byte for byte what Keras 3.15.1 wrote for these logs") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "log.csv";
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CSVLogger logger(path);
    scripted::run(logger, {scripted::logs({{"loss", 0.1}, {"accuracy", 1}}),
                           scripted::logs({{"loss", nan}, {"accuracy", 1e-5}})});
    CHECK(csv_text(path) == "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,1.0,0.1,NA,NA\r\n1,1e-05,nan,NA,NA\r\n");

    CSVLogger other(folder.path() / "other.csv", {.separator = ';'});
    scripted::run(other, {scripted::logs({{"val_loss", 0.0001}, {"a;b", -2.5e-7}, {"q\"", 1e22}})});
    CHECK(csv_text(folder.path() / "other.csv") == "epoch;\"a;b\";\"q\"\"\";val_loss\r\n0;-2.5e-07;1e+22;0.0001\r\n");
}

TEST_CASE("CSVLogger: a file that is there is replaced, or with append gone on with") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "log.csv";
    const auto run = [&](bool append, double loss) {
        CSVLogger logger(path, {.append = append});
        scripted::run(logger, {scripted::logs({{"loss", loss}, {"val_loss", loss}})});
    };
    run(true, 1);
    CHECK(csv_text(path) == "epoch,loss,val_loss\r\n0,1.0,1.0\r\n");
    run(true, 2);
    CHECK(csv_text(path) == "epoch,loss,val_loss\r\n0,1.0,1.0\r\n0,2.0,2.0\r\n");
    run(false, 3);
    CHECK(csv_text(path) == "epoch,loss,val_loss\r\n0,3.0,3.0\r\n");
}

TEST_CASE("CSVLogger: each line is in the file at the end of its epoch") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "log.csv";
    CSVLogger logger(path);
    logger.on_train_begin();
    CHECK(csv_text(path).empty());
    logger.on_epoch_end(4, scripted::logs({{"loss", 2}, {"val_loss", 1}}));
    CHECK(csv_text(path) == "epoch,loss,val_loss\r\n4,2.0,1.0\r\n");
    logger.on_epoch_end(5, scripted::logs({{"loss", 2}}));
    CHECK(csv_text(path) == "epoch,loss,val_loss\r\n4,2.0,1.0\r\n5,2.0,NA\r\n");
}

TEST_CASE("CSVLogger: goes on behind the checkpoint that training goes on from") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "log.csv";
    StateDict state;
    {
        CSVLogger logger(path);
        logger.on_train_begin();
        logger.on_epoch_end(0, scripted::logs({{"loss", 2}, {"val_loss", 1}}));
        logger.save_state(state);
        logger.on_epoch_end(1, scripted::logs({{"loss", 3}, {"val_loss", 2}})); // of which the checkpoint does not know
    }
    const auto go_on = [&] {
        CSVLogger logger(path);
        logger.set_resuming(true);
        logger.on_train_begin();
        logger.load_state(state);
        logger.on_epoch_end(1, scripted::logs({{"loss", 0.5}, {"val_loss", 0.25}}));
    };
    go_on();
    CHECK(csv_text(path) == "epoch,loss,val_loss\r\n0,2.0,1.0\r\n1,0.5,0.25\r\n");
    std::filesystem::remove(path);
    go_on();
    CHECK(csv_text(path) == "epoch,loss,val_loss\r\n1,0.5,0.25\r\n");
}

TEST_CASE("CSVLogger: a file that cannot be written") {
    const TemporaryDirectory folder;
    CSVLogger logger(folder.path() / "missing" / "log.csv");
    CHECK_THROWS_MATCHES(logger.on_train_begin(), DataError, says("log.csv cannot be written"));
    CHECK_THROWS_MATCHES(CSVLogger(""), ValueError, says("CSVLogger: a filename is missing"));
    if (std::filesystem::exists("/dev/full")) {
        CSVLogger full("/dev/full");
        CHECK_THROWS_MATCHES(scripted::run(full, scripted::series("loss", {1})), DataError,
                             says("/dev/full cannot be written"));
    }
}
