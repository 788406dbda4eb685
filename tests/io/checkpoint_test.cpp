#include <fovea/io/checkpoint.hpp>

#include <fovea/callbacks/all.hpp>
#include <fovea/callbacks/model_checkpoint.hpp>

#include "callbacks/scripted.hpp"
#include "io/safetensors_files.hpp"
#include "support/size_limit.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

#include <thread>
#if defined(__linux__)
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

// training_state_test.cpp goes on from every batch of many trainings; here it is about the files, and whatever happens to them.
using namespace fovea;
using safetensors_files::content;

namespace {

/// The program has come to its end at this moment, as far as the training can tell.
struct Killed {};

/// Ends training in front of a batch, or at the end of an epoch, when `after` have been.
struct Killer : Callback<float> {
    explicit Killer(Index after, bool epochs = false) : left(after), counts_epochs(epochs) {}
    void on_train_batch_begin(Index) override { count(!counts_epochs); }
    void on_epoch_end(Index, const Logs&) override { count(counts_epochs); }
    void count(bool counted) {
        if (counted && --left < 0) throw Killed{};
    }
    Index left;
    bool counts_epochs;
};

std::vector<std::string> names_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string numbered(int number) { return text("checkpoint-0000000", number, ".safetensors"); }

constexpr Index forever = 1000;

/// 3 epochs of 3 batches, with callbacks that write files; what is left in `folder` and of the model as one text.
std::string train_with_files(const std::filesystem::path& folder, const Checkpoint<float>& checkpoint, Index batches) {
    std::filesystem::create_directories(folder);
    const Dataset set = networks::images(24);
    auto model = networks::normalized();
    networks::compile(model, SGD{.learning_rate = 0.5, .momentum = 0.9});
    EarlyStopping<float> stopping({.patience = 5, .restore_best_weights = true});
    CSVLogger<float> csv(folder / "log.csv");
    HistoryPlot<float> plot(folder / "plot.svg");
    ModelCheckpoint<float> best((folder / "best.safetensors").string(), {.save_best_only = true});
    ModelCheckpoint<float> often((folder / "{epoch}-{batch}.safetensors").string(), {.save_freq = 2});
    Killer killer(batches);
    const History history = model.fit(set, {.epochs = 3,
                                            .batch_size = 6,
                                            .validation_split = 0.25,
                                            .verbose = 0,
                                            .callbacks = {&stopping, &csv, &plot, &best, &often, &killer},
                                            .checkpoint = checkpoint});
    std::string all = text(model.weights_hash(), ' ', history.epoch.size(), '\n');
    for (const std::string& name : names_in(folder)) all += name + '\n' + content(folder / name) + '\n';
    return all;
}

/// A small training with a checkpoint behind each batch; the hash of its weights.
std::uint64_t train_small(const Checkpoint<float>& checkpoint, Index batches = forever, int verbose = 0) {
    auto model = networks::small();
    networks::compile(model);
    Killer killer(batches);
    model.fit(networks::images(20),
              {.epochs = 2, .batch_size = 8, .verbose = verbose, .callbacks = {&killer}, .checkpoint = checkpoint});
    return model.weights_hash();
}

} // namespace

TEST_CASE("checkpoint: killed at any batch, training ends with the same weights and files") {
    const TemporaryDirectory folder;
    const std::string expected = train_with_files(folder.path() / "whole", {}, forever);
    for (Index batch = 0; batch < 9; ++batch) {
        const auto place = folder.path() / text("killed", batch);
        const Checkpoint<float> checkpoint = {place / "checkpoints", {.save_freq = 2}};
        INFO("batch " << batch);
        CHECK_THROWS_AS(train_with_files(place / "files", checkpoint, batch), Killed);
        CHECK(train_with_files(place / "files", checkpoint, forever) == expected);
    }
}

TEST_CASE("checkpoint: killed again and again, a batch each life") {
    const TemporaryDirectory folder;
    const std::string expected = train_with_files(folder.path() / "whole", {}, forever);
    const auto place = folder.path() / "killed";
    std::optional<std::string> left;
    int lives = 0;
    while (!left && ++lives < 20) {
        try { // a keeper of its own for each life, as in a new program
            left = train_with_files(place / "files", {place / "checkpoints", {.save_freq = 1}}, 1);
        } catch (const Killed&) {
        }
    }
    CHECK(left == expected);
    CHECK(lives == 9);
}

