#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fovea/keras/load.hpp>
#include <fovea/keras/read_optimizer.hpp>

/// What `compile` was told in Keras. Optional: needs libzip and libhdf5 (link fovea::keras). Apart from load.hpp, since every
/// optimizer, loss and metric is compiled with it.
namespace fovea {

namespace keras::detail {

template <class T>
AnyLoss<T> read_loss(const Json& object, const std::string& where) {
    ObjectOptions in(object, where);
    if (!in.has_options()) return loss_from_name<T>(in.type());
    const auto with = [&](auto loss) -> AnyLoss<T> {
        if constexpr (requires { loss.from_logits; }) in.take("from_logits", loss.from_logits);
        if constexpr (requires { loss.label_smoothing; }) in.take("label_smoothing", loss.label_smoothing);
        if constexpr (requires { loss.alpha; }) in.take("alpha", loss.alpha);
        if constexpr (requires { loss.gamma; }) in.take("gamma", loss.gamma);
        if constexpr (requires { loss.apply_class_balancing; })
            in.take("apply_class_balancing", loss.apply_class_balancing);
        if constexpr (requires { loss.delta; }) in.take("delta", loss.delta);
        in.require_no_more();
        return loss;
    };
    const std::string& type = in.type();
    if (type == "SparseCategoricalCrossentropy") return with(SparseCategoricalCrossentropy{});
    if (type == "CategoricalCrossentropy") return with(CategoricalCrossentropy{});
    if (type == "BinaryCrossentropy") return with(BinaryCrossentropy{});
    if (type == "CategoricalFocalCrossentropy") return with(CategoricalFocalCrossentropy{});
    if (type == "BinaryFocalCrossentropy") return with(BinaryFocalCrossentropy{});
    if (type == "MeanSquaredError") return with(MeanSquaredError{});
    if (type == "MeanAbsoluteError") return with(MeanAbsoluteError{});
    if (type == "Huber") return with(Huber{});
    if (type == "KLDivergence") return with(KLDivergence{});
    if (type == "CosineSimilarity") return with(CosineSimilarity{});
    throw DataError(in.where() + ": fovea has no such loss");
}

/// `numbers`: how many there are in a position of the output, by which "accuracy" is one metric or another.
template <class T>
AnyMetric<T> read_metric(const Json& object, Index numbers, const std::string& where) {
    ObjectOptions in(object, where);
    const std::string& type = in.type();
    if (!in.has_options() && (type == "accuracy" || type == "acc"))
        return numbers == 1 ? AnyMetric<T>(BinaryAccuracy{}) : AnyMetric<T>(Accuracy{});
    if (type == "SparseCategoricalAccuracy" || type == "CategoricalAccuracy" || type == "sparse_categorical_accuracy" ||
        type == "categorical_accuracy")
        return Accuracy{};
    if (!in.has_options()) return metric_from_name<T>(type);
    const auto with = [&](auto metric) -> AnyMetric<T> {
        if constexpr (requires { metric.k; }) in.take("k", metric.k);
        if constexpr (requires { metric.num_thresholds; }) in.take("num_thresholds", metric.num_thresholds);
        if constexpr (requires { metric.from_logits; }) in.take("from_logits", metric.from_logits);
        if constexpr (requires { metric.curve; })
            require<DataError>(in.at("curve") == "ROC", in.where(), ": only curve=\"ROC\" is supported");
        if constexpr (std::same_as<decltype(metric), BinaryAccuracy>) in.take("threshold", metric.threshold);
        in.require_no_more();
        return metric;
    };
    if (type == "BinaryAccuracy") return with(BinaryAccuracy{});
    if (type == "TopKCategoricalAccuracy") return with(TopKCategoricalAccuracy{});
    if (type == "SparseTopKCategoricalAccuracy") return with(SparseTopKCategoricalAccuracy{});
    if (type == "Precision") return with(Precision{});
    if (type == "Recall") return with(Recall{});
    if (type == "F1Score") return with(F1Score{});
    if (type == "AUC") return with(AUC{});
    if (type == "MeanSquaredError") return with(MeanSquaredError{});
    if (type == "MeanAbsoluteError") return with(MeanAbsoluteError{});
    if (type == "RootMeanSquaredError") return with(RootMeanSquaredError{});
    if (type == "CosineSimilarity") return with(CosineSimilarity{});
    throw DataError(in.where() + ": fovea has no such metric");
}

/// What a setting says for each output: one for all, a list, or a dictionary by the names of outputs.
template <class T>
std::vector<Json> by_output(const Model<T>& model, const Json& said, const std::string& where) {
    const std::size_t outputs = model.network().outputs();
    if (said.is_object() && !said.contains("class_name")) {
        std::vector<Json> all;
        for (std::size_t i = 0; i < outputs; ++i) all.push_back(said.value(model.network().output_name(i), Json()));
        return all;
    }
    if (!said.is_array()) return std::vector<Json>(outputs, said);
    require<DataError>(said.size() == outputs, where, ": the model has ", outputs, " outputs, got ", said.size());
    return {said.begin(), said.end()};
}

} // namespace keras::detail

/// Compiles a model that was read from a .keras file as it was compiled in Keras. The optimizer begins anew: its state is not
/// taken over. Throws DataError for a file of a model that was not compiled, and for what fovea does not have, which it names.
///
///     auto model = load_keras(path);
///     compile_as_in_keras(model, path);
template <class T>
void compile_as_in_keras(Model<T>& model, const std::filesystem::path& path) {
    using keras::Json;
    const keras::ZipReader archive(path);
    const Json file = keras::detail::read_config(archive, path.string());
    const std::string where = path.string() + ": compile";
    require<DataError>(file.is_object() && file.contains("compile_config") && file["compile_config"].is_object() &&
                           file["compile_config"].contains("optimizer"),
                       where, ": the model was not compiled in Keras");
    const Json& config = file["compile_config"];
    const auto said = [&](const char* name) { return config.value(name, Json()); };
    require<DataError>(said("weighted_metrics").empty(), where, ": weighted_metrics are not supported");
    const std::size_t outputs = model.network().outputs();
    try {
        CompileOptions<T> options{keras::read_optimizer<T>(said("optimizer"), where + ": optimizer")};
        for (const Json& loss : keras::detail::by_output(model, said("loss"), where + ": loss")) {
            require<DataError>(!loss.is_null(), where, ": an output has no loss");
            options.losses.push_back(keras::detail::read_loss<T>(loss, where + ": loss"));
        }
        if (!said("loss_weights").is_null())
            for (const Json& weight : keras::detail::by_output(model, said("loss_weights"), where + ": loss_weights"))
                options.loss_weights.push_back(weight.is_null() ? 1 : weight.get<double>());
        if (!said("metrics").is_null()) {
            // A model of one output has a plain list.
            const bool plain =
                outputs == 1 && !(said("metrics").is_object() && !said("metrics").contains("class_name"));
            const Json metrics = plain ? Json::array({said("metrics")}) : said("metrics");
            const std::vector<Json> lists = keras::detail::by_output(model, metrics, where + ": metrics");
            for (std::size_t i = 0; i < outputs; ++i) {
                const Shape& output = model.network().output_shape(i);
                auto& of_output = options.output_metrics.emplace_back();
                const Json list = lists[i].is_array() ? lists[i] : Json::array({lists[i]});
                for (const Json& metric : list)
                    if (!metric.is_null())
                        of_output.push_back(keras::detail::read_metric<T>(metric, output.last(), where + ": metric"));
            }
        }
        model.compile(std::move(options));
    } catch (const Json::exception&) {
        throw DataError(where + ": its settings are damaged");
    } catch (const ValueError& error) {
        throw DataError(where + ": " + error.what());
    }
}

} // namespace fovea
