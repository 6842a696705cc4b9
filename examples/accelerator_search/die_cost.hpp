#pragma once
#include "designed_accelerator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

/// Area of a design's die, part by part, and what die and memory cost (Zhang et al. 2024, 'LLMCompass', ISCA).
/// Transistor counts and areas of interfaces are those of the paper's published cost model; densities and prices of wafers are
/// from Khan and Mann 2020, 'AI Chips'; register files from EMPIRE at 90 nm. Dies that work: Seeds' law.
struct DieCost {
  static constexpr auto about =
      Solver::About{"die_cost", "Area and cost of a designed accelerator", "Zhang et al. 2024, 'LLMCompass', ISCA"};

  enum class Process { n7, n5 };
  struct Inputs {
    const Hardware* hardware;
    Process process = Process::n7;
    double defects_per_cm2 = 0.1;
    Money memory_price = 7.0 * units::dollar;
  };
  struct Outputs {
    Area control;
    Area vector_units;
    Area arrays;
    Area register_files;
    Area local_buffers;
    Area crossbar;
    Area global_buffer;
    Area interfaces;
    Area die;
    double dies_per_wafer;
    double yield;
    Money die_cost;
    Money memory_cost;
    Money cost;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::hardware>("a designed accelerator"), port<&Inputs::process>("process of the die"),
            port<&Inputs::defects_per_cm2>("defects that kill a die", non_negative),
            port<&Inputs::memory_price>("of a gigabyte of HBM2e, October 2023", non_negative));
  static constexpr auto outputs = ports(
      port<&Outputs::control>("control of the lanes").display("mm^2"),
      port<&Outputs::vector_units>("arithmetic of the vector units").display("mm^2"),
      port<&Outputs::arrays>("systolic arrays").display("mm^2"), port<&Outputs::register_files>("registers").display("mm^2"),
      port<&Outputs::local_buffers>("memory of the cores").display("mm^2"),
      port<&Outputs::crossbar>("from the cores to the global buffer").display("mm^2"),
      port<&Outputs::global_buffer>("memory that the cores share").display("mm^2"),
      port<&Outputs::interfaces>("controllers and drivers of memory and links").display("mm^2"),
      port<&Outputs::die>("the whole die").display("mm^2"), port<&Outputs::dies_per_wafer>("of 300 mm"),
      port<&Outputs::yield>("share of the dies that work"), port<&Outputs::die_cost>("of a die that works"),
      port<&Outputs::memory_cost>("of its stacks"), port<&Outputs::cost>("of both"));

  static Outputs solve(const Inputs& in) {
    const auto* d = in.hardware->facet<AcceleratorDesign>();
    if (d == nullptr) throw Unsupported(in.hardware->name(), "it was not designed here: what is on its die is not known");
    const bool n7 = in.process == Process::n7;
    const double density = n7 ? 96.3e6 : 138.2e6;    // transistors of a mm²
    const double bit_cell = n7 ? 1.70e-7 : 1.25e-7;  // mm²
    const double wafer = n7 ? 9346 : 16988;          // dollars
    const double lanes = d->cores * d->lanes;

    Outputs out{};
    out.control = mm2(lanes * d->vector_width * 996200 / density);
    // Half as many units for integers and for 32-bit numbers as the vector is wide, a quarter for 64-bit ones.
    out.vector_units =
        mm2(lanes * (d->vector_width / 2 * (integer_unit + multiplier(23)) + d->vector_width / 4 * multiplier(52)) / density);
    out.arrays = mm2(lanes * d->array_side * d->array_side * multiplier(10) / density);
    out.register_files = mm2(lanes * register_file(d->registers) * density_at_90_nm / density);
    out.local_buffers = mm2(d->cores * buffer(d->local_buffer.value(), bit_cell));
    out.crossbar = mm2(d->cores * 44.3e6 / density);
    out.global_buffer = mm2(buffer(d->global_buffer.value(), bit_cell));
    out.interfaces = mm2(d->memory_stacks * (10.45 + 552743000 / density) + d->device_links * (1.888 + 74632000 / density));
    out.die = out.control + out.vector_units + out.arrays + out.register_files + out.local_buffers + out.crossbar +
              out.global_buffer + out.interfaces;

    const double area = out.die.value() * 1e6;
    constexpr double diameter = 300;
    const double pi = std::numbers::pi;
    out.dies_per_wafer = pi * diameter * diameter / (4 * area) - pi * diameter / std::sqrt(2 * area);
    if (!(out.dies_per_wafer >= 1)) throw DomainError("hardware", "its die is larger than a wafer");
    out.yield = 1 / (1 + in.defects_per_cm2 * area / 100);
    out.die_cost = wafer / (out.dies_per_wafer * out.yield) * units::dollar;
    out.memory_cost = d->memory_capacity.value() / 1e9 * in.memory_price;
    out.cost = out.die_cost + out.memory_cost;
    return out;
  }

 private:
  static constexpr double integer_unit = 177690;     // transistors
  static constexpr double density_at_90_nm = 1.6e6;  // transistors of a mm²
  static Area mm2(double value) { return Area::from_value(value * 1e-6); }
  /// Transistors of a floating-point unit: those of 64 bits by the square of the mantissa.
  static constexpr double multiplier(double mantissa) { return 685300 * (mantissa / 52) * (mantissa / 52); }
  /// mm² at 90 nm of a file of 32-bit registers with four ports.
  static double register_file(double n) {
    constexpr double bits = 32;
    constexpr double ways = 4;
    return 1e-6 * (3.29e4 - 1.09e3 * n - 8.83e2 * bits - 5.55e3 * ways + 53.5 * n * bits + 0.015 * n * n + 0.0108 * bits * bits +
                   0.586 * ways * ways + 142 * n * ways + 368 * bits * ways);
  }
  /// mm² of a buffer in units of 512 KiB at most, each with the share of its area that cells take.
  static double buffer(double bytes, double bit_cell) {
    constexpr std::array<double, 9> share{0.076, 0.142, 0.247, 0.393, 0.559,
                                          0.704, 0.526, 0.602, 0.561};  // from 4 KiB on, by doubling
    constexpr double largest = 524288;
    const double units_of_it = std::ceil(bytes / largest);
    const double unit = std::max(4096.0, units_of_it > 1 ? largest : bytes);
    const auto doubled = static_cast<std::size_t>(std::ceil(std::log2(unit / 4096)));
    return units_of_it * unit * 8 * bit_cell / share[doubled];
  }
};