TEST_CASE("checkpoint: killed between the last hook of an epoch and its checkpoint") {
    const TemporaryDirectory folder;
    const std::uint64_t expected = train_small({});
    for (const Index epoch : {0, 1}) {
        const auto place = folder.path() / text(epoch);
        auto model = networks::small();
        networks::compile(model);
        Killer killer(epoch, true);
        CHECK_THROWS_AS(
            model.fit(networks::images(20),
                      {.epochs = 2, .batch_size = 8, .verbose = 0, .callbacks = {&killer}, .checkpoint = place}),
            Killed);
        CHECK(train_small(place) == expected);
    }
}

TEST_CASE("checkpoint: as often as was asked for, the newest are kept") {
    const TemporaryDirectory folder;
    const auto files = [&](const CheckpointOptions& options) {
        const TemporaryDirectory place;
        train_small({place.path() / "made" / "run", options});
        return names_in(place.path() / "made" / "run");
    };
    using Names = std::vector<std::string>;
    CHECK(files({}) == Names{numbered(1), numbered(2)}); // two epochs
    CHECK(files({.keep = 1}) == Names{numbered(2)});
    CHECK(files({.save_freq = 1, .keep = 3}) == Names{numbered(5), numbered(6), numbered(7)}); // 6 batches and the end
    CHECK(files({.save_freq = 4, .keep = 9}) == Names{numbered(1), numbered(2)}); // across epochs, and the end
    CHECK(files({.save_seconds = 1e-9, .keep = 9}).size() == 8);                  // 6 batches and 2 epochs
    CHECK(files({.save_seconds = 3600, .keep = 9}).size() == 2);
}

TEST_CASE("checkpoint: says where training goes on, and that it has come to its end") {
    const TemporaryDirectory folder;
    const std::string place = (folder.path() / "run").string();
    const auto said = [&](Index batches) {
        const networks::Output output;
        try {
            train_small({place, {.save_freq = 1}}, batches, 2);
        } catch (const Killed&) {
        }
        return output.text();
    };
    CHECK(said(2).find(place) == std::string::npos);
    CHECK(said(1).starts_with(place + ": training goes on in epoch 1/2, behind batch 2\nEpoch 1/2\n"));
    CHECK(said(forever).starts_with(place + ": training goes on in epoch 1/2, behind batch 3\nEpoch 1/2\n"));
    CHECK(said(forever) == place + ": this training has come to its end, behind epoch 2/2\n");

    std::filesystem::remove(folder.path() / "run" /
                            numbered(7)); // behind the last batch, in front of the end of its epoch
    CHECK(said(forever).starts_with(place + ": training goes on in epoch 2/2, behind batch 3\n"));
}

TEST_CASE("checkpoint: a training that has come to its end gives its history again, and can be given more epochs") {
    const TemporaryDirectory folder;
    const Dataset set = networks::images(20);
    const auto fit = [&](Index epochs, const Checkpoint<float>& checkpoint) {
        auto model = networks::small();
        networks::compile(model, Adam{.use_ema = true, .ema_momentum = 0.75});
        const History history =
            model.fit(set, {.epochs = epochs, .batch_size = 8, .verbose = 0, .checkpoint = checkpoint});
        return std::tuple(model.weights_hash(), history["loss"], history["accuracy"], model.iteration());
    };
    const auto three = fit(3, {});
    const auto path = folder.path();
    CHECK(fit(3, path) == three);
    CHECK(fit(3, path) == three);
    CHECK(fit(5, path) == fit(5, {}));
    CHECK_THROWS_MATCHES(fit(3, path), ValueError, says("is behind epoch 5, but training is to end behind epoch 3"));
}

TEST_CASE("checkpoint: a damaged file is passed over for the one before it") {
    const TemporaryDirectory folder;
    const std::uint64_t expected = train_small({});
    const Checkpoint<float> checkpoint = {folder.path(), {.save_freq = 1, .keep = 3}};
    CHECK_THROWS_AS(train_small(checkpoint, 4), Killed);
    const std::string whole = content(folder.path() / numbered(4));
    const std::vector<std::string> damages{"", whole.substr(0, 8), whole.substr(0, whole.size() / 2),
                                           whole.substr(0, whole.size() - 1) + '!', std::string(500, 'x')};
    for (const std::string& damaged : damages) {
        const TemporaryDirectory copy;
        std::filesystem::copy(folder.path(), copy.path() / "run");
        copy.write("run/" + numbered(4), damaged);
        const scripted::Errors errors;
        CHECK(train_small({copy.path() / "run", {.save_freq = 1, .keep = 3}}) == expected);
        const std::string message = errors.text();
        CHECK(message.starts_with("WARNING: " + (copy.path() / "run" / numbered(4)).string() + ": "));
        CHECK(message.ends_with("; taking the checkpoint before it\n"));
        CHECK(names_in(copy.path() / "run").size() == 3);
    }
    for (const int number : {2, 3, 4}) folder.write(numbered(number), "damaged");
    const scripted::Errors errors;
    CHECK_THROWS_MATCHES(train_small(checkpoint), DataError, says("none of the checkpoints can be read (there are 3)"));
    CHECK(names_in(folder.path()).size() == 3);
}

