#pragma once
#include <ironlaw/sdk.hpp>

using namespace ironlaw;

/// A latent diffusion model with a transformer in the place of the U-Net (Peebles and Xie 2023, 'Scalable Diffusion Models with
/// Transformers', ICCV): one forward pass denoises all latent patches of an image once.
struct DiffusionTransformer {
  static constexpr auto about = Kind::About{"diffusion_transformer", "transformer that denoises patches of a latent image"};
  using Interface = Workload;
  struct Fields {
    int layers = required;
    int hidden_size = required;
    int heads = required;
    int patch_size = 2;
    int latent_size = 32;
    int latent_channels = 4;
    int denoising_steps = 1;
    bool guided = false;
  };
  static constexpr auto fields =
      ports(port<&Fields::layers>("blocks", at_least_one), port<&Fields::hidden_size>("width", at_least_one),
            port<&Fields::heads>("heads of attention", at_least_one),
            port<&Fields::patch_size>("latent pixels of a patch's side", at_least_one),
            port<&Fields::latent_size>("latent pixels of the image's side", at_least_one),
            port<&Fields::latent_channels>("channels of the latent image", at_least_one),
            port<&Fields::denoising_steps>("passes for an image", at_least_one),
            port<&Fields::guided>("classifier-free guidance: each step runs twice"));
  class Made final : public Workload {
   public:
    Made(const Fields& f, std::string_view name) : Workload(name), f_(f) {
      if (f.latent_size % f.patch_size != 0) throw DomainError("patch_size", "must divide latent_size");
      const double side = f.latent_size / f.patch_size;
      patches_ = side * side;
      patch_elements_ = 1.0 * f.patch_size * f.patch_size * f.latent_channels;
    }

   private:
    Demand do_demand(const Conditions& c) const override {
      if (c.phase != Phase::forward) throw Unsupported(name(), "a diffusion transformer has a forward pass alone");
      const double width = f_.hidden_size;
      const double passes = c.batch * f_.denoising_steps * (f_.guided ? 2 : 1);
      const double block = 12 * patches_ * width * width + 6 * width * width;
      const double ends = patches_ * patch_elements_ * width * 3 + 2 * width * width + (256 + width) * width;
      Demand d;
      d.linear = 2 * passes * (f_.layers * block + ends) * units::flop;
      d.attention = 2 * passes * f_.layers * 2 * patches_ * patches_ * width * units::flop;
      d.weights_resident = parameters_in_all() * c.formats.bytes(TensorClass::linear) * units::byte;
      d.weights_read = static_cast<double>(f_.denoising_steps) * d.weights_resident;
      d.activations = 2 * 14 * passes * f_.layers * patches_ * width * c.formats.bytes(TensorClass::activations) * units::byte;
      d.hidden_state = passes * patches_ * width * c.formats.bytes(TensorClass::activations) * units::byte;
      d.launches = static_cast<double>(f_.layers) * f_.denoising_steps;
      return d;
    }
    [[nodiscard]] double parameters_in_all() const {
      const double width = f_.hidden_size;
      return f_.layers * (18 * width * width + 15 * width) + 3 * patch_elements_ * width + 2 * width * width +
             (256 + width) * width;
    }
    WorkUnit do_unit() const noexcept override { return WorkUnit::sample; }
    Maybe<double> do_parameters() const noexcept override { return parameters_in_all(); }
    Fields f_;
    double patches_ = 0;
    double patch_elements_ = 0;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};
