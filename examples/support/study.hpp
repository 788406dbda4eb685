#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fovea/data/dataset.hpp>

/// The command line of the examples that compare ways of training: each way is tried with several seeds. It is read in study.cpp.
struct StudyOptions {
    /// What an example wants where the user says nothing.
    struct Defaults {
        const char* description;
        fovea::Index train_images;
        fovea::Index epochs;
    };

    std::string data; ///< empty: wherever mnist::find finds some; "drawn": digits that fovea draws
    fovea::Index train_images;
    fovea::Index test_images = 10000;
    fovea::Index epochs;
    std::vector<std::uint64_t> seeds; ///< 1, 2, 3

    /// Sets the number of threads at once. Throws fovea::ValueError for an option that makes no sense; `--help` prints and ends the
    /// program.
    StudyOptions(int argc, char** argv, const Defaults& defaults);

    /// The first images of MNIST, or of what there is in its place, and says so. Throws fovea::DataError.
    fovea::Splits load() const;
};

/// What came out, in percent: a row for each way of training, a column for each measure, a value for each seed.
class ResultTable {
public:
    explicit ResultTable(std::vector<std::string> columns) : columns_(std::move(columns)) {}

    /// Of one more seed, parts of 1, for the first columns or all; prints them.
    void add(const std::string& row, const std::vector<double>& values);

    double mean(const std::string& row, const std::string& column) const;

    /// Mean, least and largest of each.
    void print() const;

    /// Says whether something that was expected of the means is so.
    void expect(const std::string& what, bool is_so);
    bool as_expected() const { return as_expected_; }

private:
    std::vector<std::string> columns_;
    std::vector<std::string> rows_;                                  ///< in the order in which they came
    std::map<std::string, std::vector<std::vector<double>>> values_; ///< [row][column][seed]
    bool as_expected_ = true;
};

/// A copy in which each label has become one of the nine other digits, with the probability `share`.
fovea::Dataset flip_labels(fovea::Dataset set, double share, std::uint64_t seed);