TEST_CASE("checkpoint: a newer damaged file is replaced, and not taken again") {
    const TemporaryDirectory folder;
    const Checkpoint<float> checkpoint = {folder.path(), {.save_freq = 1}};
    CHECK_THROWS_AS(train_small(checkpoint, 2), Killed);
    folder.write(numbered(3), "damaged");
    folder.write(numbered(5), "damaged");
    const scripted::Errors errors;
    CHECK_THROWS_AS(train_small(checkpoint, 1), Killed);
    CHECK(names_in(folder.path()) == std::vector<std::string>{numbered(2), numbered(3)});
    CHECK(train_small(checkpoint) == train_small({}));
}

TEST_CASE("checkpoint: other files are left alone, but for those half written") {
    const TemporaryDirectory folder;
    folder.write("notes.txt", "mine");
    folder.write("checkpoint-1.safetensors", "mine");
    folder.write("checkpoint-x.safetensors", "mine");
    folder.write("checkpoint-00000003.safetensors.0a1b2c3d.part", "half");
    folder.write("other.part", "mine");
    train_small({folder.path(), {.keep = 1}});
    CHECK(names_in(folder.path()) == std::vector<std::string>{numbered(2), "checkpoint-1.safetensors",
                                                              "checkpoint-x.safetensors", "notes.txt", "other.part"});
}

