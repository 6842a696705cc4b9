#pragma once
// What clients ask replies to be written in.
#include <ironlaw/present/output_format.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A kind of reply by its media type.
struct MediaType {
  std::string_view type;  ///< "text/csv"
  OutputFormat format;
};

/// Every format of results as clients name it.
[[nodiscard]] std::span<const MediaType> result_types();

/// The first of `offered` that an Accept header takes most; the first of all where it is empty. Throws InputError where it takes
/// none.
[[nodiscard]] std::string_view accepted_type(std::string_view accept, std::span<const std::string_view> offered);
/// The same among the formats of results.
[[nodiscard]] const MediaType& accepted_result(std::string_view accept);

}  // namespace ironlaw::host
