#include "resumable.hpp"

#include <fovea/callbacks/stop_on_signal.hpp>
#include <fovea/io/checkpoint.hpp>

#include "command_line.hpp"

using namespace fovea;

void Resumable::add_to(CLI::App& app) {
    auto* const folder = app.add_option("--checkpoint", folder_, "Folder to keep checkpoints of the training in");
    app.add_option("--save-freq", save_freq_, "Batches from one checkpoint to the next; 0: one for each epoch");
    app.add_flag("--resume", resume_, "Go on from the checkpoint, if there is one")->needs(folder);
}

void Resumable::open() {
    require_range("--save-freq", save_freq_, 0, 1'000'000'000);
    if (folder_.empty()) return;
    require<ValueError>(resume_ || CheckpointFolder(folder_).empty(), "--checkpoint: ", folder_,
                        " has checkpoints of a training; --resume goes on with it");
    static StopOnSignal<float> stop;
    callbacks = {&stop};
    checkpoint = {folder_, {.save_freq = save_freq_}};
}