TEST_CASE("checkpoint: folders that cannot be written are refused before training, and options that make no sense") {
    const TemporaryDirectory folder;
    folder.write("file", "");
    CHECK_THROWS_MATCHES(train_small(folder.path() / "file"), DataError,
                         says("the folder for checkpoints cannot be made"));
    CHECK_THROWS_MATCHES(train_small(folder.path() / "file" / "run"), DataError,
                         says("cannot be made: Not a directory"));
    if (std::filesystem::exists("/proc/self")) CHECK_THROWS_AS(train_small("/proc/self/run"), DataError);
#if !defined(_WIN32)
    if (geteuid() != 0) { // root may write anywhere
        std::filesystem::create_directory(folder.path() / "closed");
        std::filesystem::permissions(folder.path() / "closed",
                                     std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
        CHECK_THROWS_MATCHES(train_small(folder.path() / "closed"), DataError,
                             says("cannot be written: Permission denied"));
    }
#endif
    CHECK_THROWS_MATCHES(Checkpoint<float>(""), ValueError, says("checkpoint: a folder is missing"));
    CHECK_THROWS_MATCHES(Checkpoint<float>("run", {.keep = 0}), ValueError, says("keep must be at least 1, got 0"));
    CHECK_THROWS_MATCHES(Checkpoint<float>("run", {.save_freq = -1}), ValueError,
                         says("save_freq must not be negative"));
    CHECK_THROWS_MATCHES(Checkpoint<float>("run", {.save_seconds = -1}), ValueError, says("save_seconds must not be"));
    CHECK_FALSE(std::filesystem::exists("run"));
}

#if !defined(_WIN32)
TEST_CASE("checkpoint: a disk that is full ends training with an error, and the checkpoints before stay") {
    const TemporaryDirectory folder;
    const Checkpoint<float> checkpoint = {folder.path(), {.save_freq = 1}};
    CHECK_THROWS_AS(train_small(checkpoint, 3), Killed);
    {
        const SizeLimit limit(1000);
        CHECK_THROWS_MATCHES(train_small(checkpoint), DataError,
                             says(numbered(4) + ": cannot be written: File too large"));
    }
    CHECK(names_in(folder.path()) == std::vector<std::string>{numbered(2), numbered(3)});
    CHECK(train_small(checkpoint) == train_small({}));
}
#endif

TEST_CASE("checkpoint: of another training, the folder stays as it is") {
    const TemporaryDirectory folder;
    train_small(folder.path());
    const std::string before = content(folder.path() / numbered(2));
    auto model = networks::small();
    networks::compile(model, SGD{});
    CHECK_THROWS_MATCHES(
        model.fit(networks::images(20), {.epochs = 2, .batch_size = 8, .verbose = 0, .checkpoint = folder.path()}),
        ValueError, says("is of another training: learning rate at the beginning is 0.001 there, 0.01 here; "));
    CHECK(names_in(folder.path()) == std::vector<std::string>{numbered(1), numbered(2)});
    CHECK(content(folder.path() / numbered(2)) == before);
}

TEST_CASE("checkpoint: killed before the oldest is removed, the next start removes it") {
    const TemporaryDirectory folder;
    train_small(folder.path());
    std::filesystem::copy_file(folder.path() / numbered(2), folder.path() / numbered(3));
    train_small(folder.path()); // has come to its end and writes nothing
    CHECK(names_in(folder.path()) == std::vector<std::string>{numbered(2), numbered(3)});
}

TEST_CASE("checkpoint: callbacks in another order are refused") {
    const TemporaryDirectory folder;
    const auto fit = [&](Callback<float>& one, Callback<float>& two) {
        auto model = networks::small();
        networks::compile(model);
        model.fit(networks::images(20),
                  {.epochs = 2, .verbose = 0, .callbacks = {&one, &two}, .checkpoint = folder.path()});
    };
    EarlyStopping<float> loss({.monitor = "loss"}), accuracy({.monitor = "accuracy"});
    ReduceLROnPlateau<float> reduce({.monitor = "loss"});
    fit(loss, accuracy);
    fit(loss, accuracy);
    CHECK_THROWS_MATCHES(fit(accuracy, loss), DataError,
                         says("does not fit: a callback monitored loss, now it is accuracy"));
    CHECK_THROWS_MATCHES(fit(reduce, accuracy), DataError, says("there is no \"cooldown\""));
}

#if defined(__linux__)
namespace {

constexpr const char* killed_folder = "FOVEA_TEST_KILLED";

/// A training of a second or two, and what it leaves.
std::string train_to_be_killed(const std::filesystem::path& folder) {
    struct Slow : Callback<float> {
        void on_train_batch_end(Index, const Logs&) override {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    } slow;
    std::filesystem::create_directories(folder);
    auto model = networks::normalized();
    networks::compile(model);
    CSVLogger<float> csv(folder / "log.csv");
    ReduceLROnPlateau<float> reduce({.monitor = "loss", .factor = 0.5, .patience = 1});
    model.fit(networks::images(120), {.epochs = 6,
                                      .batch_size = 5,
                                      .validation_split = 0.1,
                                      .verbose = 0,
                                      .callbacks = {&slow, &csv, &reduce},
                                      .checkpoint = {folder / "run", {.save_freq = 2}}});
    return text(model.weights_hash(), '\n', content(folder / "log.csv"));
}

/// This program again, with the test case below and nothing else; its process.
pid_t start_training(const std::filesystem::path& folder) {
    const std::string variable = text(killed_folder, '=', folder.string());
    std::vector<char*> environment{const_cast<char*>(variable.c_str())};
    for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
    environment.push_back(nullptr);
    const char* const arguments[] = {"fovea_tests", "killed training", nullptr};
    const pid_t child = fork();
    if (child != 0) return child;
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execve("/proc/self/exe", const_cast<char* const*>(arguments), environment.data());
    _exit(127);
}

} // namespace

TEST_CASE("killed training") { // only what the next test case starts
    if (const char* const folder = std::getenv(killed_folder))
        write_atomically(std::filesystem::path(folder) / "result", train_to_be_killed(folder));
    else
        SUCCEED("nobody asks for it");
}

TEST_CASE("checkpoint: kill -9 at 20 random moments, and the final weights are bit for bit the same") {
    const TemporaryDirectory folder;
    const std::string expected = train_to_be_killed(folder.path() / "whole");
    const random::Stream stream{11, random::Purpose::user, 0, 0};
    int trainings = 0;
    std::filesystem::path place = folder.path() / text(trainings);
    const auto check_result = [&](int status) {
        REQUIRE(WIFEXITED(status));
        REQUIRE(WEXITSTATUS(status) == 0);
        CHECK(content(place / "result") == expected);
        const std::vector<std::string> names = names_in(place / "run");
        CHECK(names.size() == 2);
        for (const std::string& name : names) CHECK(name.ends_with(".safetensors"));
    };
    int status = 0;
    for (std::uint64_t kills = 0, starts = 0; kills < 20; ++starts) {
        REQUIRE(starts < 200);
        const pid_t child = start_training(place);
        REQUIRE(child > 0);
        std::this_thread::sleep_for(std::chrono::microseconds(stream.below(starts, 300'000)));
        kill(child, SIGKILL);
        REQUIRE(waitpid(child, &status, 0) == child);
        if (WIFSIGNALED(status)) {
            ++kills;
        } else { // it came to its end: another one
            check_result(status);
            place = folder.path() / text(++trainings);
        }
    }
    const pid_t child = start_training(place);
    REQUIRE(child > 0);
    REQUIRE(waitpid(child, &status, 0) == child);
    check_result(status);
}
#endif
